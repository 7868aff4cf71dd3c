from __future__ import annotations

import numpy as np
import pytest

from softlabel.data.dataset import Dataset
from softlabel.errors import InputError


def test_lengths_must_agree():
    X = np.zeros((3, 2))
    with pytest.raises(InputError, match="X has 3 rows and groups has 2"):
        Dataset(X, np.arange(3), np.arange(3), groups=np.arange(2))
    with pytest.raises(InputError, match="y has 4"):
        Dataset(X, np.arange(4), np.arange(3))


def test_take_takes_all_that_belongs_to_a_row():
    data = Dataset(
        np.arange(6).reshape(3, 2), np.array([0, 1, 2]), np.array(["a", "b", "c"]), guard=np.array([1, 0, 1]) > 0
    )
    some = data.take(np.array([2, 0]))
    assert len(some) == 2
    assert some.X.tolist() == [[4, 5], [0, 1]]
    assert some.y.tolist() == [2, 0]
    assert some.ids.tolist() == ["c", "a"]
    assert some.guard.tolist() == [True, True]
    assert some.groups is None


def test_columns_of_labels_and_masses_belong_to_rows_and_have_names():
    names = np.array(["p", "q"])
    rows = np.array([[1, 0], [1, 1], [0, 0]])
    data = Dataset(
        np.array(["a", "b", "c"], dtype=object), rows, np.arange(3), label_names=names,
        targets=np.float32(rows), reference=rows / 2,
    )  # fmt: skip
    some = data.take(np.array([True, False, True]))
    assert some.X.tolist() == ["a", "c"]
    assert some.y.tolist() == some.targets.tolist() == (2 * some.reference).tolist() == [[1, 0], [0, 0]]
    assert some.label_names is names
    with pytest.raises(InputError, match="targets has 2"):
        Dataset(np.zeros((3, 1)), np.arange(3), np.arange(3), targets=np.zeros((2, 2)), label_names=names)
    for name in ("y", "targets", "reference"):
        with pytest.raises(InputError, match=f"{name} has 2 columns and label_names is .*; each column needs a name"):
            Dataset(**({"X": np.zeros((3, 1)), "y": np.arange(3), "ids": np.arange(3)} | {name: rows}))
