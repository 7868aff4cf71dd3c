"""Fresh rows each seed, and distances to a posterior that is known."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison.toy_rows import ToyRows, distance_to_posterior, has_noisy_posterior, noisy_posterior
from softlabel.data.toy import toy_mixture, toy_posterior
from softlabel.errors import InputError
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import parse_corruption, symmetric

ROWS = ToyRows(n=60, n_fresh=50)


class Answering:
    """A fitted method that answers what it is told to."""

    def __init__(self, answer):
        self.predict_targets = answer


def test_each_seed_draws_rows_and_fresh_points_of_its_own():
    first, again, other = ROWS.parts(0, "none"), ROWS.parts(0, "none"), ROWS.parts(1, "none")
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.y_test, again.y_test)
    assert not np.isin(first.X, other.X).any()
    assert not np.isin(first.X_test, other.X_test).any()
    assert not np.isin(first.X, first.X_test).any()
    assert (first.X.shape, first.y.shape, first.X_test.shape) == ((60, 2), (60,), (50, 2))


def test_the_rows_of_seed_0_begin_the_built_in_data_set():
    X, y = toy_mixture(60, 0)
    np.testing.assert_array_equal(ROWS.parts(0, "none").X, X)
    np.testing.assert_array_equal(ROWS.parts(0, "none").y, y)


def test_labels_are_made_wrong_and_rows_stay():
    clean, noisy = ROWS.parts(3, "none"), ROWS.parts(3, "symmetric:0.3")
    np.testing.assert_array_equal(clean.X, noisy.X)
    np.testing.assert_array_equal(clean.X_test, noisy.X_test)
    np.testing.assert_array_equal(noisy.true_label, clean.y)
    np.testing.assert_array_equal(noisy.y_test, clean.y_test)
    assert clean.true_label is None
    assert (noisy.y != clean.y).sum() == 18
    assert (noisy.y_watch != clean.y_test).sum() == 15


def test_wrong_labels_have_an_address():
    wrong = symmetric(ROWS.parts(3, "none").y, 0.3, 3, Seeds(3).generator("corrupt"))
    np.testing.assert_array_equal(ROWS.parts(3, "symmetric:0.3").y, wrong)


def test_instance_noise_stands_where_classes_meet():
    rows = ToyRows(n=300, n_fresh=200)
    parts = rows.parts(0, "instance:0.2")
    moved = parts.y != parts.true_label
    assert moved.sum() == 60
    sure = toy_posterior(parts.X).max(axis=1)
    assert np.median(sure[moved]) < np.median(sure[~moved]) - 0.05
    assert (parts.y_watch != parts.y_test).sum() == 40
    np.testing.assert_array_equal(rows.parts(0, "instance:0.2").y, parts.y)


def test_noise_that_depends_on_rows_has_no_posterior_of_its_own():
    assert has_noisy_posterior("none")
    assert has_noisy_posterior("pair:0.2")
    for corruption in ("instance:0.2", "column:crowd"):
        assert not has_noisy_posterior(corruption)
        with pytest.raises(InputError, match="depends on the rows; give symmetric:P or pair:P"):
            noisy_posterior([[1.0, 0.0, 0.0]], corruption)


def test_the_reference_is_the_posterior():
    parts = ROWS.parts(0, "symmetric:0.1")
    np.testing.assert_array_equal(parts.reference, toy_posterior(parts.X))


def test_the_distance_of_answers_for_fresh_points():
    parts = ROWS.parts(0, "none")
    assert ROWS.extras(Answering(toy_posterior), parts, 0) == {"posterior_tv": 0.0}
    uniform = Answering(lambda X: np.full((len(X), 3), 1 / 3))
    by_hand = np.mean([abs(row - 1 / 3).sum() / 2 for row in toy_posterior(parts.X_test)])
    assert ROWS.extras(uniform, parts, 0)["posterior_tv"] == pytest.approx(by_hand)


def test_what_a_method_does_not_know_has_no_mass():
    parts = ROWS.parts(0, "none")
    rows = np.tile([1.0, np.nan, 0.0], (50, 1))
    found = ROWS.extras(Answering(lambda X: rows), parts, 0)["posterior_tv"]
    assert found == pytest.approx(1 - toy_posterior(parts.X_test)[:, 0].mean())


@pytest.mark.parametrize("corruption", ["none", "symmetric:0.4", "pair:0.3"])
def test_the_noisy_posterior_is_how_often_each_label_is_seen(corruption):
    n, p = 200_000, np.array([0.6, 0.3, 0.1])
    codes = np.random.default_rng(0).choice(3, size=n, p=p)
    if corruption != "none":
        codes = parse_corruption(corruption).apply(codes, 3, np.random.default_rng(1))
    np.testing.assert_allclose(
        np.bincount(codes, minlength=3) / n, noisy_posterior(p[None], corruption)[0], atol=0.005
    )  # five standard deviations


def test_the_noisy_posterior_by_hand():
    np.testing.assert_allclose(noisy_posterior([[0.5, 0.5, 0.0]], "symmetric:0.2"), [[0.45, 0.45, 0.1]])
    np.testing.assert_allclose(noisy_posterior([[1.0, 0.0, 0.0]], "pair:0.2"), [[0.8, 0.2, 0.0]])
    given = np.array([[0.2, 0.3, 0.5]])
    assert noisy_posterior(given, "none") is not given


def test_distance_to_posterior_of_one_hot_rows():
    X, y = toy_mixture(40, 5)
    posterior = toy_posterior(X)
    assert distance_to_posterior(X, np.eye(3)[y]) == pytest.approx(1 - posterior[np.arange(40), y].mean())


def test_wrong_sizes():
    with pytest.raises(InputError, match="at least 1 row"):
        ToyRows(n=0)
    with pytest.raises(InputError, match="at least 1 row"):
        ToyRows(n_fresh=0)
