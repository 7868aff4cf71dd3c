import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from softlabel import InputError, Multiclass, Multilabel, Ordinal, TorchClassifier, TorchRegressor
from softlabel.methods.task_choice import choose_task, warn_of_odd_labels
from softlabel.tasks import OrdinalDistribution, OrdinalScalar

Y = np.array([0, 1, 2, 1])
ENTRIES = np.array([[1, 0], [0, 1], [1, 0]])


def test_labels_say_what_they_are_where_nothing_is_said():
    assert isinstance(choose_task(None, Y, None), Multiclass)
    assert isinstance(choose_task(None, ENTRIES, None), Multilabel)
    assert isinstance(choose_task("multilabel", ENTRIES, None), Multilabel)


@pytest.mark.parametrize(
    ("estimator", "view"),
    [
        (None, OrdinalScalar),
        (Ridge(), OrdinalScalar),
        ([Ridge(), Ridge()], OrdinalScalar),
        (TorchRegressor("mlp"), OrdinalScalar),
        (LogisticRegression(), OrdinalDistribution),
        (TorchClassifier("mlp"), OrdinalDistribution),
    ],
    ids=str,
)
def test_an_ordinal_task_takes_the_view_that_the_estimator_serves(estimator, view):
    assert isinstance(choose_task("ordinal", Y, estimator), view)


def test_a_task_that_was_made_is_taken_as_it_is():
    task = Ordinal.from_labels(Y)
    assert choose_task(task, Y, LogisticRegression()) is task


@pytest.mark.parametrize(
    ("task", "y", "message"),
    [
        ("grades", Y, "task='grades'; give one of multiclass, ordinal, multilabel"),
        (3, Y, "task=3; give one of"),
        ("ordinal", ENTRIES, r"task='ordinal' takes one label a row, and y has shape \(3, 2\)"),
        ("multilabel", Y, "two-dimensional"),
        ("multilabel", np.array([["a", "b"]]), "as MultiLabelBinarizer of scikit-learn makes"),
    ],
)
def test_what_does_not_go_together_is_refused(task, y, message):
    with pytest.raises(InputError, match=message):
        choose_task(task, y, None)


def test_rare_labels_are_named_and_so_are_rows_with_none_or_all():
    task = Multilabel(["a", "b"])
    with pytest.warns(UserWarning, match=r"fewer rows than folds: b \(1\)"):
        warn_of_odd_labels(task, np.array([[1, 0]] * 6 + [[0, 1]]), 5)
    with pytest.warns(
        UserWarning, match=r"1 of 12 rows have no label \(first row 11\) and 1 of 12 rows have every label"
    ):
        warn_of_odd_labels(task, np.array([[1, 0]] * 5 + [[0, 1]] * 5 + [[1, 1], [0, 0]]), 5)


def test_a_name_that_differs_by_a_space_is_seen_to_differ():
    with pytest.warns(UserWarning, match=r"fewer rows than folds: ' cat' \(1\)"):
        warn_of_odd_labels(Multiclass(np.array([" cat", "cat", "dog"])), np.array([0] + [1] * 6 + [2] * 6), 5)


def test_a_grade_as_a_number_is_never_rare(recwarn):
    warn_of_odd_labels(Ordinal.from_labels([0, 1, 2], grades=range(5)), np.array([0, 1, 2]), 5)
    assert not recwarn
