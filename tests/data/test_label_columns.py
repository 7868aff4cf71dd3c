from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.label_columns import exclusive_labels, indicator_array, indicators
from softlabel.errors import InputError


@pytest.mark.parametrize(
    "cells",
    [
        [0, 1, 1],
        [0.0, 1.0, 1.0],
        [False, True, True],
        ["0", "1", "1"],
        ["0.0", "1.0", "1.0"],
        ["false", "TRUE", " True "],
        pd.array([0, 1, 1], dtype="Int64"),
        pd.array([False, True, True], dtype="boolean"),
        pd.array(["0", "1", "1"], dtype="string"),
    ],
)
def test_zeros_and_ones_however_they_are_written(cells):
    codes = indicators(pd.DataFrame({"a": cells, "b": [1, 0, 1]}), ["b", "a"])
    assert codes.dtype == np.int64
    assert codes.tolist() == [[1, 0], [0, 1], [1, 1]]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([0, 2, 3], "'a' holds '2' in row 1, and 2 of 3 cells are neither 0 nor 1.*--votes"),
        ([0.5, 1, 0], "'a' holds '0.5' in row 0"),
        ([None, 1, 0], "'a' is empty in row 0"),
        (["1", "", "0"], "'a' is empty in row 1"),
        (["1", pd.NA, "0"], "'a' is empty in row 1"),
        (["1", "yes", "0"], "'a' holds 'yes' in row 1"),
    ],
)
def test_other_cells(cells, message):
    frame = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    with pytest.raises(InputError, match=message):
        indicators(frame, ["a"])
    with pytest.raises(InputError, match="the row of id z"):
        indicators(frame, ["a"], np.array(["z", "z", "z"]))


def test_exclusive_columns_are_labels():
    codes = np.array([[0, 1], [1, 0], [0, 1]])
    assert exclusive_labels(codes, ["dog", "cat"]).tolist() == ["cat", "dog", "cat"]
    assert exclusive_labels(codes, ["10", "2"]).tolist() == [2, 10, 2]
    assert exclusive_labels(codes, ["10", "2"], kind="text").tolist() == ["2", "10", "2"]
    assert exclusive_labels(codes, ["0.5", "2"], kind="number").tolist() == [2.0, 0.5, 2.0]


def test_none_or_several_where_one_is_needed():
    codes = np.array([[0, 1], [1, 1], [0, 0]])
    with pytest.raises(InputError, match=r"a, b are exclusive, but 2 of 3 rows .*row 1, with 2.*--task multilabel"):
        exclusive_labels(codes, ["a", "b"])
    with pytest.raises(InputError, match="the first is the row of id y, with 2"):
        exclusive_labels(codes, ["a", "b"], ids=np.array(["x", "y", "z"]))


def test_arrays_of_zeros_and_ones():
    codes, names = indicator_array(np.array([[0, 1], [1, 1]], dtype=np.uint8), name="y")
    assert (codes.tolist(), names.tolist(), codes.dtype) == ([[0, 1], [1, 1]], ["0", "1"], np.int64)
    assert indicator_array(np.ones((1, 2)), name="y", names=np.array(["p", "q"]))[1].tolist() == ["p", "q"]


@pytest.mark.parametrize(
    ("values", "names", "message"),
    [
        (np.array([0, 1]), None, r"shape \(2,\)"),
        (np.array([[0], [1]]), None, r"shape \(2, 1\)"),
        (np.array([[0, 1], [0, 0.5]]), None, "holds .*0.5.* in row 1, and other values than 0 and 1 in 1 of 2"),
        (np.array([[0, np.nan]]), None, "holds .*nan.* in row 0"),
        (np.array([["0", "1"]]), None, "in 1 of 1"),
        (np.array([[0, 1]]), ["a"], "label_names are a for the 2 columns"),
        (np.array([[0, 1]]), ["a", "a"], "give 2 different names"),
    ],
)
def test_arrays_that_hold_something_else(values, names, message):
    with pytest.raises(InputError, match=message):
        indicator_array(values, name="y", names=names)
