from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from softlabel.errors import InputError
from softlabel.learners.given_rows import as_given_rows


@pytest.mark.parametrize("X", [pd.DataFrame({"a": [1, 2]}), sparse.csr_array(np.eye(2)), np.eye(2)], ids=type)
def test_rows_are_passed_as_they_are(X):
    assert as_given_rows(X) is X


def test_lists_become_arrays_and_texts_stay_a_list():
    assert as_given_rows([[1, 2], [3, 4]]).shape == (2, 2)
    assert as_given_rows(["a text", "another"]) == ["a text", "another"]


@pytest.mark.parametrize(
    ("X", "says"),
    [(np.arange(3.0), "Expected 2D array, got 1D array"), (np.array([[1j]]), "Complex data"), ({"a": 1}, "no rows")],
)
def test_what_no_estimator_takes_is_refused(X, says):
    with pytest.raises(InputError, match=says):
        as_given_rows(X)
