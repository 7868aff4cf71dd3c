"""The chance of each given label of being wrong, and how many rows to look at for a wanted precision."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.rows import as_table
from softlabel.targets.shares import check_portion


class Threshold(NamedTuple):
    """Rows whose chance of being wrong reaches a threshold, and what to expect of them."""

    threshold: float  # infinite where no row reaches the precision
    n_rows: int
    precision: float  # expected share of these rows that are wrong; NaN of no rows
    recall: float  # expected share of all wrong rows that are among them; NaN where none is expected


def after_label(chances: ArrayLike, codes: ArrayLike, matrix: ArrayLike) -> NDArray[np.float64]:
    """Return Bayes' rule: ``p(true = c | x, given = y) = p_c T[c, y] / sum_d p_d T[d, y]``.

    Parameters
    ----------
    chances : array-like (n, k)
        p(true = c | x).
    codes : array-like (n,) of int
        Given labels y.
    matrix : array-like (k, k)
        T[c, j] = p(given = j | true = c).

    Returns
    -------
    chances : (n, k)
        A row in which the given label is impossible stays as it was.

    Examples
    --------
    >>> after_label([[0.5, 0.5]], [0], [[0.9, 0.1], [0.3, 0.7]])
    array([[0.75, 0.25]])
    """
    p, T = as_table(chances, "chances"), as_table(matrix, "matrix")  # (n, k), (k, k)
    given = check_codes(codes, p.shape[1], n_rows=len(p))
    joint = p * T[:, given].T  # (n, k)
    total = joint.sum(axis=1, keepdims=True)  # (n, 1)
    return np.divide(joint, total, out=p.copy(), where=total > 0)


def wrong_chance(chances: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return 1 less the chance (n,) of the given label, summed over the others: no digit is lost near 0.

    Examples
    --------
    >>> wrong_chance([[0.75, 0.25]], [0])
    array([0.25])
    """
    others = as_table(chances, "chances").copy()  # (n, k)
    others[np.arange(len(others)), check_codes(codes, others.shape[1], n_rows=len(others))] = 0.0
    return np.clip(others.sum(axis=1), 0.0, 1.0)


def likeliest(wrong: ArrayLike) -> NDArray[np.bool_]:
    """Return as many rows (n,) as are expected to be wrong, those with the highest chances.

    Rows of one chance stand together: with or without those of the last one, whichever comes nearer to that number; where both are as
    near, without.

    Examples
    --------
    >>> likeliest([0.9, 0.0, 0.6, 0.4])
    array([ True, False,  True, False])
    >>> likeliest([0.9, 0.3, 0.3, 0.3, 0.3])
    array([ True, False, False, False, False])
    """
    chance = np.asarray(wrong, dtype=np.float64)  # (n,)
    expected = round(float(chance.sum()))
    if expected == 0:
        return np.zeros(len(chance), dtype=bool)
    last = np.sort(chance)[-expected]
    above, reached = chance > last, (chance >= last) & (chance > 0)
    return reached if reached.sum() - expected < expected - above.sum() else above


def threshold_for(wrong: ArrayLike, precision: float) -> Threshold:
    """Return the lowest threshold above which rows are expected to be wrong at least that often.

    The expected precision of the rows at or above a threshold is the mean of their chances, so it holds where these are calibrated.

    Parameters
    ----------
    wrong : array-like (n,)
        Chance of each row of being wrong.
    precision : float from 0 to 1

    Returns
    -------
    Threshold
        Rows of one chance are taken together or not at all, those of chance 0 never.
        ``(inf, 0, nan, 0)`` where not even the surest row reaches the precision.

    Raises
    ------
    InputError
        If the precision or a chance is not from 0 to 1.

    Examples
    --------
    >>> threshold_for([0.9, 0.1, 0.7, 0.5], 0.8)
    Threshold(threshold=0.7, n_rows=2, precision=0.8, recall=0.7272727272727273)
    """
    chance = np.asarray(wrong, dtype=np.float64)
    if chance.ndim != 1 or not ((chance >= 0) & (chance <= 1)).all():
        raise InputError(f"wrong: shape {chance.shape}; give one chance from 0 to 1 for each row")
    least = check_portion("precision", precision, "the share of rows that shall be wrong, from 0 to 1")
    ranked = np.sort(chance[chance > 0])[::-1]  # those of rows that may be wrong at all
    sums = np.cumsum(ranked)
    mean = sums / np.arange(1, len(ranked) + 1)  # (n,) never rises
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True) if len(ranked) else np.zeros(0, dtype=bool)
    # Means of decimal numbers miss their value by rounding: 0.9 and 0.7 are 0.8 on average.
    reached = np.flatnonzero(last_of_ties & (mean >= least - 1e-12))
    if not reached.size:
        return Threshold(float("inf"), 0, float("nan"), 0.0 if sums.size and sums[-1] > 0 else float("nan"))
    last = int(reached[-1])
    recall = float(sums[last] / sums[-1]) if sums[-1] > 0 else float("nan")
    return Threshold(float(ranked[last]), last + 1, float(mean[last]), recall)
