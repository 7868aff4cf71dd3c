"""Rows of anything: arrays, sparse matrices, data frames, lists, and objects that answer ``len`` and ``take``.

Everything above this floor asks for rows here and nowhere else, so that ``Images`` or any lazily loaded collection works
wherever an array does: it needs ``len(X)`` and ``X.take(rows)``, and ``X.concatenate(other)`` to be joined.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from softlabel.errors import InputError


def as_rows(X: Any) -> Any:
    """Return ``X`` in a form that has rows: what has them already as it is, anything array-like as an array.

    Sparse matrices in a format that cannot be indexed (COO, say) become CSR. A list of texts stays a list.

    Raises
    ------
    InputError
        If ``X`` has no rows to take: a number, a dictionary, None.
    """
    if sparse.issparse(X):
        return X if X.format in ("csr", "csc", "lil") else X.tocsr()
    if isinstance(X, np.ndarray) or _is_frame(X):
        _refuse_scalar(X)
        return X
    if isinstance(X, list) and X and all(isinstance(row, (str, bytes)) for row in X):
        return X
    if isinstance(X, (list, tuple)) or hasattr(X, "__array__"):
        array = np.asarray(X)
        _refuse_scalar(array)
        return array
    if hasattr(X, "take") and hasattr(X, "__len__"):
        return X
    raise InputError(
        f"X is a {type(X).__name__}, which has no rows; give an array, a sparse matrix, a data frame, or an object "
        "that "
        "answers len(X) and X.take(rows)"
    )


def n_rows(X: Any) -> int:
    """Return the number of rows. ``len`` of a sparse matrix is undefined, which is why this exists."""
    if hasattr(X, "shape"):
        _refuse_scalar(X)
        return int(X.shape[0])
    if hasattr(X, "__len__"):
        return len(X)
    raise InputError(
        f"X is a {type(X).__name__}, which has no length; give an array, a data frame, or an object with len"
    )


def take(X: Any, rows: Any) -> Any:
    """Return the rows of ``X`` at positions, in the order asked for; a new object, ``X`` is not changed.

    Parameters
    ----------
    X : array, sparse matrix, data frame or series, list, tuple, or any object with ``take(rows)``
        Data frames are indexed by position, never by their index.
    rows : (r,) int positions or (n,) bool mask
        Positions count from 0; they may repeat.
    """
    rows = np.asarray(rows)
    if rows.dtype == bool:
        if len(rows) != n_rows(X):
            raise InputError(f"a mask of {len(rows)} rows does not fit data of {n_rows(X)} rows")
        rows = np.flatnonzero(rows)
    elif rows.size == 0:
        rows = rows.astype(np.intp)  # an empty list is an array of floats, which indexes nothing
    if _is_frame(X):
        return X.iloc[rows]
    if isinstance(X, np.ndarray):
        return X[rows]
    if sparse.issparse(X):
        return X[rows] if X.format in ("csr", "csc", "lil") else X.tocsr()[rows]
    if isinstance(X, (list, tuple)):
        return [X[row] for row in rows]
    if hasattr(X, "take"):
        return X.take(rows)
    raise InputError(f"no rows can be taken from a {type(X).__name__}; give it a method take(rows)")


def concatenate(A: Any, B: Any) -> Any:
    """Return the rows of ``A`` with those of ``B`` below them.

    Raises
    ------
    InputError
        If the two are of different kinds, or have different columns.
    """
    if sparse.issparse(A) and sparse.issparse(B):
        _refuse_other_columns(A, B)
        return sparse.vstack([A, B], format="csr")
    if _is_frame(A) and _is_frame(B):
        return _concatenate_frames(A, B)
    if isinstance(A, np.ndarray) and isinstance(B, np.ndarray):
        _refuse_other_columns(A, B)
        return np.concatenate([A, B])
    if isinstance(A, (list, tuple)) and isinstance(B, (list, tuple)):
        return [*A, *B]
    if type(A) is type(B) and hasattr(A, "concatenate"):
        return A.concatenate(B)
    raise InputError(
        f"a {type(B).__name__} cannot stand below a {type(A).__name__}; give both as the same kind (arrays, data "
        "frames)"
    )


def _is_frame(X: Any) -> bool:
    return hasattr(X, "iloc")  # pandas is not imported to find out


def _refuse_scalar(X: Any) -> None:
    if len(X.shape) == 0:
        raise InputError(f"X is a single value ({X!r}), which has no rows; give an array with one row an example")


def _refuse_other_columns(A: Any, B: Any) -> None:
    if A.shape[1:] != B.shape[1:]:
        raise InputError(
            f"rows of shape {B.shape[1:]} cannot stand below rows of shape {A.shape[1:]}; give the same columns"
        )


def _concatenate_frames(A: Any, B: Any) -> Any:
    import pandas as pd

    if A.ndim == 2 and (B.ndim != 2 or set(A.columns) != set(B.columns)):
        missing = [] if B.ndim != 2 else [column for column in A.columns if column not in set(B.columns)]
        extra = [] if B.ndim != 2 else [column for column in B.columns if column not in set(A.columns)]
        raise InputError(
            f"the columns of two data frames differ (missing: {missing}, extra: {extra}); give the same columns"
        )
    below = B[list(A.columns)] if A.ndim == 2 else B
    return pd.concat([A, below], ignore_index=True)
