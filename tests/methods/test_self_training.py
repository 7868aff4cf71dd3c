"""Self-training against its recursion, done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, Memoriser, blobs
from softlabel import InputError
from softlabel.methods.self_training import SelfTraining

X, Y = blobs(n_per_class=20, spread=3.0)
HARD = np.eye(3)[Y]


@pytest.mark.parametrize("n_generations", [1, 2, 4])
def test_each_generation_learns_from_the_answers_of_the_one_before(n_generations):
    rows, answers = HARD, []
    for _ in range(n_generations - 1):
        rows = Centroids().fit(X, rows).predict_targets(X)
        answers.append(rows)
    fitted = SelfTraining(Centroids(), n_generations=n_generations, random_state=0).fit(X, Y)
    assert_allclose(fitted.label_distributions_, rows, atol=1e-5)
    assert_allclose(fitted.predict_proba(X), Centroids().fit(X, rows).predict_targets(X), atol=1e-5)
    assert_array_equal(fitted.transduction_, fitted.suggested_labels_)
    assert fitted.n_generations_ == n_generations
    assert [entry["generation"] for entry in fitted.history_] == list(range(1, n_generations))
    for entry, said in zip(fitted.history_, answers, strict=True):
        assert entry["moved"] == np.count_nonzero(said.argmax(axis=1) != Y)
        assert entry["in_sample_accuracy"] == pytest.approx(np.mean(said.argmax(axis=1) == Y))
    for entry, before, said in zip(fitted.history_, [HARD, *answers], answers, strict=False):
        assert entry["newly_moved"] == np.count_nonzero(said.argmax(axis=1) != before.argmax(axis=1))
        assert entry["change"] == pytest.approx(0.5 * np.abs(said - before).sum(axis=1).mean(), abs=1e-5)


@pytest.mark.parametrize("learner", [Memoriser(), KNeighborsClassifier(1)])
def test_who_memorises_hands_the_labels_on_as_they_are(learner):
    fitted = SelfTraining(learner, n_generations=4, random_state=0).fit(X, Y)
    assert_array_equal(fitted.label_distributions_, HARD)
    assert [entry["moved"] for entry in fitted.history_] == [0, 0, 0]


def test_grades_as_numbers_are_replaced():
    fitted = SelfTraining(Ridge(), task="ordinal", n_generations=3, random_state=0).fit(X, Y)
    first = np.clip(Ridge().fit(X, Y).predict(X), 0, 2)
    second = np.clip(Ridge().fit(X, first).predict(X), 0, 2)
    assert_allclose(fitted.label_distributions_[:, 0], second, atol=1e-5)


@pytest.mark.parametrize("n_generations", [0, -1, 1.5, "3", None, True])
def test_bad_numbers_of_generations_are_refused(n_generations):
    with pytest.raises(InputError, match=r"n_generations=.*; give a whole number, 1"):
        SelfTraining(Centroids(), n_generations=n_generations).fit(X, Y)


@parametrize_with_checks([SelfTraining(LogisticRegression(), n_generations=2)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
