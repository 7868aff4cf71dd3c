"""From the predictions of single folds to one out-of-fold array."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def average_held_out(parts: Iterable[tuple[np.ndarray, np.ndarray]], n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Put held-out predictions together; a row held out several times gets their mean.

    Parameters
    ----------
    parts : iterable of ((n_part,) int positions, (n_part, m) predictions)
        In an order that does not depend on which fit ended first: it decides the last bit of the sums.
    n, m : int
        Rows and columns of the whole.

    Returns
    -------
    oof : (n, m) float32
        NaN in rows that no part covers.
    held_out : (n,) bool
        Rows that some part covers.
    """
    total = np.zeros((n, m))  # (n, m) float64
    count = np.zeros(n, dtype=np.int64)  # (n,)
    for rows, predictions in parts:
        total[rows] += predictions
        count[rows] += 1
    held_out = count > 0
    oof = np.full((n, m), np.nan, dtype=np.float32)
    oof[held_out] = total[held_out] / count[held_out, None]
    return oof, held_out


def keep_unseen_mass(predictions: np.ndarray, old: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Let classes that a model never saw keep their old mass; what it did predict shares the rest.

    With u the unseen classes and o a row's old target: p_u = o_u, and the seen classes get p_c (1 - sum_u o_u) / sum_seen p.
    A model that was never shown a class says nothing about it, so nothing is made up: a held-out row whose whole mass lies
    on unseen classes keeps its target.

    Parameters
    ----------
    predictions, old : (n, m)
        Rows that sum to 1.
    seen : (m,) bool
        Classes with mass in the rows that the model trained on.

    Returns
    -------
    (n, m)
        ``predictions`` itself where every class was seen.
    """
    if seen.all():
        return predictions
    kept = old[:, ~seen].astype(np.float64)  # (n, n_unseen)
    known = np.where(seen, predictions, 0.0)  # (n, m) float64
    total = known.sum(axis=1, keepdims=True)  # (n, 1)
    filled = np.divide(known, total, out=np.where(seen, 1.0 / max(seen.sum(), 1), 0.0) + 0 * known, where=total > 0)
    filled *= np.maximum(1.0 - kept.sum(axis=1, keepdims=True), 0.0)  # float32 rows may sum to a little above 1
    filled[:, ~seen] = kept
    return filled
