"""ILS2 against its formula, done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, blobs
from softlabel import ILS2, InputError, SoftmaxRegression
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.guard import set_apart
from softlabel.seeds import Seeds

X, Y = blobs(n_per_class=20, spread=3.0)
LOGITS = 2 * np.random.default_rng(0).normal(size=(60, 3))


def by_hand(s, eps):
    rows = np.empty((60, 3))
    for i, y in enumerate(Y):
        others = sum(s[i, j] for j in range(3) if j != y)
        rows[i] = eps * s[i] / others
        rows[i, y] = 1 - eps
    return rows


@pytest.mark.parametrize(("eps", "temperature"), [(0.01, 1), (0.1, 4), (0.2, 16), (0.9, 0.5)])
def test_targets_are_the_formula(eps, temperature):
    fitted = ILS2(Centroids(), softmax(LOGITS, axis=1), eps=eps, temperature=temperature, random_state=0).fit(X, Y)
    assert_allclose(fitted.label_distributions_, by_hand(softmax(LOGITS / temperature, axis=1), eps), atol=1e-5)
    assert_allclose(fitted.smoothing_, eps)


def test_the_temperature_acts_on_the_teacher_as_it_was_trained():
    fitted = ILS2(SoftmaxRegression(), temperature=2, random_state=0).fit(X, Y)
    assert abs(fitted.history_[0]["teacher_temperature"] - 1) > 0.05
    roots = np.sqrt(fitted.teacher_.predict_targets(X).astype(float))
    assert_allclose(fitted.label_distributions_, by_hand(roots, 0.1), atol=1e-5)


def test_smoothing_by_classes_is_alike_for_all_rows_of_a_class():
    p = softmax(LOGITS, axis=1)
    fitted = ILS2(Centroids(), p, similarity="class", temperature=2, eps=0.3, random_state=0).fit(X, Y)
    means = np.array([LOGITS[c == Y].mean(axis=0) for c in range(3)])
    assert_allclose(fitted.label_distributions_, by_hand(softmax(means / 2, axis=1)[Y], 0.3), atol=1e-5)


def test_classes_are_averaged_over_the_rows_set_apart():
    fitted = ILS2(SoftmaxRegression(), similarity="class", temperature=2, random_state=0, held_out=0.3).fit(X, Y)
    logs = np.log(fitted.teacher_.predict_targets(X).astype(float))
    apart = set_apart(0.3, Y, None, Seeds(0), "calibrate")
    means = np.array([logs[apart & (c == Y)].mean(axis=0) for c in range(3)])
    assert_allclose(fitted.label_distributions_, by_hand(softmax(means / 2, axis=1)[Y], 0.1), atol=1e-5)


def test_a_high_temperature_is_plain_smoothing():
    fitted = ILS2(Centroids(), softmax(LOGITS, axis=1), temperature=1e6, random_state=0).fit(X, Y)
    assert_allclose(fitted.label_distributions_, np.where(np.eye(3)[Y] == 1, 0.9, 0.05), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"similarity": "all"}, "similarity='all'; give one of 'row', 'class'"),
        ({"temperature": 0}, "temperature=0; give a number above 0"),
        ({"eps": -0.1}, "eps=-0.1; give a number from 0 to 1"),
    ],
    ids=str,
)
def test_bad_options_are_refused_before_anything_is_fitted(options, message):
    with fits_counted() as count, pytest.raises(InputError, match=message):
        ILS2(Centroids(), **options).fit(X, Y)
    assert count.n_fits == 0


POSITIONS = "rows are set apart by their positions, so that a row given twice is drawn twice"


@parametrize_with_checks(
    [ILS2(LogisticRegression())],
    expected_failed_checks=lambda estimator: {
        f"check_sample_weight_equivalence_on_{kind}_data": POSITIONS for kind in ("dense", "sparse")
    },
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_classes_are_averaged_over_the_same_rows_with_a_teacher_of_another_fit():
    options = {"similarity": "class", "random_state": 0}
    first = ILS2(SoftmaxRegression(), **options).fit(X, Y)
    reused = ILS2(SoftmaxRegression(), first.teacher_, **options).fit(X, Y)
    assert reused.label_distributions_.tobytes() == first.label_distributions_.tobytes()
    as_given = ILS2(SoftmaxRegression(), first.teacher_.estimator, **options).fit(X, Y)  # of which nothing is known
    assert np.abs(as_given.label_distributions_ - first.label_distributions_).max() > 1e-5
