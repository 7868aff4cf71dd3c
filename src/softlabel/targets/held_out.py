"""From the predictions of single folds to one out-of-fold array, and from that to labels.

A model that never saw a class says nothing about it. Such entries are NaN in out-of-fold predictions: they are no zeros, which a
model that knows the class may well predict. The known entries of a row sum to 1; a row that no fold held out is NaN throughout.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def mark_unseen(predictions: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Write NaN where a model knows nothing, and let its other probabilities sum to 1.

    Parameters
    ----------
    predictions : (n, m)
        Rows that sum to 1.
    seen : (m,) bool
        Classes with mass in the rows that the model was trained on.

    Returns
    -------
    (n, m)
        ``predictions`` itself where every class was seen. A row without any mass on the seen classes is spread evenly over them.
    """
    if seen.all():
        return predictions
    known = np.where(seen, predictions, 0.0)  # (n, m)
    total = known.sum(axis=1, keepdims=True)  # (n, 1)
    even = np.where(seen, 1.0 / max(int(seen.sum()), 1), 0.0) + np.zeros_like(known)
    return np.where(seen, np.divide(known, total, out=even, where=total > 0), np.nan)


def average_held_out(
    parts: Iterable[tuple[np.ndarray, np.ndarray]], n: int, m: int, *, sum_to_one: bool = True
) -> np.ndarray:
    """Put held-out predictions together; an entry that several parts know gets their mean.

    Parameters
    ----------
    parts : iterable of ((n_part,) int positions, (n_part, m) predictions)
        In an order that does not depend on which fit ended first: it decides the last bit of the sums.
    n, m : int
        Rows and columns of the whole.
    sum_to_one : bool
        Whether rows are distributions: where parts know different classes, the means are then scaled to sum to 1.

    Returns
    -------
    oof : (n, m) float32
        NaN where no part knows anything.
    """
    total, count = np.zeros((n, m)), np.zeros((n, m), dtype=np.int64)  # (n, m)
    for rows, predictions in parts:
        known = ~np.isnan(predictions)
        total[rows] += np.where(known, predictions, 0.0)
        count[rows] += known
    oof = np.full((n, m), np.nan)
    np.divide(total, count, out=oof, where=count > 0)
    if not sum_to_one:
        return oof.astype(np.float32)
    uneven = count.max(axis=1) != np.where(count > 0, count, count.max(axis=1, keepdims=True)).min(axis=1)
    oof[uneven] /= np.nansum(oof[uneven], axis=1, keepdims=True)
    return oof.astype(np.float32)


def held_out_rows(oof: np.ndarray) -> np.ndarray:
    """Return which rows (n,) some model predicted."""
    return ~np.isnan(oof).all(axis=1)


def judged_rows(oof: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return for which rows (n,) some model that knows the given label's class made a prediction."""
    return ~np.isnan(oof[np.arange(len(codes)), codes])


def known_mass(oof: np.ndarray) -> np.ndarray:
    """Return the predictions (n, m) with 0 for classes that no model of the row knows: rows to be scored."""
    return np.nan_to_num(oof, nan=0.0)


def fill_unseen(oof: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Let classes that a row's models never saw keep their old mass; what was predicted shares the rest.

    With u the unseen classes and o the row's old target: p_u = o_u, and the others become p_c (1 - sum_u o_u). Nothing is made
    up: a row whose whole mass lies on unseen classes keeps its target.

    Parameters
    ----------
    oof, old : (n, m)
        Predictions with NaN for unseen classes; targets before the update.

    Returns
    -------
    (n, m)
        ``oof`` itself where nothing is missing. Rows that no model predicted become ``old``.
    """
    unseen = np.isnan(oof)
    if not unseen.any():
        return oof
    kept = np.where(unseen, old, 0.0).astype(np.float64)  # (n, m)
    left = np.maximum(1.0 - kept.sum(axis=1, keepdims=True), 0.0)  # float32 rows may sum to a little above 1
    return np.where(unseen, kept, np.nan_to_num(oof, nan=0.0) * left)
