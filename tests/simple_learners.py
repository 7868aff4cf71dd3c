"""Learners whose behaviour is known in closed form: what the laws and exact tests refine with."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator


class Memoriser(BaseEstimator):
    """Returns the targets of rows it has seen, and uniform targets otherwise."""

    def fit(self, X, targets, sample_weight=None):
        self.seen_ = {row.tobytes(): target for row, target in zip(np.asarray(X), targets, strict=True)}
        self.n_columns_ = targets.shape[1]
        return self

    def predict_targets(self, X):
        uniform = np.full(self.n_columns_, 1.0 / self.n_columns_)
        return np.array([self.seen_.get(row.tobytes(), uniform) for row in np.asarray(X)])


class Centroids(BaseEstimator):
    """Softmax of minus the squared distance to each class's mean: order-blind, and equivariant to the order of classes."""

    def fit(self, X, targets, sample_weight=None):
        weight = np.ones(len(targets)) if sample_weight is None else np.asarray(sample_weight)
        mass = targets.astype(np.float64) * weight[:, None]  # (n, k)
        total = mass.sum(axis=0)  # (k,)
        self.present_ = total > 0
        self.centres_ = (mass.T @ np.asarray(X, dtype=np.float64)) / np.where(total > 0, total, 1)[:, None]
        return self

    def predict_targets(self, X):
        X = np.asarray(X, dtype=np.float64)
        distance = ((X[:, None, :] - self.centres_[None]) ** 2).sum(axis=2)
        score = np.where(self.present_, np.exp(-0.5 * (distance - distance.min(axis=1, keepdims=True))), 0.0)
        return score / score.sum(axis=1, keepdims=True)


class Viewed(Centroids):
    """Its views of a row are the row and its mirror image, (x, y) and (-x, y): their mean with ``tta="mirror"``."""

    def predict_targets(self, X, tta=None):
        own = super().predict_targets(X)
        if tta is None:
            return own
        assert tta == "mirror"
        return (own + super().predict_targets(np.asarray(X) * [-1, 1])) / 2


class FailsInFold(Centroids):
    """Fails whenever its seed is the one it was told to fail on."""

    def __init__(self, failing_seed=None, random_state=None):
        self.failing_seed = failing_seed
        self.random_state = random_state

    def fit(self, X, targets, sample_weight=None):
        if self.random_state == self.failing_seed:
            raise RuntimeError("the machine that fits has caught fire")
        return super().fit(X, targets, sample_weight)


def blobs(n_per_class=30, k=3, spread=0.5, seed=0):
    """Return well-separated classes on a circle, rows shuffled: X (n, 2), y (n,)."""
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * np.arange(k) / k
    centres = 4 * np.c_[np.cos(angles), np.sin(angles)]
    y = rng.permutation(np.repeat(np.arange(k), n_per_class))
    return centres[y] + spread * rng.normal(size=(len(y), 2)), y
