"""ILS1 against its formulas, done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, blobs
from softlabel import ILS1, InputError, SoftmaxRegression
from softlabel.methods.fit_count import fits_counted

X, Y = blobs(n_per_class=20, spread=3.0)
TABLE = np.random.default_rng(0).dirichlet(np.ones(3), 60)


def by_hand(eps):
    rows = np.empty((60, 3))
    for i, y in enumerate(Y):
        rows[i] = eps[i] / 2
        rows[i, y] = 1 - eps[i]
    return rows


@pytest.mark.parametrize(("shift", "slope"), [(0.975, 0.75), (0.85, 2.0), (0, 1), (1, 3)])
def test_targets_are_the_quadratic(shift, slope):
    fitted = ILS1(Centroids(), TABLE, shift=shift, slope=slope, random_state=0).fit(X, Y)
    wanted = slope * (TABLE[np.arange(60), Y] - shift) ** 2
    eps = np.minimum(wanted, 2 / 3)
    assert_allclose(fitted.smoothing_, eps, atol=1e-6)
    assert_allclose(fitted.label_distributions_, by_hand(eps), atol=1e-6)
    assert fitted.history_[0]["share_clamped"] == np.mean(wanted > 2 / 3)


@pytest.mark.parametrize("form", ["proportional", "complement"])
def test_the_older_forms(form):
    fitted = ILS1(Centroids(), TABLE, form=form, eps=0.3, slope=99, random_state=0).fit(X, Y)
    p = TABLE[np.arange(60), Y]
    assert_allclose(fitted.label_distributions_, by_hand(0.3 * (p if form == "proportional" else 1 - p)), atol=1e-6)


def test_the_probability_is_the_calibrated_one():
    fitted = ILS1(SoftmaxRegression(), random_state=0).fit(X, Y)
    T = fitted.history_[0]["teacher_temperature"]
    assert abs(T - 1) > 0.05
    scaled = fitted.teacher_.predict_targets(X).astype(float) ** (1 / T)
    p = (scaled / scaled.sum(axis=1, keepdims=True))[np.arange(60), Y]
    assert_allclose(fitted.smoothing_, np.minimum(1.25 * (p - 0.925) ** 2, 2 / 3), atol=1e-5)


def test_labels_do_not_move_however_much_is_smoothed():
    fitted = ILS1(Centroids(), TABLE, slope=50, random_state=0).fit(X, Y)
    assert fitted.history_[0]["share_clamped"] > 0.5
    assert fitted.history_[0]["moved"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "cubic"}, "form='cubic'; give one of 'quadratic', 'proportional', 'complement'"),
        ({"shift": 2}, "shift=2; give a number from 0 to 1"),
        ({"slope": -1}, "slope=-1; give a number of 0 or more"),
        ({"eps": 1.5}, "eps=1.5; give a number from 0 to 1"),
    ],
    ids=str,
)
def test_bad_options_are_refused_before_anything_is_fitted(options, message):
    with fits_counted() as count, pytest.raises(InputError, match=message):
        ILS1(Centroids(), **options).fit(X, Y)
    assert count.n_fits == 0


POSITIONS = "rows are set apart by their positions, so that a row given twice is drawn twice"


@parametrize_with_checks(
    [ILS1(LogisticRegression())],
    expected_failed_checks=lambda estimator: {
        f"check_sample_weight_equivalence_on_{kind}_data": POSITIONS for kind in ("dense", "sparse")
    },
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
