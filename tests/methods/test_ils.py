"""ILS against its formula, done by hand, and against the two methods that it is made of."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import check_sample_weight_equivalence_on_dense_data, parametrize_with_checks

from simple_learners import Centroids, blobs
from softlabel import ILS, ILS1, ILS2, InputError, SoftmaxRegression
from softlabel.methods.fit_count import fits_counted

X, Y = blobs(n_per_class=20, spread=3.0)
LOGITS = 2 * np.random.default_rng(0).normal(size=(60, 3))


@pytest.mark.parametrize(("shift", "slope", "temperature"), [(0.975, 0.75, 1), (0.85, 2.0, 16)])
def test_targets_are_the_formula(shift, slope, temperature):
    p = softmax(LOGITS, axis=1)
    fitted = ILS(Centroids(), p, shift=shift, slope=slope, temperature=temperature, random_state=0).fit(X, Y)
    s = softmax(LOGITS / temperature, axis=1)
    expected = np.empty((60, 3))
    for i, y in enumerate(Y):
        eps = min(slope * (p[i, y] - shift) ** 2, 2 / 3)
        for j in range(3):
            expected[i, j] = 1 - eps if j == y else eps * s[i, j] / (1 - s[i, y])
    assert_allclose(fitted.label_distributions_, expected, atol=1e-5)


def test_it_smooths_as_much_as_ils1_and_where_ils2_does():
    ils = ILS(SoftmaxRegression(), slope=2, temperature=2, random_state=0).fit(X, Y)
    ils1 = ILS1(SoftmaxRegression(), ils.teacher_, slope=2, random_state=0).fit(X, Y)
    ils2 = ILS2(SoftmaxRegression(), ils.teacher_, temperature=2, eps=0.2, random_state=0).fit(X, Y)
    assert_allclose(ils.smoothing_, ils1.smoothing_)
    other = np.eye(3)[Y] == 0
    shares = [method.label_distributions_ * other / method.smoothing_[:, None] for method in (ils, ils2)]
    smoothed = ils.smoothing_ > 1e-3
    assert_allclose(shares[0][smoothed], shares[1][smoothed], atol=1e-4)
    assert np.ptp(ils.smoothing_) > 0.1


def test_a_row_that_the_teacher_doubts_much_may_speak_for_another_class():
    wrong = np.eye(3)[(Y + 1) % 3] * 0.97 + 0.01
    fitted = ILS(Centroids(), wrong, slope=2, temperature=1, random_state=0).fit(X, Y)
    assert fitted.history_[0]["moved"] == 60
    assert fitted.history_[0]["share_clamped"] == 1
    assert_allclose(fitted.label_distributions_.min(axis=1), 2 / 3 / 99, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shift": -1}, "shift=-1; give a number from 0 to 1"),
        ({"slope": "steep"}, "slope='steep'; give a number of 0 or more"),
        ({"temperature": None}, "temperature=None; give a number above 0"),
    ],
    ids=str,
)
def test_bad_options_are_refused_before_anything_is_fitted(options, message):
    with fits_counted() as count, pytest.raises(InputError, match=message):
        ILS(Centroids(), **options).fit(X, Y)
    assert count.n_fits == 0


POSITIONS = "rows are set apart by their positions, so that a row given twice is drawn twice"


@parametrize_with_checks(
    [ILS(LogisticRegression())],
    expected_failed_checks=lambda estimator: {
        f"check_sample_weight_equivalence_on_{kind}_data": POSITIONS for kind in ("dense", "sparse")
    },
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_weights_count_rows_where_none_are_set_apart():
    check_sample_weight_equivalence_on_dense_data("ILS", ILS(LogisticRegression(), held_out=0))
