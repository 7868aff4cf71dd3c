"""Label smoothing against its formula, and what becomes of little masses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, blobs
from softlabel import InputError, SoftmaxRegression
from softlabel.methods.label_smoothing import LabelSmoothing, smoothed_rows
from softlabel.methods.plain import Plain

X, Y = blobs(n_per_class=20, k=4, spread=3.0)
HARD = np.eye(4)[Y]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 1, np.float32(0.5)])
def test_the_share_goes_to_all_classes(share):
    fitted = LabelSmoothing(SoftmaxRegression(), share=share, random_state=0).fit(X, Y)
    expected = (1 - share) * HARD + share / 4
    assert_allclose(fitted.label_distributions_, expected, atol=1e-7)
    by_hand = SoftmaxRegression().fit(X, fitted.label_distributions_)
    assert_allclose(fitted.predict_proba(X), by_hand.predict_targets(X), atol=1e-6)
    assert_allclose(fitted.label_quality_, 1 - 0.75 * share, atol=1e-6)


def test_or_to_the_other_classes_alone():
    fitted = LabelSmoothing(Centroids(), share=0.3, spread="others").fit(X, Y)
    assert_allclose(fitted.label_distributions_, np.where(HARD == 1, 0.7, 0.1), atol=1e-7)
    assert_array_equal(fitted.transduction_, Y)
    assert not hasattr(fitted, "suggested_labels_")
    assert fitted.history_ == []


@pytest.mark.parametrize("spread", ["uniform", "others"])
def test_entries_are_questions_of_two_classes(spread):
    y = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]] * 5)
    fitted = LabelSmoothing(Ridge(), share=0.2, spread=spread).fit(X[:20], y)
    given_away = 0.1 if spread == "uniform" else 0.2
    assert_allclose(fitted.label_distributions_, np.where(y == 1, 1 - given_away, given_away), atol=1e-7)
    assert_array_equal(fitted.transduction_, y)


def test_soft_first_targets_are_smoothed_as_they_are():
    rows = np.random.default_rng(0).dirichlet(np.ones(4), size=len(Y)).astype(np.float32)
    fitted = LabelSmoothing(Centroids(), share=0.1).fit(X, Y, targets=rows)
    assert_allclose(fitted.label_distributions_, 0.9 * rows + 0.025, atol=1e-6)


@pytest.mark.parametrize("estimator", [SoftmaxRegression(), GaussianNB(), Centroids()], ids=lambda e: type(e).__name__)
def test_no_share_is_the_plain_method_to_the_byte(estimator):
    smoothed = LabelSmoothing(estimator, share=0.0, random_state=3).fit(X, Y)
    plain = Plain(estimator, random_state=3).fit(X, Y)
    assert smoothed.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()
    assert smoothed.label_distributions_.tobytes() == plain.label_distributions_.tobytes()


def test_little_masses_reach_learners_that_make_row_copies():
    # .1 over 20 classes is .005 each, and row copies below .01 are not made unless they are asked for
    many_X, many_Y = blobs(n_per_class=6, k=20, spread=1.0)
    smoothed = LabelSmoothing(LogisticRegression(max_iter=500), share=0.1, random_state=0).fit(many_X, many_Y)
    copies = np.repeat(many_X, 20, axis=0)
    by_hand = LogisticRegression(max_iter=500).fit(
        copies, np.tile(np.arange(20), len(many_Y)), sample_weight=smoothed.label_distributions_.ravel()
    )
    assert_allclose(smoothed.predict_proba(many_X), by_hand.predict_proba(many_X), atol=2e-3)
    plain = Plain(LogisticRegression(max_iter=500), random_state=0).fit(many_X, many_Y)
    assert np.abs(smoothed.predict_proba(many_X) - plain.predict_proba(many_X)).max() > 0.05


def test_grades_as_numbers_are_refused_and_as_distributions_are_not():
    with pytest.raises(InputError, match=r"LabelSmoothing does not work on grades as numbers: .* no other classes"):
        LabelSmoothing(Ridge(), task="ordinal").fit(X, Y)
    fitted = LabelSmoothing(Centroids(), task="ordinal").fit(X, Y)
    assert fitted.task_.kind == "distribution"


@pytest.mark.parametrize("share", [-0.1, 1.5, "0.1", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*; give the mass that a label gives away, from 0"):
        LabelSmoothing(Centroids(), share=share).fit(X, Y)


def test_a_bad_spread_is_refused():
    with pytest.raises(InputError, match="spread='even'; give one of 'uniform', 'others'"):
        LabelSmoothing(Centroids(), spread="even").fit(X, Y)


def test_rows_alone():
    assert_allclose(smoothed_rows(np.array([[0.5, 1.0]]), 0.4, "others", "independent"), [[0.5, 0.6]])
    assert_allclose(smoothed_rows(np.array([[0.5, 0.5]]), 0.4, "uniform", "distribution"), [[0.5, 0.5]])


@parametrize_with_checks([LabelSmoothing(LogisticRegression())])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore:.* rows have no label")
@pytest.mark.parametrize("spread", ["uniform", "others"])
def test_little_masses_of_several_labels_are_not_lost(spread):
    y = np.stack([Y > 1, Y % 2], axis=1).astype(int)  # (n, 2)
    learner = LogisticRegression()
    plain = Plain(learner, random_state=0, task="multilabel").fit(X, y)
    mild = LabelSmoothing(learner, share=0.008, spread=spread, random_state=0, task="multilabel").fit(X, y)
    more = LabelSmoothing(learner, share=0.04, spread=spread, random_state=0, task="multilabel").fit(X, y)
    nearer = np.abs(mild.predict_proba(X) - plain.predict_proba(X)).mean()
    assert 1e-4 < nearer < np.abs(more.predict_proba(X) - plain.predict_proba(X)).mean() / 3
