"""What refined targets say about the given labels, row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes, harden
from softlabel.targets.rows import as_table


def label_quality(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return the mass of each row on its given label, from 0 (surely wrong) to 1 (surely right).

    Parameters
    ----------
    targets : array-like (n, k)
        Refined targets.
    codes : array-like (n,) of int
        Given labels.

    Returns
    -------
    quality : (n,) float64

    Raises
    ------
    InputError
        If shapes differ or a code is not a column.

    Examples
    --------
    >>> label_quality([[0.25, 0.75]], [0])
    array([0.25])
    """
    rows = as_table(targets)
    given = check_codes(codes, rows.shape[1], n_rows=len(rows))
    return rows[np.arange(len(rows)), given]


def harden_from(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.int64]:
    """Return the code of the largest mass of each row; a tie that the given label is part of stays with it.

    A label has moved where this differs from the given one, which is where its margin is below 0. Plain ``harden`` gives
    ties to the first column, so that half a vote would move a label or not by the order of the classes.

    Parameters
    ----------
    targets : array-like (n, k)
        Refined targets.
    codes : array-like (n,) of int
        Given labels.

    Returns
    -------
    codes : (n,) int64

    Raises
    ------
    InputError
        If shapes differ or a code is not a column.

    Examples
    --------
    >>> harden_from([[0.5, 0.5], [0.4, 0.6]], [1, 0])
    array([1, 1])
    """
    rows = as_table(targets)
    given = check_codes(codes, rows.shape[1], n_rows=len(rows))
    stays = rows[np.arange(len(rows)), given] >= rows.max(axis=1)
    return np.where(stays, given, harden(rows))


def margin(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return the mass on the given label minus the largest mass elsewhere, from -1 to 1; below 0 the label moved.

    Parameters
    ----------
    targets : array-like (n, k)
        Refined targets; k is 2 or more.
    codes : array-like (n,) of int
        Given labels.

    Returns
    -------
    margin : (n,) float64

    Raises
    ------
    InputError
        If shapes differ, a code is not a column, or there is one column only.

    Examples
    --------
    >>> margin([[0.25, 0.75], [1.0, 0.0]], [0, 0])
    array([-0.5,  1. ])
    """
    rows = as_table(targets)
    if rows.shape[1] < 2:
        raise InputError("targets: has 1 column; a margin compares two classes or more")
    quality = label_quality(rows, codes)
    others = rows.copy()  # (n, k)
    others[np.arange(len(rows)), np.asarray(codes, dtype=np.int64)] = -np.inf
    return quality - others.max(axis=1)


def entropy(targets: ArrayLike) -> NDArray[np.float64]:
    """Return ``-sum_j q_j log q_j`` of each row in nats, from 0 (certain) to log k (uniform).

    Equivalent to ``scipy.stats.entropy(targets, axis=1)`` for rows that sum to 1.

    Parameters
    ----------
    targets : array-like (n, k)

    Returns
    -------
    entropy : (n,) float64

    Examples
    --------
    >>> entropy([[1, 0], [0.5, 0.5]]).round(4)
    array([0.    , 0.6931])
    """
    return entr(as_table(targets)).sum(axis=1)
