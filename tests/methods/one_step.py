"""Trainings that can be redone by hand: a linear network, all rows in one batch, plain steps of one size."""

from __future__ import annotations

import numpy as np

from simple_learners import blobs
from softlabel import TorchClassifier

X, Y = blobs(n_per_class=8, spread=3.0, seed=3)
HARD = np.eye(3)[Y]  # (24, 3)
LR = 0.5


def linear(epochs=1, lr=LR, kind=TorchClassifier, **options):
    """Return a network without hidden layers that makes one plain step an epoch; with lr 1e-30 it stays where it starts."""
    settings = {"schedule": "constant", "momentum": 0.0, "weight_decay": 0.0, "batch_size": 64, "device": "cpu"}
    return kind("mlp", network_options={"hidden": ()}, epochs=epochs, lr=lr, **(settings | options))


def bias(fitted):
    """Return the bias (m,) of a fitted method's network: its gradient is the mean of the rows' gradients of their outputs."""
    return fitted.estimator_.network_.head.bias.detach().numpy().astype(np.float64)
