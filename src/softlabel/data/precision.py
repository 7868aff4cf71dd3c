"""Half the memory where nothing is lost by it: float32 where that is precise enough, float64 elsewhere."""

from __future__ import annotations

import numpy as np

# Rounding may move a value by at most this share of its column's standard deviation. Rounding to float32 alone moves it
# by up to 6e-8 of its size, so only columns that vary little around a large value (times in seconds since 1970) stay
# float64.
TOLERANCE = 1e-4
_CHUNK = 65_536  # rows looked at together, which bounds the memory of the check


def narrow(X: np.ndarray) -> np.ndarray:
    """Return (n, d) numbers as float32, or as float64 if a column would lose by it.

    A column loses if rounding moves a value by more than 1e-4 of the standard deviation of the column, or past the
    largest float32. NaN stays NaN. The dtype is decided for the whole matrix.
    """
    if X.dtype in (np.float32, np.float16, np.bool_, np.int8, np.uint8, np.int16, np.uint16):
        return X.astype(np.float32, copy=False)  # each of their values is a float32
    return X.astype(np.float32 if fits_float32(X) else np.float64, copy=False)


def fits_float32(X: np.ndarray) -> bool:
    """Return whether each column of (n, d) numbers survives rounding to float32."""
    n, d = X.shape
    error = np.zeros(d)  # (d,) largest move by rounding
    total, squares = np.zeros(d), np.zeros(d)  # (d,) of the values less their column's first finite one
    count = np.zeros(d)
    origin = _first_finite(X)  # (d,) without it the squares of large values would drown the variance
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, n, _CHUNK):
            values = X[start : start + _CHUNK].astype(np.float64)  # (chunk, d)
            finite = np.isfinite(values)
            moved = np.where(finite, np.abs(values - values.astype(np.float32)), 0)
            error = np.maximum(error, moved.max(axis=0))
            centred = np.where(finite, values - origin, 0)
            total += centred.sum(axis=0)
            squares += (centred**2).sum(axis=0)
            count += finite.sum(axis=0)
        mean = total / np.maximum(count, 1)
        deviation = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean**2, 0))  # (d,)
    # A constant column says nothing, so nothing of it can be lost, unless it overflows.
    return bool(np.all(np.isfinite(error)) and np.all((error <= TOLERANCE * deviation) | (deviation == 0)))


def _first_finite(X: np.ndarray) -> np.ndarray:
    finite = np.isfinite(X)  # (n, d)
    first = finite.argmax(axis=0)  # (d,)
    values = X[first, np.arange(X.shape[1])].astype(np.float64)
    return np.where(np.isfinite(values), values, 0)
