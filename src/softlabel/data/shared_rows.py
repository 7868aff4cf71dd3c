"""Rows of one data set that are rows of another too, and what else two data sets share."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from scipy import sparse

from softlabel.data.dataset import Dataset
from softlabel.data.feature_columns import as_frame, as_texts, is_numeric
from softlabel.data.images import Images


def rows_also_in(X: Any, others: Any) -> np.ndarray:
    """Return which rows of ``X`` are rows of ``others`` too, by their features.

    Numbers are compared as float64, whatever type they came in; columns of a table by name. Pictures are the same where their files are,
    or their pixels where they came as an array. Rows of a kind that cannot be compared are taken for others.

    Parameters
    ----------
    X, others : n and n' rows
        Of the same kind, with the same columns.

    Returns
    -------
    (n,) bool

    Examples
    --------
    >>> rows_also_in(np.array([[1, 2], [3, 4]]), np.array([[3.0, 4.0], [5.0, 6.0]])).tolist()
    [False, True]
    """
    if hasattr(X, "iloc") and hasattr(others, "iloc"):
        return _frame_rows_also_in(X, others)
    keys, known = _keys(X), _keys(others)
    if keys is None or known is None:
        return np.zeros(len(X) if not hasattr(X, "shape") else X.shape[0], dtype=bool)
    there = set(known)
    return np.array([key in there for key in keys], dtype=bool)


def groups_also_in(data: Dataset, other: Dataset) -> list[str]:
    """Return the groups of one data set that are groups of another, as texts; none where either has no groups."""
    if data.groups is None or other.groups is None:
        return []
    return sorted({str(group) for group in data.groups} & {str(group) for group in other.groups})


def ids_also_in(data: Dataset, other: Dataset) -> list[str]:
    """Return the ids of one data set that are ids of another, as texts, in the order of the rows."""
    known = {str(name) for name in other.ids}
    return [str(name) for name in data.ids if str(name) in known]


def _frame_rows_also_in(X: Any, others: Any) -> np.ndarray:
    import pandas as pd

    X, others = as_frame(X), as_frame(others)
    if set(X.columns) != set(others.columns):
        return np.zeros(len(X), dtype=bool)
    comparable: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    for name in X.columns:
        columns = X[name], others[name]
        numbers = all(is_numeric(column) for column in columns)
        for column, made in zip(columns, comparable, strict=True):
            plain = column.reset_index(drop=True)
            if numbers:
                made[name] = plain.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0  # 0 for -0
            else:
                made[name] = as_texts(plain.to_frame())[name].astype(str)
    hashes = [
        pd.util.hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy() for columns in comparable
    ]  # (n,) and (n',) uint64: one pair of a billion billion has the same by chance
    return np.isin(hashes[0], hashes[1])


def _keys(X: Any) -> list[Hashable] | None:
    """Return what is the same for the same rows only, one a row; None where that is not known."""
    if isinstance(X, Images):
        return [digest.tobytes() for digest in X.digests()]
    if sparse.issparse(X):
        matrix = X.tocsr(copy=True)
        matrix.sum_duplicates()  # sorts the columns of each row too
        matrix.eliminate_zeros()
        parts = np.split(np.arange(matrix.nnz), matrix.indptr[1:-1])
        return [(tuple(matrix.indices[part]), tuple(matrix.data[part].astype(np.float64))) for part in parts]
    if isinstance(X, (list, tuple)) or (isinstance(X, np.ndarray) and X.dtype.kind in "OU"):
        return [repr(row) if not isinstance(row, str) else row for row in X]
    if isinstance(X, np.ndarray) and X.dtype.kind in "biuf":
        rows = (np.asarray(row, dtype=np.float64) + 0.0 for row in X)
        return [np.where(np.isnan(row), np.nan, row).tobytes() for row in rows]
    return None
