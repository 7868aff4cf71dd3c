"""Scores after each epoch on rows that are not trained on, and when to stop by them."""

from __future__ import annotations

import copy

import numpy as np
from sklearn.model_selection import train_test_split
from torch import nn

from softlabel.errors import InputError


def inner_split(n: int, strata: np.ndarray | None, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Set rows apart, stratified where each stratum has two rows and finds place on both sides.

    Parameters
    ----------
    n : int
    strata : (n,) whole numbers from 0, or None
        Rows of one number are alike.
    share : float
        Of the rows, to be set apart; at least one is.
    seed : int

    Returns
    -------
    kept, apart : positions, ascending
    """
    n_apart = max(round(share * n), 1)
    if n_apart >= n:
        raise InputError(
            f"validation_share={share:g} of {n} rows leaves none to train on; give more rows or a smaller share"
        )
    if strata is not None:
        counts = np.bincount(strata)
        if counts[counts > 0].min() < 2 or min(n_apart, n - n_apart) < np.count_nonzero(counts):
            strata = None
    kept, apart = train_test_split(np.arange(n), test_size=n_apart, random_state=seed % 2**32, stratify=strata)
    return np.sort(kept), np.sort(apart)


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
