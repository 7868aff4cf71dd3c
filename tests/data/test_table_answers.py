from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.columns import Columns
from softlabel.data.table_answers import RowValues, table_answers, with_vote_file
from softlabel.errors import InputError

FRAME = pd.DataFrame(
    {
        "id": ["r0", "r1", "r2"],
        "grade": ["1", "0", "1"],
        "cat": ["1", "0", "0"],
        "dog": ["0", "1", "1"],
        "bird": ["0", "1", "0"],
        "tags": ["cat|dog", None, "dog"],
        "n_0": [0, 3, 1],
        "n_1": [2, 0, 1],
        "p_cat": [0.9, 0.1, 0.0],
        "p_dog": [0.5, 1.0, 1.0],
        "p_bird": [0.0, 0.6, 0.2],
    }
)


def read(**options):
    return table_answers(FRAME, "t.csv", Columns(id="id", **options))


def test_one_column_of_labels():
    values = read(label="grade", groups="cat")
    assert (values.y.tolist(), values.ids.tolist(), values.groups.tolist()) == (
        [1, 0, 1],
        ["r0", "r1", "r2"],
        [1, 0, 0],
    )
    assert (values.label_names, values.targets, values.reference) == (None, None, None)
    assert read().y is None


def test_several_columns_that_exclude_each_other():
    assert read(label=("dog", "cat")).y.tolist() == ["cat", "dog", "dog"]
    with pytest.raises(InputError, match=r"the first is the row of id r1, with 2.*--task multilabel"):
        read(label=("cat", "dog", "bird"))


def test_several_labels_in_columns():
    values = read(label=("dog", "cat", "bird"), several=True)
    assert values.y.dtype == np.int64
    assert values.y.tolist() == [[0, 1, 0], [1, 0, 1], [1, 0, 0]]
    assert values.label_names.tolist() == ["dog", "cat", "bird"]
    part = read(label=("dog", "cat", "bird"), several=True, label_names=np.array(["bird", "cat", "dog"]))
    np.testing.assert_array_equal(part.y, values.y[:, [2, 1, 0]])
    with pytest.raises(InputError, match="the label columns are dog, cat and the training data has cat, cow"):
        read(label=("dog", "cat"), several=True, label_names=np.array(["cat", "cow"]))


def test_several_labels_in_one_column():
    values = read(label="tags", several=True)
    assert values.y.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert values.label_names.tolist() == ["cat", "dog"]
    with pytest.raises(InputError, match=r"does not have: dog .the first in the row of id r0"):
        read(label="tags", several=True, label_names=["cat"])
    assert read(several=True).y is None


def test_the_reference_of_several_labels_need_not_sum_to_one():
    values = read(label=("dog", "cat", "bird"), several=True, reference=("p_cat", "p_dog", "p_bird"))
    assert values.reference.tolist() == [[0.5, 0.9, 0.0], [1.0, 0.1, 0.6], [1.0, 0.0, 0.2]]


def test_votes_in_columns():
    values = read(votes=("n_0", "n_1"), reference=("votes",))
    assert values.y.tolist() == [1, 0, 0]
    assert values.label_names.tolist() == [0, 1]
    assert values.targets.tolist() == [[0, 1], [1, 0], [0.5, 0.5]]
    np.testing.assert_array_equal(values.reference, values.targets)
    values = read(label="grade", votes=("n_0", "n_1"))
    assert values.y.tolist() == [1, 0, 1]
    assert values.reference is None


def test_votes_in_a_file(tmp_path):
    path = tmp_path / "v.csv"
    pd.DataFrame({"id": ["r0", "r2", "x"], "annotator": [0, 0, 0], "label": [0, 1, 1]}).to_csv(path, index=False)
    with pytest.raises(InputError, match="votes on 1 ids that no row has: x"):
        read(label="grade", votes=(str(path),))
    with pytest.warns(UserWarning, match="1 of 3 rows have no votes"):
        values = read(label="grade", votes=(str(path),), whole=False)
    assert values.targets.tolist() == [[1, 0], [1, 0], [0, 1]]


def test_a_file_that_counts_rows_says_nothing_of_other_rows(tmp_path):
    path = str(tmp_path / "v.csv")
    pd.DataFrame({"id": [0, 1, 2], "annotator": [0, 0, 0], "label": [0, 1, 1]}).to_csv(path, index=False)
    assert table_answers(FRAME, "t.csv", Columns("grade", votes=(path,))).targets.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert table_answers(FRAME, "t.csv", Columns("grade", votes=(path,), whole=False)).targets is None
    with pytest.raises(InputError, match=r"votes by row number on the training rows.*--id"):
        table_answers(FRAME, "t.csv", Columns(votes=(path,), whole=False))
    values = with_vote_file(RowValues(np.arange(3), np.array([1, 1, 1])), Columns(votes=(path,), reference=("votes",)))
    assert values.targets.tolist() == values.reference.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert values.y.tolist() == [1, 1, 1]
    part = RowValues(np.arange(3), np.array([1, 1, 1]))
    assert with_vote_file(part, Columns(votes=(path,), whole=False)) is part
    with pytest.raises(InputError, match="votes by row number on the training rows"):
        with_vote_file(RowValues(np.arange(3)), Columns(votes=(path,), whole=False))
    named = RowValues(np.array([1, 7]), np.array([1, 1]))
    with pytest.warns(UserWarning, match="1 of 2 rows have no votes"):
        assert with_vote_file(named, Columns(votes=(path,), whole=False)).targets.tolist() == [[0, 1], [0, 1]]
    same = RowValues(np.arange(3))
    assert with_vote_file(same, Columns()) is same


@pytest.mark.parametrize(
    "options",
    [{"label": "gade"}, {"label": ("cat", "gade")}, {"votes": ("n_0", "gade")}, {"reference": ("gade", "n_0")}],
)
def test_columns_that_are_not_there(options):
    with pytest.raises(InputError, match=r"^t.csv has no column 'gade'; its columns are .*; did you mean 'grade'\?"):
        read(**options)
