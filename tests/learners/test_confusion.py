"""The model that instance noise is drawn by: fixed, out of fold, of any kind of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from softlabel.data.folds import stochastic_folds
from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.confusion import _block_means, confusion

IRIS = load_iris(return_X_y=True)


def test_it_is_logistic_regression_on_standardised_columns_out_of_fold():
    X, y = IRIS
    held_out, new = confusion(X, y, 3, seed=4, X_new=X[:7] + 1)
    scaled, expected, means = StandardScaler().fit(X), np.zeros((150, 3)), np.zeros((7, 3))
    for fold in stochastic_folds(y, 5, seed=4):
        model = LogisticRegression(C=1.0, max_iter=200).fit(scaled.transform(X[fold.train]), y[fold.train])
        expected[fold.held_out] = model.predict_proba(scaled.transform(X[fold.held_out]))
        means += model.predict_proba(scaled.transform(X[:7] + 1)) / 5
    np.testing.assert_allclose(held_out, expected, atol=1e-4)
    np.testing.assert_allclose(new, means, atol=1e-4)


def test_it_is_the_same_each_time_with_any_number_of_threads_and_changes_nothing():
    X, y = load_digits(return_X_y=True)
    X, y = X[:300], y[:300]
    before = X.copy(), y.copy()
    first, none = confusion(X, y, 10, seed=0)
    with threadpool_limits(2):
        again, _ = confusion(X, y, 10, seed=0)
    assert none is None
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, confusion(X, y, 10, seed=1)[0])
    assert np.array_equal(X, before[0])
    assert np.array_equal(y, before[1])


def test_no_row_is_predicted_by_a_model_that_knows_its_label_or_its_group():
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(60, 30)), 2, axis=0)  # (120, 30) each row twice
    y = np.repeat(rng.integers(0, 2, size=60), 2)  # which nothing but the row itself tells
    pairs = np.repeat(np.arange(60), 2)
    alone, together = (confusion(X, y, 2, seed=0, groups=groups)[0] for groups in (None, pairs))
    assert (alone.argmax(axis=1) == y).mean() > 0.75  # its twin has told
    assert (together.argmax(axis=1) == y).mean() < 0.65


def _halves(n=80):
    return np.arange(n) % 2


def _pictures(y):
    bright = np.random.default_rng(0).integers(0, 100, size=(len(y), 20, 10, 3), dtype=np.uint8)
    bright[y == 1, :10] += 100
    return bright


@pytest.mark.parametrize(
    "rows",
    [
        lambda y: pd.DataFrame({"size": y + 0.1 * np.arange(len(y)) % 1, "city": np.where(y == 1, "Ulm", "Bonn")}),
        lambda y: [f"a {'fine' if one else 'dull'} film number {number}" for number, one in enumerate(y)],
        lambda y: np.array([f"a {'fine' if one else 'dull'} film" for one in y], dtype=object),
        lambda y: sparse.coo_matrix(np.stack([y, 1 - y], axis=1) * 100.0),
        _pictures,
        lambda y: Images.from_array(_pictures(y)),
        lambda y: _pictures(y)[..., 0],
        lambda y: _pictures(y) / 255,
    ],
    ids=["table", "texts", "array of texts", "sparse", "bytes", "images", "grey bytes", "arrays"],
)
def test_any_kind_of_rows(rows):
    y = _halves()
    held_out, new = confusion(rows(y), y, 2, seed=0, X_new=rows(y[:6]))
    assert (held_out.argmax(axis=1) == y).all()
    assert (new.argmax(axis=1) == y[:6]).all()
    np.testing.assert_allclose(held_out.sum(axis=1), 1)


def test_sparse_rows_count_by_their_directions_and_mean_length():
    rng, y = np.random.default_rng(0), _halves()
    X = sparse.csr_matrix(rng.random((80, 5)) * (rng.random((80, 5)) > 0.5) + 0.3 * np.eye(5)[y])
    plain, _ = confusion(X, y, 2, seed=0)
    longer, _ = confusion(X * 64, y, 2, seed=0)
    np.testing.assert_allclose(plain, longer)


def test_blocks_of_pixels_have_their_mean():
    pixels = np.random.default_rng(0).integers(0, 256, size=(3, 32, 20, 2), dtype=np.uint8)
    means = _block_means(Images.from_array(pixels[..., [0, 1, 0]])).reshape(3, 16, 16, 3)
    assert means[1, 2, 0, 1] == pytest.approx(pixels[1, 4:6, 0:1, 1].mean())
    edges = np.linspace(0, 20, 16, endpoint=False).astype(int)
    assert means[2, 15, 15, 0] == pytest.approx(pixels[2, 30:32, edges[15] : 20, 0].mean())
    small = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)
    assert _block_means(Images.from_array(small)).tolist() == small.reshape(2, -1).tolist()


def test_wide_rows_are_brought_to_their_first_components():
    rng, y = np.random.default_rng(0), _halves(200)
    X = rng.normal(size=(200, 1)) * np.ones(500) + 0.1 * rng.normal(size=(200, 500))
    X[:, :250] += 2 * y[:, None]
    assert (confusion(X, y, 2, seed=0)[0].argmax(axis=1) == y).mean() > 0.95


def test_several_labels_have_a_regression_each():
    X, y = IRIS
    several = np.stack([y == 0, y > 0, np.ones(150)], axis=1).astype(int)
    held_out, new = confusion(X, several, 3, seed=0, X_new=X[:2])
    assert ((held_out[:, :2] > 0.5) == several[:, :2]).all()
    assert (held_out[:, 2] == 1).all()  # all rows have it
    assert new.shape == (2, 3)


def test_a_class_that_no_model_of_a_row_knows_has_no_probability():
    X, y = IRIS
    rare = np.where(np.arange(150) == 0, 3, y)
    held_out, _ = confusion(X, rare, 5, seed=0)
    assert held_out[0, 3] == 0
    assert (held_out[:, 4] == 0).all()
    assert (held_out[1:, 3] > 0).sum() > 100


@pytest.mark.parametrize(
    ("X", "y", "groups", "message"),
    [
        (np.zeros((1, 2)), np.array([0]), None, "there is 1 row; give more, or symmetric:P"),
        (np.zeros((4, 2)), np.array([0, 1, 0, 1]), np.zeros(4), "there is 1 group"),
        (range(4), np.array([0, 1, 0, 1]), None, "X is a range, which has no rows"),
    ],
)
def test_what_it_cannot_learn_from(X, y, groups, message):
    with pytest.raises(InputError, match=message):
        confusion(X, y, 2, seed=0, groups=groups)
