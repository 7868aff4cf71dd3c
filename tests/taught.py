"""A small teacher of pictures, and what it is asked about; fitted once."""

from __future__ import annotations

from functools import cache

import numpy as np

from coloured_pictures import coloured
from softlabel import TorchClassifier


def small(**settings) -> TorchClassifier:
    """A network that trains in no time."""
    chosen = {
        "network": "small_cnn",
        "network_options": {"width": 4},
        "epochs": 2,
        "batch_size": 16,
        "lr": 0.05,
        "random_state": 0,
        "device": "cpu",
    }
    return TorchClassifier(**(chosen | settings))


@cache
def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return 40 pictures and their kinds, mixed up."""
    X, y = coloured(20)
    order = np.random.default_rng(4).permutation(len(X))
    return X[order], y[order]


@cache
def teacher() -> TorchClassifier:
    """A network that was fitted to the pictures."""
    return small(epochs=4).fit(*pictures())
