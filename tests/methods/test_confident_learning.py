"""Confident learning against cleanlab itself, on the same probabilities and on the same final fit."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.classification import CleanLearning
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, blobs
from softlabel import InputError, MissingExtraError, StochasticLabelRefinery
from softlabel.methods import confident_learning, label_issues
from softlabel.methods.confident_learning import ConfidentLearning
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.label_issues import Judgement, judge
from softlabel.methods.plain import Plain

X, TRUE = blobs(n_per_class=60, spread=1.0, seed=2)
WRONG = np.random.default_rng(0).random(len(TRUE)) < 0.2
Y = np.where(
    WRONG, (TRUE + 1 + (np.arange(len(TRUE)) % 4 == 0)) % 3, TRUE
)  # more to the next class than to the one after


@pytest.mark.filterwarnings("ignore")
def test_issues_weights_and_final_model_are_those_of_clean_learning():
    learner = LogisticRegression(max_iter=2000)
    ours = ConfidentLearning(learner, random_state=0).fit(X, Y)
    theirs = CleanLearning(clone(learner), verbose=False)
    theirs.fit(X, Y, pred_probs=ours.out_of_fold_.astype(np.float64))
    assert ours.issues_.sum() > 20
    assert_array_equal(ours.issues_, theirs.get_label_issues()["is_label_issue"])
    assert_allclose(ours.noise_matrix_, theirs.noise_matrix, rtol=1e-12)
    assert_allclose(ours.final_weights_, theirs.get_label_issues()["sample_weight"], rtol=1e-12)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)


def test_probabilities_are_out_of_fold_and_split_as_the_refinerys_first_round():
    ours = ConfidentLearning(Centroids(), cv=4, random_state=3).fit(X, Y)
    refinery = StochasticLabelRefinery(
        Centroids(), cv=4, n_rounds=1, momentum=0.0, final_targets="refined", random_state=3
    )
    refinery.fit(X, Y)
    assert_array_equal(ours.out_of_fold_, refinery.label_distributions_)
    pairs = list(KFold(3, shuffle=True, random_state=0).split(X))
    fixed = ConfidentLearning(Centroids(), cv=pairs, random_state=3).fit(X, Y)
    for train, held_out in pairs:
        by_hand = Centroids().fit(X[train], np.eye(3)[Y[train]]).predict_targets(X[held_out])
        assert_allclose(fixed.out_of_fold_[held_out], by_hand, atol=1e-6)


def test_what_it_hands_over():
    with fits_counted() as count:
        ours = ConfidentLearning(Centroids(), random_state=0).fit(X, Y)
    assert count.n_fits == 6
    said = ours.out_of_fold_.argmax(axis=1)
    assert_array_equal(ours.suggested_labels_, np.where(ours.issues_, said, Y))
    assert np.mean(ours.suggested_labels_[WRONG] == TRUE[WRONG]) > 0.9
    assert_array_equal(ours.label_distributions_, np.eye(3)[Y])  # pruned rows keep theirs
    assert_array_equal(ours.transduction_, Y)
    assert_allclose(ours.label_quality_, ours.out_of_fold_[np.arange(len(Y)), Y], atol=1e-7)
    (entry,) = ours.history_
    assert entry["n_issues"] == ours.issues_.sum()
    assert entry["n_kept"] == len(Y) - ours.issues_.sum()
    assert entry["unjudged"] == 0
    assert entry["oof_accuracy"] == pytest.approx(np.mean(said == Y))


@pytest.mark.parametrize("reweigh", [True, False])
def test_the_final_model_sees_the_rest_alone(reweigh):
    ours = ConfidentLearning(Centroids(), reweigh=reweigh, random_state=0).fit(X, Y)
    kept = ~ours.issues_
    weights = 1 / np.diag(ours.noise_matrix_)[Y[kept]] if reweigh else np.ones(kept.sum())
    assert_allclose(ours.final_weights_[kept], weights)
    assert (ours.final_weights_[~kept] == 0).all()
    by_hand = Centroids().fit(X[kept], np.eye(3)[Y[kept]], weights)
    assert_allclose(ours.predict_proba(X), by_hand.predict_targets(X), atol=1e-6)


def test_where_nothing_is_found_it_is_the_plain_method_to_the_byte():
    clean_X, clean_Y = blobs(n_per_class=30, spread=0.3)
    ours = ConfidentLearning(LogisticRegression(), random_state=4).fit(clean_X, clean_Y)
    plain = Plain(LogisticRegression(), random_state=4).fit(clean_X, clean_Y)
    assert not ours.issues_.any()
    assert ours.predict_proba(clean_X).tobytes() == plain.predict_proba(clean_X).tobytes()


def test_and_its_final_fit_has_no_weights():
    class Weightless(Centroids):
        def fit(self, X, targets):
            return super().fit(X, targets)

    clean_X, clean_Y = blobs(n_per_class=30, spread=0.3)
    assert (ConfidentLearning(Weightless(), random_state=4).fit(clean_X, clean_Y).final_weights_ == 1).all()


def test_rows_without_weight_are_judged_by_nobody():
    weight = np.where(np.arange(len(Y)) % 3 == 0, 0.0, 2.0)
    fixed = list(KFold(3, shuffle=True, random_state=0).split(X))
    ours = ConfidentLearning(Centroids(), cv=fixed, random_state=0).fit(X, Y, sample_weight=weight)
    assert not ours.issues_[weight == 0].any()
    counts = weight > 0
    expected = judge(Y[counts], ours.out_of_fold_[counts], "prune_by_noise_rate", 10)
    assert_array_equal(ours.issues_[counts], expected.issues)
    kept_rate = np.diag(expected.noise_matrix)[Y]
    assert_allclose(ours.final_weights_, np.where(ours.issues_, 0.0, weight / kept_rate))


def test_soft_first_targets_are_trained_on():
    rows = (0.8 * np.eye(3)[Y] + 0.2 / 3).astype(np.float32)
    ours = ConfidentLearning(Centroids(), reweigh=False, random_state=0).fit(X, Y, targets=rows)
    kept = ~ours.issues_
    assert_array_equal(ours.label_distributions_, rows)
    assert_allclose(ours.predict_proba(X), Centroids().fit(X[kept], rows[kept]).predict_targets(X), atol=1e-6)


def test_groups_are_never_on_both_sides():
    groups = np.arange(len(Y)) // 6
    seen = []

    class Watching(Centroids):
        def fit(self, X, targets, sample_weight=None):
            seen.append({row.tobytes() for row in X})
            return super().fit(X, targets, sample_weight)

    ConfidentLearning(Watching(), cv=3, random_state=0).fit(X, Y, groups=groups)
    for part in seen[:3]:
        there = np.array([row.tobytes() in part for row in X])
        assert not np.intersect1d(groups[there], groups[~there]).size


@pytest.mark.filterwarnings("ignore:classes with fewer rows")
@pytest.mark.filterwarnings("ignore:May not flag all label issues")
def test_a_class_that_no_model_of_a_row_knew_is_not_pruned():
    rare = Y.copy()
    rare[7] = 3
    ours = ConfidentLearning(Centroids(), random_state=0).fit(X, rare)
    assert ours.history_[0]["unjudged"] == 1
    assert np.isnan(ours.out_of_fold_[7, 3])
    assert not ours.issues_[7]
    assert ours.suggested_labels_[7] == 3


@pytest.mark.filterwarnings("ignore:classes with fewer rows")
@pytest.mark.filterwarnings("ignore:May not flag all label issues")
@pytest.mark.parametrize("weight", [None, np.full(len(Y), 2.0)], ids=["alike", "weighted"])
def test_a_class_of_which_no_row_was_judged_weighs_one(weight):
    rare = Y.copy()
    rare[7] = 3
    ours = ConfidentLearning(Centroids(), random_state=0).fit(X, rare, sample_weight=weight)
    times = 1 if weight is None else 2
    assert ours.final_weights_[7] == times
    kept = ~ours.issues_ & (rare < 3)
    assert_allclose(ours.final_weights_[kept], times / np.diag(ours.noise_matrix_)[rare[kept]])  # the others as ever


@pytest.mark.parametrize("judged", [True, False])
def test_no_class_weighs_more_than_a_thousand(judged, monkeypatch):
    def barely(codes, probabilities, *_):
        return Judgement(np.zeros(len(codes), dtype=bool), np.diag([1.0, 1.0, 1e-9 if judged else np.nan]))

    monkeypatch.setattr(confident_learning, "judge", barely)
    ours = ConfidentLearning(Centroids(), random_state=0).fit(X, Y)
    assert_allclose(ours.final_weights_, np.where(Y == 2, 1000.0 if judged else 1.0, 1.0))


@pytest.mark.parametrize(
    ("y", "estimator", "options"),
    [(Y, Ridge(), {"task": "ordinal"}), (np.eye(3, dtype=int)[Y], LogisticRegression(), {})],
    ids=["numbers", "several labels"],
)
def test_other_kinds_of_rows_are_refused(y, estimator, options):
    with pytest.raises(InputError, match=r"ConfidentLearning does not work on .*: it counts how often one class"):
        ConfidentLearning(estimator, **options).fit(X, y)


def test_grades_as_distributions_are_judged_as_classes():
    ours = ConfidentLearning(Centroids(), task="ordinal", random_state=0).fit(X, Y)
    assert_array_equal(ours.issues_, ConfidentLearning(Centroids(), random_state=0).fit(X, Y).issues_)
    assert_array_equal(ours.suggested_labels_[~ours.issues_], Y[~ours.issues_])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter_by": "luck"}, "filter_by='luck'; give one of 'prune_by_noise_rate'"),
        ({"min_examples_per_class": -1}, "min_examples_per_class=-1; give"),
        ({"min_examples_per_class": 1.5}, "min_examples_per_class=1.5; give"),
        ({"cv": 1}, "at least 2 folds"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ConfidentLearning(Centroids(), **options).fit(X, Y)


def test_without_cleanlab_it_is_refused_before_anything_is_fitted(monkeypatch):
    monkeypatch.setattr(label_issues, "find_spec", lambda name: None)
    with fits_counted() as count, pytest.raises(MissingExtraError, match="cleanlab is not installed"):
        ConfidentLearning(Centroids()).fit(X, Y)
    assert count.n_fits == 0


@pytest.mark.filterwarnings("ignore:May not flag all label issues")
@parametrize_with_checks([ConfidentLearning(LogisticRegression(), cv=2)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
