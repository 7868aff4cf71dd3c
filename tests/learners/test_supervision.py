from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from softlabel.errors import InputError
from softlabel.learners.supervision import as_entries, as_grades, as_row_weights, as_target_rows, class_masses


@pytest.mark.parametrize("y", [["b", "a", "b"], np.array(["b", "a", "b"]), pd.Series(["b", "a", "b"], index=[7, 7, 7])])
def test_labels(y):
    classes, targets = as_target_rows(y, 3)
    assert classes.tolist() == ["a", "b"]
    assert targets.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_one_class_is_no_error_here():
    classes, targets = as_target_rows([4, 4], 2)
    assert classes.tolist() == [4]
    assert targets.tolist() == [[1], [1]]


@pytest.mark.parametrize("wrap", [np.asarray, list, pd.DataFrame])
def test_target_rows(wrap):
    classes, targets = as_target_rows(wrap([[0.25, 0.75], [1.0, 0.0]]), 2)
    assert classes.tolist() == [0, 1]
    assert targets.dtype == np.float32
    assert targets.tolist() == [[0.25, 0.75], [1.0, 0.0]]


def test_a_column_is_read_as_labels_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        classes, _ = as_target_rows(np.array([[3], [5]]), 2)
    assert classes.tolist() == [3, 5]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (None, "None"),
        ([0.5, 1.5], "continuous"),
        ([1.0, np.nan], "no label"),
        ([1, 2, 1], "3 labels for 2 rows"),
        ([[0.5, 0.6], [1, 0]], "row 0 sums to 1.1"),
        ([[1, 1], [1, 0]], "sums to 2"),
        ([[0.5, 0.5]], "1 rows where 2"),
        ([[0.5], [0.5, 0.5]], "objects of type list"),
    ],
)
def test_what_is_neither_is_refused(y, says):
    with pytest.raises(InputError, match=says):
        as_target_rows(y, 2)


def test_weights():
    assert as_row_weights(None, 3) is None
    assert as_row_weights([1, 0, 2], 3).tolist() == [1.0, 0.0, 2.0]
    assert as_row_weights(2, 3).tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1, 2], r"shape \(2,\)"),
        ([1, -1, 1], "-1.0 in row 1"),
        ([1, np.nan, 1], "nan in row 1"),
        ([0, 0, 0], "every sample_weight is 0"),
        (["a", "b", "c"], "one number"),
        ([[1], [1], [1]], r"shape \(3, 1\)"),
    ],
)
def test_weights_that_mean_nothing_are_refused(weights, says):
    with pytest.raises(InputError, match=says):
        as_row_weights(weights, 3)


def test_masses():
    targets = np.array([[0.5, 0.5], [1.0, 0.0]], dtype=np.float32)
    assert class_masses(targets, None).tolist() == [1.5, 0.5]
    assert class_masses(targets, np.array([0.0, 2.0])).tolist() == [2.0, 0.0]


@pytest.mark.parametrize(
    "y",
    [[1, 2.5, 0], [[1], [2.5], [0]], pd.Series([1, 2.5, 0], index=[9, 9, 9]), np.float32([[1], [2.5], [0]])],
    ids=type,
)
def test_grades(y):
    grades = as_grades(y, 3)
    assert (grades.tolist(), grades.dtype) == ([1.0, 2.5, 0.0], np.float64)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (None, "got None"),
        (2.0, "got 2.0"),
        ([1, 2], "2 grades for 3 rows"),
        ([[0.5, 0.5]] * 3, r"shape \(3, 2\); grades are one column"),
        ([1, np.inf, np.nan], "inf in row 1, and 2 of 3 grades"),
        (["low", "high", "low"], "grades as numbers"),
        ([[1], [1, 2], [3]], "grades as numbers"),
    ],
)
def test_what_are_no_grades_is_refused(y, says):
    with pytest.raises(InputError, match=says):
        as_grades(y, 3)


@pytest.mark.parametrize(
    "y", [[[0, 1], [1, 0.5]], pd.DataFrame([[0, 1], [1, 0.5]]), sparse.csr_array([[0, 1], [1, 0.5]])], ids=type
)
def test_entries(y):
    entries = as_entries(y, 2)
    assert (entries.tolist(), entries.dtype) == ([[0, 1], [1, 0.5]], np.float32)
    assert as_entries([[True], [False]], 2).tolist() == [[1], [0]]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (None, "the target y is None"),
        ([0, 1], r"shape \(2,\), one class a row at most"),
        ([[0, 1]], "1 rows where 2"),
        ([[0, 2], [0, 1]], "row 0 has 2 in column 1"),
        ([[0, -1], [0, 1]], "row 0 has -1 in column 1"),
        ([[0, np.nan], [0, 1]], "row 0 has nan in column 1"),
        ([[0, 1], [1]], "all of one length"),
        ([["a", "b"], ["c", "d"]], "numbers"),
    ],
)
def test_what_are_no_entries_is_refused(y, says):
    with pytest.raises(InputError, match=says):
        as_entries(y, 2)


def test_nothing_is_fitted_to_no_rows():
    for reader, y in ((as_grades, []), (as_entries, np.empty((0, 2)))):
        with pytest.raises(InputError, match="X has no row"):
            reader(y, 0)
