"""What refined ordinal targets say about the given grades, row by row, in both views of the task.

The scalar view has one number a row, a grade q. The distribution view has a row (k,) of masses over grades whose values
v_0 < ... < v_(k-1) are numbers, so distances between grades mean something: the label that a row speaks for is its
median, the grade that no other beats in expected absolute distance, and not the largest mass.

Qualities and margins are float64. A margin is below 0 exactly where the suggested grade is not the given one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.rows import as_table
from softlabel.targets.thresholds import apply_thresholds, as_grades, check_thresholds, check_values

# The sums of float32 masses that should be a half are off by some 1e-7; half the mass on either side is a tie all the same.
_TIE = 1e-6


def scalar_quality(grades: ArrayLike, given: ArrayLike, span: float) -> NDArray[np.float64]:
    """Return ``1 - |q - y| / span``, from 0 (as far as can be) to 1 (at the given grade).

    Parameters
    ----------
    grades : array-like (n,) or (n, 1)
        Refined grades q.
    given : array-like (n,)
        Values y of the given grades.
    span : float above 0
        Largest value of a grade minus the smallest. A grade further off than this counts 0.

    Returns
    -------
    quality : (n,) float64

    Raises
    ------
    InputError
        If lengths differ, a number is not finite, or the span is not above 0.

    Examples
    --------
    >>> scalar_quality([1.0, 2.5], [1, 0], 4.0)
    array([1.   , 0.375])
    """
    if not (np.isfinite(span) and span > 0):
        raise InputError(f"span is {span!r}; give the largest value of a grade minus the smallest, above 0")
    q = as_grades(grades)  # (n,)
    return np.maximum(1.0 - np.abs(q - as_grades(given, n_rows=len(q), name="given")) / span, 0.0)


def scalar_margin(grades: ArrayLike, codes: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """Return how far each grade is inside the interval of its given label, in grades; below 0 the label moved.

    ``min(q - t_y, t_(y+1) - q)`` with ``t_y`` and ``t_(y+1)`` the thresholds around the given grade. The first and the
    last grade have one threshold only. On a threshold it is 0: a tie, which stays with the given label.

    Parameters
    ----------
    grades : array-like (n,) or (n, 1)
    codes : array-like (n,) of int
        Given labels.
    thresholds : array-like (k - 1,)
        Increasing.

    Returns
    -------
    margin : (n,) float64

    Examples
    --------
    >>> scalar_margin([0.25, 0.25, 9.0], [0, 2, 2], [0.5, 1.5])
    array([ 0.25, -1.25,  7.5 ])
    """
    q, t = as_grades(grades), check_thresholds(thresholds)
    given = check_codes(codes, len(t) + 1, n_rows=len(q))
    edges = np.concatenate([[-np.inf], t, [np.inf]])  # (k + 1,)
    return np.minimum(q - edges[given], edges[given + 1] - q)


def scalar_from(grades: ArrayLike, codes: ArrayLike, thresholds: ArrayLike) -> NDArray[np.int64]:
    """Return the code (n,) of the interval that each grade is in; a grade on a threshold of its label stays with it.

    Parameters
    ----------
    grades : array-like (n,) or (n, 1)
    codes : array-like (n,) of int
        Given labels.
    thresholds : array-like (k - 1,)

    Examples
    --------
    >>> scalar_from([0.5, 0.5, 1.6], [0, 1, 0], [0.5, 1.5])
    array([0, 1, 2])
    """
    stays = scalar_margin(grades, codes, thresholds) >= 0
    return np.where(stays, np.asarray(codes, dtype=np.int64), apply_thresholds(grades, thresholds))


def expected_quality(targets: ArrayLike, codes: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Return ``1 - sum_c q_c |v_c - v_y| / (v_max - v_min)``, from 0 to 1: mass near the given grade speaks for it too.

    A row with its whole mass on the given grade has 1; one with it on the other end of the scale has 0. With two
    grades it is the mass on the given one, :func:`softlabel.targets.label_quality`.

    Parameters
    ----------
    targets : array-like (n, k)
        Rows q that sum to 1.
    codes : array-like (n,) of int
        Given labels y.
    values : array-like (k,)
        Grades as numbers, increasing.

    Returns
    -------
    quality : (n,) float64

    Examples
    --------
    >>> expected_quality([[0.5, 0.5, 0.0]], [0], [0, 1, 2])
    array([0.75])
    """
    rows = as_table(targets)  # (n, k)
    given = check_codes(codes, rows.shape[1], n_rows=len(rows))
    v = check_values(values, k=rows.shape[1])
    distance = np.abs(v - v[given, None])  # (n, k)
    return np.clip(1.0 - (rows * distance).sum(axis=1) / (v[-1] - v[0]), 0.0, 1.0)


def refined_grade(targets: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Return the mean grade ``sum_c q_c v_c`` (n,) of each row.

    Examples
    --------
    >>> refined_grade([[0.5, 0.25, 0.25]], [0, 1, 2])
    array([0.75])
    """
    rows = as_table(targets)  # (n, k)
    return rows @ check_values(values, k=rows.shape[1])


def median_codes(targets: ArrayLike) -> NDArray[np.int64]:
    """Return the median grade of each row: the smallest code with half the mass at or below it.

    Of all grades it has the least expected absolute distance; of two medians (half the mass on either side) it is the
    lower one. Sums within 1e-6 of a half count as a half, for the masses are float32.

    Parameters
    ----------
    targets : array-like (n, k)
        Rows that sum to 1.

    Returns
    -------
    codes : (n,) int64

    Examples
    --------
    >>> median_codes([[0.3, 0.3, 0.4], [0.5, 0.0, 0.5]])
    array([1, 0])
    """
    reached = 2.0 * _cumulated(as_table(targets)) - 1.0 >= -2.0 * _TIE  # (n, k)
    return reached.argmax(axis=1).astype(np.int64)


def median_margin(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return ``1 - 2 max(mass below y, mass above y)``, from -1 to 1; below 0 the given grade is no median.

    Parameters
    ----------
    targets : array-like (n, k)
        Rows that sum to 1.
    codes : array-like (n,) of int
        Given labels y.

    Returns
    -------
    margin : (n,) float64
        Exactly 0 where it is within 2e-6 of 0, for the masses are float32.

    Examples
    --------
    >>> median_margin([[0.25, 0.5, 0.25], [0.75, 0.25, 0.0]], [1, 1])
    array([ 0.5, -0.5])
    """
    rows = as_table(targets)  # (n, k)
    given = check_codes(codes, rows.shape[1], n_rows=len(rows))
    cumulated, every = _cumulated(rows), np.arange(len(rows))
    below = np.where(given > 0, cumulated[every, np.maximum(given - 1, 0)], 0.0)  # (n,)
    margin = np.minimum(1.0 - 2.0 * below, 2.0 * cumulated[every, given] - 1.0)
    return np.where(np.abs(margin) <= 2.0 * _TIE, 0.0, margin)


def median_from(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.int64]:
    """Return the median grade (n,) of each row; where the given label is a median too, it stays.

    Examples
    --------
    >>> median_from([[0.5, 0.0, 0.5], [0.75, 0.25, 0.0]], [1, 1])
    array([1, 0])
    """
    stays = median_margin(targets, codes) >= 0
    return np.where(stays, np.asarray(codes, dtype=np.int64), median_codes(targets))


def _cumulated(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mass (n, k) at or below each grade."""
    return np.cumsum(rows, axis=1)
