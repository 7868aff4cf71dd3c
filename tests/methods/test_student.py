"""What every method of one student inherits, seen at a method that does nothing but say so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import get_tags

from simple_learners import Centroids, blobs
from softlabel import InputError, Plain
from softlabel.methods.student import StudentMethod

X, Y = blobs(n_per_class=10, spread=2.0)


class Half(StudentMethod):
    """Trains on half of the label and half of nothing in particular, and suggests the next class."""

    kinds = ("distribution",)
    why_these_kinds = "this one halves masses"

    def __init__(self, estimator=None, *, says=True, task=None, threads=1, random_state=None):
        self.estimator = estimator
        self.says = says
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def fit(self, X, y, *, targets=None, sample_weight=None, reference=None, validation=None, groups=None, cv=None):
        ready = self._prepared(X, y, targets, sample_weight, reference, groups=groups, cv=cv)
        self.ready = ready
        halved = (0.5 * ready.problem.given + 0.5 / 3).astype(np.float32)
        said = np.roll(ready.problem.given, 1, axis=1) if self.says else None
        models = self._student(ready, halved, validation)
        return self._hand_over(ready, halved, said, [{"generation": 1}], models)


def test_what_is_handed_over():
    fitted = Half(Centroids(), random_state=4).fit(X, np.array(["a", "b", "c"])[Y])
    assert_array_equal(fitted.classes_, ["a", "b", "c"])
    assert_array_equal(fitted.transduction_, np.array(["a", "b", "c"])[Y])
    assert_array_equal(fitted.suggested_labels_, np.array(["b", "c", "a"])[Y])
    assert np.allclose(fitted.label_quality_, 2 / 3)
    assert fitted.history_ == [{"generation": 1}]
    assert fitted.epochs_ == []
    assert fitted.random_state_ == 4
    assert fitted.estimator_ is fitted.estimators_[0]
    by_hand = Centroids().fit(X, fitted.label_distributions_)
    assert_array_equal(fitted.predict_targets(X), by_hand.predict_targets(X))


def test_nothing_of_an_earlier_fit_is_left():
    method = Half(LogisticRegression()).fit(X, Y)
    assert method.n_features_in_ == 2
    assert hasattr(method, "suggested_labels_")
    method.set_params(says=False, estimator=Centroids()).fit(X, Y)
    assert not hasattr(method, "n_features_in_")
    assert not hasattr(method, "suggested_labels_")


def test_groups_and_folds_come_through_where_a_method_takes_them():
    groups = np.arange(30) // 3
    problem = Half(Centroids()).fit(X, Y, groups=groups, cv=4).ready
    assert_array_equal(problem.problem.groups, groups)
    assert problem.settings.cv == 4


def test_without_folds_a_class_of_one_row_is_nothing_to_warn_of(recwarn):
    rare = Y.copy()
    rare[0] = 1
    rare[rare == 0] = 2
    rare[0] = 0
    Half(Centroids()).fit(X, rare)
    assert not recwarn.list


@pytest.mark.parametrize("estimator", [[Centroids(), Centroids()], (Centroids(),)], ids=["list", "tuple"])
def test_several_students_are_refused(estimator):
    with pytest.raises(InputError, match=r"estimator is a list of \d; Half trains one student"):
        Half(estimator).fit(X, Y)


def test_a_task_of_another_kind_is_refused():
    with pytest.raises(InputError, match="Half does not work on an entry from 0 to 1 for each label: this one halves"):
        Half(LogisticRegression()).fit(X, np.eye(3, dtype=int)[Y])


def test_tags_are_those_of_the_student():
    assert get_tags(Half(HistGradientBoostingClassifier())).input_tags.allow_nan
    assert not get_tags(Half(LogisticRegression())).input_tags.allow_nan
    assert get_tags(Half(LogisticRegression())).input_tags.sparse
    assert get_tags(Half([LogisticRegression()])).estimator_type == "classifier"  # refused in fit, not here


@pytest.mark.parametrize(
    ("rows", "pictures"), [(np.zeros((6, 4, 4), np.uint8), True), (np.zeros((6, 4)), False)], ids=["pictures", "table"]
)
def test_fit_asks_what_suits_by_the_rows_that_it_is_given(rows, pictures):
    asked = []

    class Asking(Plain):
        def check_suited(self, kind, learners, pictures=None):
            asked.append((kind, [type(one).__name__ for one in learners], pictures))
            raise InputError("nothing suits")

    with pytest.raises(InputError, match="nothing suits"):
        Asking(Centroids()).fit(rows, np.arange(6) % 2)
    assert asked == [("distribution", ["Centroids"], pictures)]
