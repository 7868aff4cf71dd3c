"""A number for each row of X that equal rows share, so that copies of a row can be recognised wherever they turn up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def row_keys(X: Any) -> NDArray[np.uint64]:
    """Return a 64-bit key (n,) of each row.

    Rows that are equal get equal keys; different rows get different ones, save for a chance of about n^2 / 2^64.
    Floats are compared in float32, for a matrix product may differ in the last digits of equal rows.

    Parameters
    ----------
    X : array (n, ...), sparse matrix, data frame, or sequence of anything
    """
    if sparse.issparse(X):
        return _sparse_keys(X.tocsr())
    if hasattr(X, "iloc"):
        import pandas as pd

        frame = X if X.ndim == 2 else X.to_frame()
        if all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes):
            return _dense_keys(frame.to_numpy(dtype=np.float64, na_value=np.nan))
        try:
            return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)
        except TypeError:  # cells that cannot be hashed (lists, say)
            return _object_keys(frame.to_numpy(dtype=object))
    if isinstance(X, np.ndarray) and X.dtype.kind in "fiub":
        return _dense_keys(X.reshape(len(X), -1))
    return _object_keys(X)


def _mixed(values: Any) -> Any:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014, section 5): one bit in moves half of the bits out."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _words(values: NDArray[Any]) -> NDArray[np.uint64]:
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):
            single = values.astype(np.float32) + np.float32(0)  # -0 becomes 0
        return np.ascontiguousarray(single).view(np.uint32).astype(np.uint64)
    return values.astype(np.int64).view(np.uint64)


def _dense_keys(table: NDArray[Any]) -> NDArray[np.uint64]:
    keys = np.zeros(len(table), dtype=np.uint64)  # (n,)
    with np.errstate(over="ignore"):
        for column in range(table.shape[1]):  # by column: temporary arrays stay as small as one column
            place = np.uint64(column + 1) * _GOLDEN
            keys += _mixed(_words(table[:, column]) ^ place)
    return keys


def _sparse_keys(X: Any) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        places = (X.indices.astype(np.uint64) + np.uint64(1)) * _GOLDEN  # (nnz,)
        mixed = _mixed(_words(X.data) ^ places)
        mixed[X.data == 0] = 0  # a zero that is stored is a zero that is not
        ends = np.concatenate(
            [np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)]
        )  # wraps around, rightly
        return ends[X.indptr[1:]] - ends[X.indptr[:-1]]


def _object_keys(X: Any) -> NDArray[np.uint64]:
    """Number rows of other things by first appearance of their value, or of their text where they cannot be hashed."""
    numbers: dict[Any, int] = {}
    keys = np.empty(len(X), dtype=np.uint64)  # (n,)
    for position in range(len(X)):
        row = X[position]
        row = tuple(row.tolist()) if isinstance(row, np.ndarray) else tuple(row) if isinstance(row, list) else row
        try:
            keys[position] = numbers.setdefault(row, len(numbers))
        except TypeError:
            keys[position] = numbers.setdefault(repr(row), len(numbers))
    return keys
