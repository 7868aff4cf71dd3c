"""The check that every array of target rows passes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.rows import check_targets, normalise_rows

steady = settings(deadline=None, derandomize=True)
masses = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.floats(0, 1)).map(
    lambda rows: rows + (rows.sum(axis=1, keepdims=True) < 1e-6)  # no row without mass
)
distributions = masses.map(lambda rows: rows / rows.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(
    "targets",
    [
        [[0.5, 0.5], [1, 0]],
        ((0.5, 0.5), (1, 0)),
        np.array([[0.5, 0.5], [1, 0]], dtype=np.float16),
        np.array([[0.5, 0.5], [1, 0]], dtype=object),
        pd.DataFrame({"a": [0.5, 1], "b": [0.5, 0]}),
        pd.DataFrame({"a": ["0.5", "1"], "b": [0.5, 0]}),
    ],
    ids=lambda targets: type(targets).__name__,
)
def test_any_container_becomes_float32(targets):
    checked = check_targets(targets, n_rows=2, n_columns=2)
    assert checked.dtype == np.float32
    assert checked.tolist() == [[0.5, 0.5], [1.0, 0.0]]


@steady
@given(distributions)
def test_checked_rows_are_valid_and_checking_twice_changes_no_byte(targets):
    before = targets.copy()
    checked = check_targets(targets)
    assert_allclose(checked.sum(axis=1, dtype=np.float64), 1.0, atol=1.2e-7)
    assert_allclose(checked, targets, atol=1e-7)
    assert (checked >= 0).all()
    assert check_targets(checked).tobytes() == checked.tobytes()
    assert_array_equal(targets, before)


@steady
@given(masses)
def test_normalised_rows_are_in_proportion(rows):
    normalised = normalise_rows(rows)
    assert normalised.dtype == np.float32
    assert_allclose(normalised, rows / rows.sum(axis=1, keepdims=True), atol=1.3e-7)
    assert normalise_rows(normalised).tobytes() == normalised.tobytes()


@steady
@given(masses, st.randoms(use_true_random=False))
def test_permuted_rows_and_columns_are_normalised_alike(rows, random):
    order = random.sample(range(rows.shape[0]), rows.shape[0])
    columns = random.sample(range(rows.shape[1]), rows.shape[1])
    assert_array_equal(normalise_rows(rows[order]), normalise_rows(rows)[order])
    assert_allclose(normalise_rows(rows[:, columns]), normalise_rows(rows)[:, columns], atol=1e-7)


def test_a_new_array_is_returned():
    targets = np.array([[0.5, 0.5]], dtype=np.float32)
    assert not np.shares_memory(check_targets(targets), targets)


def test_small_errors_are_repaired():
    assert check_targets([[0.3001, 0.7]])[0] == pytest.approx([0.3001 / 1.0001, 0.7 / 1.0001], abs=1e-7)
    assert check_targets([[1.0 + 5e-7, -5e-7]]).tolist() == [[1.0, 0.0]]


def test_tolerance_can_be_wider():
    assert check_targets([[0.5, 0.54]], tolerance=0.05)[0].sum() == pytest.approx(1.0)
    with pytest.raises(InputError, match=r"row 0 sums to 1\.04"):
        check_targets([[0.5, 0.54]])


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([[1, 0], [0.5, 0.4], [0.1, 0.1]], "row 1 sums to 0.9, and 2 of 3 rows are off 1 by more than 0.001"),
        ([[1, 0], [0, 0]], "row 1 sums to 0,"),
        ([[1, 0], [0.5, np.nan], [np.nan, np.nan]], "row 1 has nan in column 1, and 2 of 3 rows"),
        ([[np.inf, 0]], "row 0 has inf in column 0"),
        ([[0.5, 0.5], [1.1, -0.1]], "row 1 has the negative value -0.1 in column 1"),
        ([[1.0 + 2e-6, -2e-6]], "negative value -2e-06"),
        ([0.5, 0.5], r"got shape \(2,\)"),
        ([[[1.0]]], r"got shape \(1, 1, 1\)"),
        (np.zeros((3, 0)), r"got shape \(3, 0\)"),
        ([["a", "b"]], "must be a table of numbers"),
        ([[1, 0], [1]], "must be a table of numbers"),
        (None, "must be"),
        (pd.DataFrame({"a": [0.5, None], "b": [0.5, 1.0]}), "row 1 has nan in column 0"),
    ],
)
def test_bad_targets_are_refused_by_row(targets, message):
    with pytest.raises(InputError, match=message) as caught:
        check_targets(targets, name="round 1")
    assert str(caught.value).startswith("round 1: ")
    assert "\n" not in str(caught.value)


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match="has 1 rows where 2 are needed"):
        check_targets([[0.5, 0.5]], n_rows=2)
    with pytest.raises(InputError, match="has 2 columns where 3 are needed"):
        check_targets([[0.5, 0.5]], n_columns=3)


def test_no_rows_are_fine():
    assert check_targets(np.zeros((0, 3)), n_rows=0, n_columns=3).shape == (0, 3)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 1], [0, 0]], r"row 1 sums to 0 and cannot be normalised \(1 of 2 rows\)"),
        ([[1, -1]], "negative"),
        ([[1, np.nan]], "nan"),
        ([[1e308, 1e308]], "sums to inf"),
    ],
)
def test_rows_that_cannot_be_normalised_are_refused(rows, message):
    with pytest.raises(InputError, match=message):
        normalise_rows(rows)
