"""Small networks with batch normalisation and dropout that can be redone by hand, and what a student shows them."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from softlabel import TorchClassifier
from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.teachers import StudentInputs

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
ROWS = RNG.dirichlet(np.ones(4), 40).astype(np.float32)


class Normalised(nn.Module):
    """Linear, batch normalisation, dropout, ReLU, linear."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.first, self.norm = nn.Linear(n_features, 6), nn.BatchNorm1d(6)
        self.dropout, self.last = nn.Dropout(0.5), nn.Linear(6, n_outputs)

    def forward(self, x):
        return self.last(torch.relu(self.dropout(self.norm(self.first(x)))))


def answered_by_hand(network, x, statistics=None):
    """Return the softmax (b, k) of ``Normalised`` without dropout, by mean and biased variance of the batch or by those given."""
    arrays = {name: values.numpy().astype(np.float64) for name, values in network.state_dict().items()}
    h = x @ arrays["first.weight"].T + arrays["first.bias"]
    mean, variance = (h.mean(axis=0), h.var(axis=0)) if statistics is None else statistics
    h = (h - mean) / np.sqrt(variance + network.norm.eps) * arrays["norm.weight"] + arrays["norm.bias"]
    z = np.maximum(h, 0) @ arrays["last.weight"].T + arrays["last.bias"]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def learned_statistics(network):
    return tuple(getattr(network.norm, name).numpy().astype(np.float64) for name in ("running_mean", "running_var"))


def trained(network=Normalised, rows=ROWS, x=X, **options):
    settings = {"epochs": 3, "batch_size": 8, "lr": 0.05, "device": "cpu", "random_state": 0}
    return TorchClassifier(network, **(settings | options)).fit(x, rows)


def seen_by(fitted, normalise=None):
    """Return the inputs of a student that prepares rows as a fitted network does, or by a normalisation of its own."""
    own = fitted.preparation_.on(CPU, fitted.channels_last)
    return StudentInputs(normalise or own, fitted.input_shape_, fitted.preparation_.pictures, CPU)


def scaled(mean, std):
    return Normalisation(torch.as_tensor(mean, dtype=torch.float32), torch.as_tensor(std, dtype=torch.float32))


def state_bytes(network):
    return {name: values.numpy().tobytes() for name, values in network.state_dict().items()}
