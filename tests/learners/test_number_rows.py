import numpy as np
import pandas as pd
import pytest

from softlabel.errors import InputError
from softlabel.learners.number_rows import as_number_rows


@pytest.mark.parametrize(
    "y", [[0, 1.5], (0, 1.5), np.array([0, 1.5]), np.array([[0], [1.5]]), pd.Series([0, 1.5], index=[5, 3])], ids=repr
)
def test_a_row_or_a_column_of_numbers_is_a_column(y):
    found = as_number_rows(y, 2)
    assert found.dtype == np.float32
    assert found.tolist() == [[0.0], [1.5]]


def test_several_columns_booleans_and_a_copy():
    given = np.ones((3, 2), np.float32)
    found = as_number_rows(given, 3)
    found[:] = 7
    assert (given == 1).all()
    assert as_number_rows([True, False], 2).tolist() == [[1.0], [0.0]]


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "requires y to be passed, but the target y is None"),
        ([1, 2, 3], "y has 3 rows for 2 rows of X; give one for each"),
        (["a", "b"], "y must hold one number, or one row of numbers, for each row of X"),
        ([[1, 2], [3]], "y must hold one number"),
        ([1, None], "y has nan in row 1, and 1 of 2 values are no finite numbers"),
        ([[1, 2], [3, np.inf]], "y has inf in row 1, and 1 of 4 values"),
        ([1, -1e300], "y has -1e\\+300 in row 1"),
        (3.0, r"y has shape \(\); give one number for each row of X"),
        (np.ones((2, 0)), r"y has shape \(2, 0\)"),
        (np.ones((2, 1, 1)), r"y has shape \(2, 1, 1\)"),
        ([1j, 2], "Complex data not supported: y holds complex128"),
    ],
    ids=repr,
)
def test_what_is_no_number_for_each_row(y, words):
    with pytest.raises(InputError, match=words) as told:
        as_number_rows(y, 2)
    assert "\n" not in str(told.value)
