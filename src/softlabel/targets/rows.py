"""Tables of target rows: what makes them valid, and how they are made to sum to 1.

Messages count rows and columns from 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError

# What float arithmetic may leave below zero before a negative mass counts as a mistake.
_NEGATIVE_TOLERANCE = 1e-6
# Rounding a row that sums to 1 to float32 moves its sum by 2**-24 at most. Rows nearer to 1 than this are left as they
# are, so that checking twice gives the same bytes as checking once.
_FLOAT32_ROUNDING = float(np.finfo(np.float32).eps)


def check_targets(
    targets: ArrayLike,
    *,
    n_rows: int | None = None,
    n_columns: int | None = None,
    name: str = "targets",
    tolerance: float = 1e-3,
) -> NDArray[np.float32]:
    """Return target rows as float32 that sum to 1, or say what is wrong with them.

    Parameters
    ----------
    targets : array-like (n, m)
        Rows of masses: a list, array or data frame.
    n_rows, n_columns : int, optional
        The shape that is needed, where it is known.
    name : str
        What the message calls the array; every message starts with it.
    tolerance : float
        By how much the sum of a row may differ from 1.

    Returns
    -------
    targets : (n, m) float32
        A new array. Rows are divided by their sum, save where that is 1 to float32 rounding; checking twice is the same
        as checking once, to the byte.

    Raises
    ------
    InputError
        If the shape is wrong, or a value is no number, NaN, infinite or negative (down to -1e-6 counts as 0), or a row
        does not sum to 1 within ``tolerance``.

    Examples
    --------
    >>> check_targets([[0.5, 0.5], [1, 0]])
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    rows = _as_masses(targets, name)
    if n_rows is not None and rows.shape[0] != n_rows:
        raise InputError(f"{name}: has {rows.shape[0]} rows where {n_rows} are needed; give one row for each row of X")
    if n_columns is not None and rows.shape[1] != n_columns:
        raise InputError(
            f"{name}: has {rows.shape[1]} columns where {n_columns} are needed; give one column for each class, "
            "in the order of the classes"
        )
    sums = rows.sum(axis=1)  # (n,)
    bad = np.flatnonzero(np.abs(sums - 1.0) > tolerance)
    if bad.size:
        raise InputError(
            f"{name}: row {bad[0]} sums to {sums[bad[0]]:.6g}, and {bad.size} of {len(sums)} rows are off 1 by more "
            f"than {tolerance:g}; divide each row by its sum"
        )
    return _divided(rows, sums)


def normalise_rows(rows: ArrayLike) -> NDArray[np.float32]:
    """Divide each row by its sum.

    Parameters
    ----------
    rows : array-like (n, m)
        Masses that are not negative.

    Returns
    -------
    targets : (n, m) float32
        ``rows / rows.sum(axis=1, keepdims=True)``; rows that sum to 1 to float32 rounding are left as they are.

    Raises
    ------
    InputError
        If a row sums to 0, or a value is NaN, infinite or negative.

    Examples
    --------
    >>> normalise_rows([[1, 3]])
    array([[0.25, 0.75]], dtype=float32)
    """
    masses = _as_masses(rows, "rows")
    with np.errstate(over="ignore"):  # an infinite sum is refused below
        sums = masses.sum(axis=1)  # (n,)
    bad = np.flatnonzero((sums <= 0.0) | ~np.isfinite(sums))
    if bad.size:
        raise InputError(
            f"rows: row {bad[0]} sums to {sums[bad[0]]:g} and cannot be normalised ({bad.size} of {len(sums)} rows); "
            "give each row some positive mass"
        )
    return _divided(masses, sums)


def as_table(rows: ArrayLike, name: str = "targets") -> NDArray[np.float64]:
    """Return rows as (n, m) float64, the same array where it is one already; no value is looked at."""
    try:
        table = np.asarray(rows, dtype=np.float64)  # (n, m)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: must be a table of numbers with a column for each class ({error})") from error
    if table.ndim != 2 or table.shape[1] == 0:
        raise InputError(f"{name}: must be two-dimensional with a column for each class; got shape {table.shape}")
    return table


def _as_masses(rows: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return (n, m) float64 that are finite and not negative, always a new array."""
    masses = as_table(rows, name)  # (n, m)
    bad = np.argwhere(~np.isfinite(masses))
    if bad.size:
        row, column = bad[0]
        raise InputError(
            f"{name}: row {row} has {masses[row, column]} in column {column}, and {len(np.unique(bad[:, 0]))} of "
            f"{len(masses)} rows have values that are not finite; give finite numbers"
        )
    bad = np.argwhere(masses < -_NEGATIVE_TOLERANCE)
    if bad.size:
        row, column = bad[0]
        raise InputError(
            f"{name}: row {row} has the negative value {masses[row, column]:.6g} in column {column}; "
            "give masses that are 0 or more"
        )
    return np.maximum(masses, 0.0)


def _divided(masses: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.float32]:
    divisors = np.where(np.abs(sums - 1.0) <= _FLOAT32_ROUNDING, 1.0, sums)  # (n,)
    return (masses / divisors[:, None]).astype(np.float32)  # (n, m)
