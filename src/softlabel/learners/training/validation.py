"""Scores after each epoch on rows that are not trained on, and when to stop by them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from torch import nn

from softlabel.data.rows import take
from softlabel.errors import InputError

_SMALLEST = 1e-12  # probability that a logarithm is taken of


def inner_split(
    X: Any, targets: np.ndarray, weight: np.ndarray | None, share: float, seed: int
) -> tuple[Any, np.ndarray, np.ndarray | None, tuple[Any, np.ndarray, np.ndarray | None]]:
    """Set rows apart, stratified by their largest class where each class has two rows.

    Parameters
    ----------
    X, targets, weight : n rows, (n, m), (n,) or None
    share : float
        Of the rows, to be set apart; at least one is.
    seed : int

    Returns
    -------
    X, targets, weight
        The rows that are kept, in their order.
    apart : (X, targets, weight)
    """
    codes = targets.argmax(axis=1)  # (n,)
    counts = np.bincount(codes)
    n = len(codes)
    n_apart = max(round(share * n), 1)
    n_classes = np.count_nonzero(counts)
    if n_apart >= n:
        raise InputError(
            f"validation_share={share:g} of {n} rows leaves none to train on; give more rows or a smaller share"
        )
    stratified = counts[counts > 0].min() >= 2 and min(n_apart, n - n_apart) >= n_classes
    kept, apart = train_test_split(
        np.arange(n), test_size=n_apart, random_state=seed % 2**32, stratify=codes if stratified else None
    )
    kept, apart = np.sort(kept), np.sort(apart)
    weight_kept, weight_apart = (None, None) if weight is None else (weight[kept], weight[apart])
    return take(X, kept), targets[kept], weight_kept, (take(X, apart), targets[apart], weight_apart)


def scores(predicted: np.ndarray, targets: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Return cross entropy and accuracy of predictions (v, m) against target rows (v, m), weighted by rows (v,)."""
    logs = np.log(np.maximum(predicted.astype(np.float64), _SMALLEST))
    return {
        "validation_loss": float(np.average(-(targets * logs).sum(axis=1), weights=weight)),
        "validation_accuracy": float(np.average(predicted.argmax(axis=1) == targets.argmax(axis=1), weights=weight)),
    }


class EarlyStopping:
    """Keeps the weights of the epoch with the smallest loss on the inner split, and says when to wait no longer.

    Parameters
    ----------
    patience : int
        Epochs without a smaller loss after which the training ends.
    """

    def __init__(self, patience: int) -> None:
        self._patience, self._best, self._waited = patience, float("inf"), 0
        self.network: nn.Module | None = None
        self.epoch = 0

    def told(self, loss: float, epoch: int, network: nn.Module) -> bool:
        """Take in an epoch's loss; return whether to stop."""
        if loss < self._best:
            self._best, self._waited, self.epoch = loss, 0, epoch
            self.network = copy.deepcopy(network)
            return False
        self._waited += 1
        return self._waited >= self._patience
