"""Rows that fall off around the given grade."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import softmax

from softlabel.errors import InputError
from softlabel.targets.encode import harden, one_hot
from softlabel.targets.unimodal import unimodal

steady = settings(deadline=None, derandomize=True)


def test_by_hand():
    rows = unimodal([1, 0], [0, 1, 3], 1 / np.log(2))  # a grade away is half as much
    assert rows.dtype == np.float32
    assert_allclose(rows, [[0.5 / 1.75, 1 / 1.75, 0.25 / 1.75], [1 / 1.625, 0.5 / 1.625, 0.125 / 1.625]], rtol=1e-6)


def test_no_spread_is_one_hot():
    codes = [0, 2, 1]
    assert_array_equal(unimodal(codes, [0, 1, 5], 0), one_hot(codes, 3))
    assert_array_equal(unimodal(codes, [0, 1, 5], 1e-3), one_hot(codes, 3))
    assert_array_equal(unimodal(codes, [0, 1, 5], 5e-324), one_hot(codes, 3))  # distances overflow, without a warning


def test_much_spread_is_uniform():
    assert_allclose(unimodal([0], [0, 1, 5], 1e9), [[1 / 3] * 3], rtol=1e-6)


@steady
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(2, 7), st.floats(0.05, 20))
def test_laws(seed, n, k, spread):
    random = np.random.default_rng(seed)
    codes, values = random.integers(0, k, size=n), np.cumsum(random.random(k) + 0.1)
    rows = unimodal(codes, values, spread)
    assert_allclose(rows, softmax(-np.abs(values[codes][:, None] - values) / spread, axis=1), rtol=1e-5, atol=1e-12)
    assert_allclose(rows.sum(axis=1), 1, atol=1e-6)
    assert_array_equal(harden(rows), codes)
    rises = np.diff(rows, axis=1) >= 0  # (n, k - 1): up to the given grade, then down
    assert_array_equal(
        rises[rows[:, 1:] != rows[:, :-1]], (np.arange(k - 1) < codes[:, None])[rows[:, 1:] != rows[:, :-1]]
    )


@pytest.mark.parametrize("spread", [-1, np.nan, np.inf, "0.5", True])
def test_bad_spreads_are_refused(spread):
    with pytest.raises(InputError, match=r"spread is .*; give a number of grades"):
        unimodal([0], [0, 1], spread)


def test_bad_codes_and_values_are_refused():
    with pytest.raises(InputError, match="codes are 0 to 1"):
        unimodal([2], [0, 1], 1.0)
    with pytest.raises(InputError, match="increasing order"):
        unimodal([0], [1, 1], 1.0)
