"""Distillation against its formula, done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, Memoriser, blobs
from softlabel import InputError, SoftmaxRegression
from softlabel.methods.distillation import Distillation

X, Y = blobs(n_per_class=20, spread=3.0)
HARD = np.eye(3)[Y]


@pytest.mark.parametrize("share", [0.25, 0.5, 1, np.float32(0.5)])
def test_targets_are_the_mixture(share):
    teacher = Centroids().fit(X, HARD).predict_targets(X)
    fitted = Distillation(SoftmaxRegression(), Centroids(), share=share, random_state=0).fit(X, Y)
    mixed = (1 - share) * HARD + share * teacher
    assert_allclose(fitted.label_distributions_, mixed, atol=1e-6)
    assert isinstance(fitted.estimator_, SoftmaxRegression)
    by_hand = SoftmaxRegression().fit(X, fitted.label_distributions_)
    assert_allclose(fitted.predict_proba(X), by_hand.predict_targets(X), atol=1e-6)
    assert_array_equal(fitted.suggested_labels_, teacher.argmax(axis=1))
    assert_array_equal(fitted.teachers_[0].predict_targets(X), teacher)
    assert (fitted.label_quality_ >= 1 - share - 1e-6).all()


def test_the_teacher_is_by_default_another_fit_of_the_students_estimator():
    fitted = Distillation(Centroids(), random_state=0).fit(X, Y)
    assert isinstance(fitted.teachers_[0], Centroids)
    assert fitted.teachers_[0] is not fitted.estimator_
    assert_allclose(
        fitted.label_distributions_, 0.5 * HARD + 0.5 * Centroids().fit(X, HARD).predict_targets(X), atol=1e-6
    )


def test_several_teachers_answer_with_their_mean():
    both = Distillation(Centroids(), [Centroids(), SoftmaxRegression()], share=1, random_state=0).fit(X, Y)
    alone = [
        Distillation(Centroids(), one, share=1, random_state=0).fit(X, Y) for one in (Centroids(), SoftmaxRegression())
    ]
    assert_allclose(both.label_distributions_, np.mean([one.label_distributions_ for one in alone], axis=0), atol=1e-6)
    assert [type(teacher).__name__ for teacher in both.teachers_] == ["Centroids", "SoftmaxRegression"]


def test_a_teacher_that_memorises_teaches_nothing():
    fitted = Distillation(Centroids(), Memoriser(), share=0.9, random_state=0).fit(X, Y)
    assert_array_equal(fitted.label_distributions_, HARD)
    assert fitted.history_[0]["moved"] == 0
    assert fitted.history_[0]["change"] == 0
    assert fitted.history_[0]["in_sample_accuracy"] == 1


def test_grades_as_numbers_are_mixed_with_the_teachers_number():
    fitted = Distillation(Ridge(), task="ordinal", share=0.25, random_state=0).fit(X, Y)
    answers = np.clip(Ridge().fit(X, Y).predict(X), 0, 2)
    assert_allclose(fitted.label_distributions_[:, 0], 0.75 * Y + 0.25 * answers, atol=1e-5)
    student = Ridge().fit(X, fitted.label_distributions_[:, 0])
    assert_allclose(fitted.predict_targets(X)[:, 0], np.clip(student.predict(X), 0, 2), atol=1e-5)
    assert_array_equal(fitted.predict(X), np.digitize(fitted.predict_targets(X)[:, 0], [0.5, 1.5]))


def test_the_history_has_one_entry():
    fitted = Distillation(Centroids(), share=1, random_state=0).fit(X, Y)
    (entry,) = fitted.history_
    answers = Centroids().fit(X, HARD).predict_targets(X)
    assert entry["generation"] == 1
    assert entry["moved"] == entry["newly_moved"] == np.count_nonzero(answers.argmax(axis=1) != Y)
    assert entry["change"] == pytest.approx(0.5 * np.abs(answers - HARD).sum(axis=1).mean(), abs=1e-6)
    assert entry["in_sample_accuracy"] == pytest.approx(np.mean(answers.argmax(axis=1) == Y))


def test_a_teacher_of_another_kind_is_refused_before_anything_is_fitted():
    with pytest.raises(InputError, match="LogisticRegression predicts classes"):
        Distillation(Ridge(), LogisticRegression(), task="ordinal").fit(X, Y)


@pytest.mark.parametrize("share", [-0.1, 1.1, "half", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*; give the teacher's weight, from 0"):
        Distillation(Centroids(), share=share).fit(X, Y)


@parametrize_with_checks([Distillation(LogisticRegression())])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
