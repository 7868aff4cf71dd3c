"""From numbers to grades by thresholds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.thresholds import apply_thresholds, as_grades, check_thresholds, check_values, midpoints

steady = settings(deadline=None, derandomize=True)


def test_midpoints_by_hand():
    t = midpoints([0, 1, 2, 4])
    assert t.dtype == np.float64
    assert t.tolist() == [0.5, 1.5, 3.0]
    assert midpoints(np.array([-2, 5], dtype=np.int8)).tolist() == [1.5]


def test_a_grade_on_a_threshold_belongs_above():
    assert apply_thresholds([0.5, 1.5, 2.5, np.nextafter(0.5, 0)], [0.5, 1.5, 2.5]).tolist() == [1, 2, 3, 0]
    # which is the same in float32, the form of targets
    assert apply_thresholds(np.array([0.5, 1.5], dtype=np.float32), [0.5, 1.5]).tolist() == [1, 2]


def test_beyond_the_ends():
    codes = apply_thresholds([-1e9, 1e9], [0.5, 1.5])
    assert codes.dtype == np.int64
    assert codes.tolist() == [0, 2]


@steady
@given(st.lists(st.floats(-10, 10), min_size=1), st.sets(st.integers(-5, 5), min_size=1))
def test_as_digitize(grades, thresholds):
    t = sorted(thresholds)
    assert_array_equal(apply_thresholds(grades, t), np.digitize(grades, t))


@steady
@given(st.lists(st.floats(-10, 10), min_size=1), st.sets(st.integers(-50, 50), min_size=2))
def test_midpoints_give_the_nearest_grade(grades, values):
    v = np.array(sorted(values))
    distance = np.abs(np.array(grades)[:, None] - v)
    chosen = apply_thresholds(grades, midpoints(v))
    assert_array_equal(distance[np.arange(len(grades)), chosen], distance.min(axis=1))
    assert_array_equal(apply_thresholds(v, midpoints(v)), np.arange(len(v)))


@pytest.mark.parametrize("kind", [list, np.asarray, pd.DataFrame])
def test_one_column_is_a_row_of_numbers(kind):
    assert as_grades(kind([[1], [2]])).tolist() == [1.0, 2.0]
    assert apply_thresholds(kind([[0.1], [0.9]]), [0.5]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: as_grades([[1, 2]]), r"grades: must be one number a row.*got shape \(1, 2\)"),
        (lambda: as_grades(["a"]), "grades: must be numbers"),
        (lambda: as_grades([1, np.nan, np.inf]), "grades: row 1 has nan, and 2 of 3 rows are not finite"),
        (lambda: as_grades([1, 2], n_rows=3), "has 2 rows where 3 are needed"),
        (lambda: check_values([1]), "two grades or more as numbers in increasing order"),
        (lambda: check_values([1, 1]), "increasing order"),
        (lambda: check_values([0, 1], k=3), "values has 2 grades and the targets 3 columns"),
        (lambda: check_thresholds([]), "one number or more"),
        (lambda: check_thresholds([1.5, 0.5]), "increasing order"),
        (lambda: check_thresholds([0.5], k=3), "are 1 numbers where 3 grades need 2"),
        (lambda: midpoints([2, 1]), "increasing order"),
        (lambda: apply_thresholds([np.nan], [0.5]), "not finite"),
    ],
)
def test_what_cannot_be_used_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
