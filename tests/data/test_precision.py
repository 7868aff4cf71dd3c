from __future__ import annotations

import numpy as np
import pytest

from softlabel.data.precision import fits_float32, narrow


@pytest.mark.parametrize(
    "column",
    [
        np.random.default_rng(0).normal(size=300),
        1000.1 + np.random.default_rng(0).normal(size=300),
        np.arange(100.0),
        np.array([0.1, 0.2, 1e9]),
        np.full(5, 0.1),
        np.array([np.nan, 1.5, 2.5]),
        np.array([1e-30, 2e-30, 5e-30]),
    ],
)
def test_usual_numbers_become_float32(column):
    narrowed = narrow(column[:, None])
    assert narrowed.dtype == np.float32
    np.testing.assert_allclose(narrowed[:, 0], column, rtol=1e-6)


@pytest.mark.parametrize(
    "column",
    [
        1.6e9 + np.arange(3600.0),  # seconds of one hour
        np.array([1e300, 2e300, 3e300]),
        np.array([1e39, 1e39]),
        1e8 + np.random.default_rng(0).normal(size=300),
    ],
)
def test_columns_that_would_lose_stay_float64(column):
    X = np.column_stack([np.arange(len(column)), column])  # one such column decides for the matrix
    assert narrow(X).dtype == np.float64
    np.testing.assert_array_equal(narrow(X), X)


def test_the_check_does_not_depend_on_how_rows_are_cut(monkeypatch):
    rng = np.random.default_rng(0)
    for offset in (0.0, 1e3, 1e5, 1e8):
        X = offset + rng.normal(size=(50, 3))
        whole = fits_float32(X)
        monkeypatch.setattr("softlabel.data.precision._CHUNK", 7)
        assert fits_float32(X) == whole
        monkeypatch.undo()


def test_small_types_are_not_looked_at():
    assert narrow(np.ones((2, 2), np.uint8)).dtype == np.float32
    X = np.ones((2, 2), np.float32)
    assert narrow(X) is X
    assert narrow(np.full((2, 2), 2**40)).dtype == np.float32
