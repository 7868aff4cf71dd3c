from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simple_learners import Centroids, blobs
from softlabel import InputError, SoftmaxRegression, StochasticLabelRefinery
from softlabel.methods.fitted_teacher import fitted_answers, is_fitted_teacher
from softlabel.tasks import Multiclass, Multilabel, Ordinal

X, Y = blobs(n_per_class=15, spread=2.0)
TASK = Multiclass([0, 1, 2])


class Asked:
    """Answers without having been fitted to anything."""

    def predict_proba(self, X):
        return np.full((len(X), 3), 1 / 3)


@pytest.mark.parametrize(
    ("teacher", "fitted"),
    [
        (None, False),
        (LogisticRegression, False),
        (LogisticRegression(), False),
        ([LogisticRegression().fit(X, Y)], False),
        (LogisticRegression().fit(X, Y), True),
        (make_pipeline(StandardScaler(), LogisticRegression()), False),
        (make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), True),
        (Centroids(), False),
        (Centroids().fit(X, np.eye(3)[Y]), True),
        (StochasticLabelRefinery(Centroids()), False),
        (Asked(), True),
    ],
    ids=[
        *(
            "nobody",
            "a class",
            "unfitted",
            "a list",
            "fitted",
            "unfitted pipeline",
            "fitted pipeline",
            "unfitted learner",
        ),
        *("fitted learner", "unfitted method", "no fit at all"),
    ],
)
def test_who_is_fitted(teacher, fitted):
    assert is_fitted_teacher(teacher) is fitted


def test_columns_stand_in_the_order_of_the_task():
    names = np.array(["b", "c", "a"])
    teacher = LogisticRegression().fit(X, names[Y])
    answers = fitted_answers(teacher, X, Multiclass(["b", "c", "a"]))
    # no swap of two, which would be its own inverse
    assert_allclose(answers, teacher.predict_proba(X)[:, [1, 2, 0]], atol=1e-6)
    assert answers.dtype == np.float32


def test_a_learner_knows_positions_and_a_method_its_classes():
    learner = Centroids().fit(X, np.eye(3)[Y])
    assert_allclose(fitted_answers(learner, X, Multiclass(["x", "y", "z"])), learner.predict_targets(X), atol=1e-6)
    method = StochasticLabelRefinery(Centroids(), n_rounds=1, random_state=0).fit(X, Y)
    assert_allclose(fitted_answers(method, X, TASK), method.predict_targets(X), atol=1e-6)
    positions = LogisticRegression().fit(X, Y)  # classes 0, 1, 2 for those of other names
    assert_allclose(fitted_answers(positions, X, Multiclass(["x", "y", "z"])), positions.predict_proba(X), atol=1e-6)


def test_numbers_that_are_names_are_names_to_a_classifier_and_positions_to_a_learner():
    task = Multiclass([2, 0, 1])
    classifier = LogisticRegression().fit(X, Y)
    assert_allclose(fitted_answers(classifier, X, task), classifier.predict_proba(X)[:, [2, 0, 1]], atol=1e-6)
    method = StochasticLabelRefinery(Centroids(), n_rounds=1, random_state=0).fit(X, Y)
    assert_allclose(fitted_answers(method, X, task), method.predict_targets(X)[:, [2, 0, 1]], atol=1e-6)
    learner = SoftmaxRegression().fit(X, np.eye(3)[Y])  # column 0 is the task's first class, 2
    assert learner.classes_.tolist() == [0, 1, 2]
    assert_allclose(fitted_answers(learner, X, task), learner.predict_targets(X), atol=1e-6)


def test_numbers_are_predicted_and_brought_to_the_scale():
    task = Ordinal.from_labels(Y)
    teacher = Ridge().fit(X, 10 * Y)
    assert_array_equal(fitted_answers(teacher, X, task)[:, 0], np.clip(teacher.predict(X), 0, 2).astype(np.float32))


def test_a_forest_answers_each_label():
    y = np.c_[Y == 0, Y > 0, Y == 2].astype(int)
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    answers = fitted_answers(forest, X, Multilabel.from_labels(y))
    assert_allclose(answers, np.column_stack([p[:, 1] for p in forest.predict_proba(X)]), atol=1e-6)


def test_the_callers_rows_stay_as_they_are():
    class Rude(Asked):
        def predict_proba(self, X):
            X[:] = 0
            return super().predict_proba(X)

    before = X.copy()
    fitted_answers(Rude(), X, TASK)
    assert_array_equal(X, before)


class Silent:
    def __init__(self):
        self.trained_ = True

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))


@pytest.mark.parametrize(
    ("teacher", "task", "message"),
    [
        (Silent(), TASK, "Silent is fitted and has neither predict_targets nor predict_proba"),
        (
            LogisticRegression().fit(X, Y == 1),
            TASK,
            r"knows the classes \[False, True\], and the labels here are \[0, 1, 2\] \(it lacks \[2\] and has none beside them\)",
        ),
        (LogisticRegression().fit(X, Y + 5), TASK, r"knows the classes \[5, 6, 7\]"),
        (Asked(), Multiclass([0, 1]), "the teacher Asked: has 3 columns"),
    ],
    ids=["no probabilities", "other classes", "other names", "another shape"],
)
def test_who_cannot_teach_is_refused(teacher, task, message):
    with pytest.raises(InputError, match=message):
        fitted_answers(teacher, X, task)
