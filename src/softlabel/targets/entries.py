"""Multi-label targets: (n, k) entries in [0, 1], each the chance that its row has its label, and rows need not sum to 1.

Codes are (n, k) of 0 and 1. Where the distribution view asks for the largest mass of a row, every entry here is a
question of two classes on its own; what is said of a row is said of its worst entry. Targets are float32, judgements
float64, inputs are never changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, expit, logit

from softlabel.errors import InputError
from softlabel.targets.rows import as_table


def check_entries(
    targets: ArrayLike,
    *,
    n_rows: int | None = None,
    n_columns: int | None = None,
    name: str = "targets",
    tolerance: float = 1e-6,
) -> NDArray[np.float32]:
    """Return entries as float32 from 0 to 1, or say what is wrong with them.

    Parameters
    ----------
    targets : array-like (n, k)
    n_rows, n_columns : int, optional
        The shape that is needed, where it is known.
    name : str
        What the message calls the array; every message starts with it.
    tolerance : float
        By how much an entry may be outside of 0 to 1; it is then set to 0 or 1.

    Returns
    -------
    targets : (n, k) float32
        A new array.

    Raises
    ------
    InputError
        If the shape is wrong, or an entry is no number, NaN, infinite or out of range.

    Examples
    --------
    >>> check_entries([[0.25, 1], [1, 1]])
    array([[0.25, 1.  ],
           [1.  , 1.  ]], dtype=float32)
    """
    rows = as_table(targets, name)  # (n, k)
    if n_rows is not None and rows.shape[0] != n_rows:
        raise InputError(f"{name}: has {rows.shape[0]} rows where {n_rows} are needed; give one row for each row of X")
    if n_columns is not None and rows.shape[1] != n_columns:
        raise InputError(
            f"{name}: has {rows.shape[1]} columns where {n_columns} are needed; give one column for each label, "
            "in the order of the labels"
        )
    bad = np.argwhere(~((rows >= -tolerance) & (rows <= 1.0 + tolerance)))  # NaN is neither
    if bad.size:
        row, column = bad[0]
        raise InputError(
            f"{name}: row {row} has {rows[row, column]:.6g} in column {column}, and {len(bad)} of {rows.size} entries "
            "are not from 0 to 1; give the chance of each label, from 0 to 1"
        )
    return np.clip(rows, 0.0, 1.0).astype(np.float32)


def check_indicators(
    codes: ArrayLike, *, n_rows: int | None = None, n_columns: int | None = None, name: str = "codes"
) -> NDArray[np.int64]:
    """Return (n, k) int64 of 0 and 1, always a new array; booleans and 0.0 and 1.0 serve too."""
    table = as_table(codes, name)  # (n, k)
    if n_rows is not None and len(table) != n_rows:
        raise InputError(f"{name}: has {len(table)} rows where {n_rows} are needed; give one row for each row of X")
    if n_columns is not None and table.shape[1] != n_columns:
        raise InputError(
            f"{name}: has {table.shape[1]} columns where {n_columns} are needed; give one column for each label"
        )
    bad = np.argwhere((table != 0) & (table != 1))
    if bad.size:
        row, column = bad[0]
        raise InputError(
            f"{name}: row {row} has {table[row, column]:g} in column {column}; give 1 where a row has the label and 0 "
            "where it has not"
        )
    return table.astype(np.int64)


def entry_quality(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return what each entry leaves its given value: q where the label is given, 1 - q where it is not.

    Parameters
    ----------
    targets : array-like (n, k)
    codes : array-like (n, k) of 0 and 1

    Returns
    -------
    quality : (n, k) float64, from 0 to 1

    Examples
    --------
    >>> entry_quality([[0.75, 0.75]], [[1, 0]])
    array([[0.75, 0.25]])
    """
    rows = as_table(targets)  # (n, k)
    given = check_indicators(codes, n_rows=len(rows), n_columns=rows.shape[1])
    return np.where(given == 1, rows, 1.0 - rows)


def row_quality(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return the quality (n,) of the worst entry of each row, from 0 to 1: one wrong label makes a row wrong.

    Examples
    --------
    >>> row_quality([[0.75, 0.75], [1.0, 0.0]], [[1, 0], [1, 0]])
    array([0.25, 1.  ])
    """
    return entry_quality(targets, codes).min(axis=1)


def row_margin(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.float64]:
    """Return ``min_j (2 quality_j - 1)`` (n,), from -1 to 1; below 0 some entry of the row moved.

    Examples
    --------
    >>> row_margin([[0.75, 0.75], [1.0, 0.5]], [[1, 0], [1, 0]])
    array([-0.5,  0. ])
    """
    return 2.0 * row_quality(targets, codes) - 1.0


def harden_entries(targets: ArrayLike) -> NDArray[np.int64]:
    """Return 1 where an entry is above a half, and 0 elsewhere; a half alone is no reason to say a label.

    Examples
    --------
    >>> harden_entries([[0.51, 0.5]])
    array([[1, 0]])
    """
    return (as_table(targets) > 0.5).astype(np.int64)


def suggest_entries(targets: ArrayLike, codes: ArrayLike) -> NDArray[np.int64]:
    """Return the value (n, k) that each entry speaks for, as :func:`harden_entries`; an entry of a half stays as given.

    Examples
    --------
    >>> suggest_entries([[0.5, 0.5, 0.75]], [[1, 0, 0]])
    array([[1, 0, 1]])
    """
    rows = as_table(targets)  # (n, k)
    given = check_indicators(codes, n_rows=len(rows), n_columns=rows.shape[1])
    return np.where(rows == 0.5, given, harden_entries(rows))


def entry_entropy(targets: ArrayLike) -> NDArray[np.float64]:
    """Return the sum over entries of their binary entropies (n,), in nats, from 0 (certain) to k log 2.

    ``-sum_j (q_j log q_j + (1 - q_j) log(1 - q_j))``.

    Examples
    --------
    >>> entry_entropy([[1.0, 0.5]]).round(4)
    array([0.6931])
    """
    rows = as_table(targets)  # (n, k)
    return (entr(rows) + entr(1.0 - rows)).sum(axis=1)


def sharpen_entries(probabilities: ArrayLike, temperature: float) -> NDArray[np.float32]:
    """Move each entry away from a half: ``p^(1/T) / (p^(1/T) + (1-p)^(1/T))``, which divides its logit by T.

    T = 1 is the identity, T towards 0 gives 0 and 1, T above 1 flattens towards a half, which itself never moves. Equivalent to
    :func:`softlabel.targets.sharpen` of the rows (1 - p, p).

    Parameters
    ----------
    probabilities : array-like (n, k)
        Entries from 0 to 1.
    temperature : float above 0

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If ``temperature`` is not a finite number above 0, or an entry is not from 0 to 1.

    Examples
    --------
    >>> sharpen_entries([[0.75, 0.5]], 0.5)
    array([[0.9, 0.5]], dtype=float32)
    """
    if isinstance(temperature, str) or not (np.isfinite(temperature) and temperature > 0):
        raise InputError(f"temperature is {temperature!r}; give a number above 0 (1 changes nothing, below 1 sharpens)")
    p = check_entries(probabilities, name="probabilities")  # (n, k)
    if temperature == 1:
        return p
    with np.errstate(over="ignore"):  # a tiny temperature sends a logit to infinity, which is 0 or 1
        return expit(logit(p.astype(np.float64)) / temperature).astype(np.float32)


def mark_unseen_entries(predictions: np.ndarray, train_targets: np.ndarray) -> np.ndarray:
    """Write NaN into the columns of which the training rows held one value only, all of the label or none of it.

    A model that never saw a row with the label, or never one without it, says nothing about that label.

    Parameters
    ----------
    predictions : (n, k)
    train_targets : (n_train, k)
        What the model was trained on.

    Returns
    -------
    (n, k)
        ``predictions`` itself where every column was seen with both.
    """
    seen = (train_targets > 0).any(axis=0) & (train_targets < 1).any(axis=0)  # (k,)
    return predictions if seen.all() else np.where(seen, predictions, np.nan)


def fill_unseen_entries(oof: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Let each entry that no model of its row knows keep its old value.

    Parameters
    ----------
    oof, old : (n, k)
        Predictions with NaN for unseen entries; targets before the update.

    Returns
    -------
    (n, k)
        ``oof`` itself where nothing is missing.
    """
    unseen = np.isnan(oof)
    return np.where(unseen, old, oof) if unseen.any() else oof


def entry_change(before: ArrayLike, after: ArrayLike) -> NDArray[np.float64]:
    """Return the mean over entries of ``|after - before|`` (n,), from 0 to 1.

    Examples
    --------
    >>> entry_change([[1.0, 0.0]], [[0.75, 0.25]])
    array([0.25])
    """
    first, second = as_table(before, "before"), as_table(after, "after")  # (n, k) each
    if first.shape != second.shape:
        raise InputError(f"after: has shape {second.shape} and before {first.shape}; give two tables of one shape")
    return np.abs(second - first).mean(axis=1)
