import numpy as np
import pytest

from softlabel import InputError
from softlabel.targets.corrupt import Corruption
from softlabel.tasks import Multilabel


def test_names_are_positions_where_none_are_given():
    assert Multilabel.from_labels([[1, 0, 1]]).classes.tolist() == [0, 1, 2]
    assert Multilabel.from_labels([[True, False]], ["a", "b"]).labels([[1, 1], [0, 0]]).tolist() == ["a|b", ""]


@pytest.mark.parametrize(
    ("y", "names", "message"),
    [
        ([[0, 2]], None, "row 0 has 2 in column 1; give 1 where a row has the label"),
        ([[0, 0.5]], None, "row 0 has 0.5 in column 1"),
        ([[0, 1]], ["a"], "y has 2 columns and there are 1 names"),
        ([[0, 1]], ["a", "a"], "a name of its own"),
        ([0, 1], None, "two-dimensional"),
    ],
)
def test_what_are_no_indicators_is_refused(y, names, message):
    with pytest.raises(InputError, match=message):
        Multilabel.from_labels(y, names)


def test_a_label_that_all_training_rows_have_or_none_is_unknown_to_the_model():
    task = Multilabel(["a", "b", "c"])
    train = np.array([[1, 0, 1], [1, 0, 0]], np.float32)
    marked = task.mark_unseen(np.full((2, 3), 0.4, np.float32), train)
    assert np.isnan(marked[:, :2]).all()
    assert (marked[:, 2] == np.float32(0.4)).all()
    filled = task.fill_unseen(marked, np.array([[1, 0, 0], [0, 1, 1]], np.float32))
    assert filled.tolist() == [[1, 0, pytest.approx(0.4)], [0, 1, pytest.approx(0.4)]]


def test_scores_that_are_not_defined_are_left_out():
    task = Multilabel(["a", "b"])
    assert "mean_auc" not in task.scores([[1, 0], [1, 0]], [[0.9, 0.1], [0.8, 0.2]])


def test_rows_of_several_labels_have_no_next_class():
    with pytest.raises(InputError, match=r"pair:0.2 moves a row to another class"):
        Multilabel(["a", "b"]).corrupt(np.zeros((5, 2), int), Corruption("pair", 0.2), np.random.default_rng(0))
