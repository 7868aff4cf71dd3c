"""From a grade as a number to one of k ordered grades, by the k - 1 thresholds between them.

A grade on a threshold belongs to the grade above it, as ``numpy.digitize`` has it: 0.5 between the grades 0 and 1 is a 1, and 1.5 is a
2. Python's ``round`` would go to the even neighbour, 0 and 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError


def midpoints(values: ArrayLike) -> NDArray[np.float64]:
    """Return the thresholds halfway between neighbouring grades, ``(v_c + v_(c+1)) / 2``.

    Parameters
    ----------
    values : array-like (k,)
        The grades as numbers, increasing; k is 2 or more.

    Returns
    -------
    thresholds : (k - 1,) float64
        In grades. With them :func:`apply_thresholds` gives the nearest grade.

    Raises
    ------
    InputError
        If the values are not two or more finite numbers in increasing order.

    Examples
    --------
    >>> midpoints([0, 1, 2, 4])
    array([0.5, 1.5, 3. ])
    """
    v = check_values(values)
    return v[:-1] + 0.5 * np.diff(v)  # (k - 1,)


def apply_thresholds(grades: ArrayLike, thresholds: ArrayLike) -> NDArray[np.int64]:
    """Return how many thresholds each grade has reached: its code, from 0 to k - 1.

    Equivalent to ``numpy.digitize(grades, thresholds)``, computed in float64.

    Parameters
    ----------
    grades : array-like (n,) or (n, 1)
        Any numbers, in grades; what lies below the first or above the last threshold gets the first or last code.
    thresholds : array-like (k - 1,)
        Increasing.

    Returns
    -------
    codes : (n,) int64

    Raises
    ------
    InputError
        If a grade is not finite, or the thresholds do not increase.

    Examples
    --------
    >>> apply_thresholds([-3.0, 0.49, 0.5, 1.7], [0.5, 1.5])
    array([0, 0, 1, 2])
    """
    return np.searchsorted(check_thresholds(thresholds), as_grades(grades), side="right").astype(np.int64)


def as_grades(grades: ArrayLike, *, n_rows: int | None = None, name: str = "grades") -> NDArray[np.float64]:
    """Return grades given as (n,) or as one column (n, 1) as (n,) float64 after checking that they are finite."""
    try:
        array = np.asarray(grades, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: must be numbers, one a row ({error})") from error
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]  # (n,)
    if array.ndim != 1:
        raise InputError(f"{name}: must be one number a row, of shape (n,) or (n, 1); got shape {array.shape}")
    if n_rows is not None and len(array) != n_rows:
        raise InputError(f"{name}: has {len(array)} rows where {n_rows} are needed; give one number for each row")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InputError(
            f"{name}: row {bad[0]} has {array[bad[0]]}, and {bad.size} of {len(array)} rows are not finite; "
            "give finite numbers"
        )
    return array


def check_values(values: ArrayLike, *, k: int | None = None) -> NDArray[np.float64]:
    """Return the values (k,) of the grades as float64 after checking that they increase."""
    v = as_grades(values, name="values")  # (k,)
    if len(v) < 2 or np.any(np.diff(v) <= 0):
        raise InputError(f"values are {v.tolist()}; give two grades or more as numbers in increasing order")
    if k is not None and len(v) != k:
        raise InputError(f"values has {len(v)} grades and the targets {k} columns; give one value for each column")
    return v


def check_thresholds(thresholds: ArrayLike, *, k: int | None = None) -> NDArray[np.float64]:
    """Return thresholds (k - 1,) as float64 after checking that they increase."""
    t = as_grades(thresholds, name="thresholds")  # (k - 1,)
    if len(t) == 0 or np.any(np.diff(t) <= 0):
        raise InputError(f"thresholds are {t.tolist()}; give one number or more in increasing order")
    if k is not None and len(t) != k - 1:
        raise InputError(f"thresholds are {len(t)} numbers where {k} grades need {k - 1}; give one between neighbours")
    return t
