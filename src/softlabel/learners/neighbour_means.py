"""Neighbours that vote with the weight of their row, which scikit-learn's neighbours do not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.neighbors import KNeighborsRegressor, RadiusNeighborsRegressor
from sklearn.utils import get_tags

NEIGHBOURS = (KNeighborsRegressor, RadiusNeighborsRegressor)


class NeighbourMeans(RegressorMixin, BaseEstimator):
    """Predict the weighted mean of the neighbours' targets, ``sum_i w_i y_i / sum_i w_i``.

    A neighbour's vote is linear in its row, so that neighbours with the outputs ``w y`` and ``w`` predict two means whose
    ratio is the weighted one. Distances weigh as the estimator weighs them, and how many neighbours are asked counts rows,
    not weights.

    Parameters
    ----------
    estimator : KNeighborsRegressor or RadiusNeighborsRegressor

    Attributes
    ----------
    estimator_ : regressor
        Fitted to (n, m + 1) columns, the weights last.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: NDArray[Any], sample_weight: NDArray[np.float64]) -> NeighbourMeans:
        """Fit to y (n,) or (n, m) with weights (n,)."""
        rows = y.reshape(len(y), -1)  # (n, m)
        weights = sample_weight[:, None]  # (n, 1)
        self.flat_ = y.ndim == 1
        self.estimator_ = self.estimator.fit(X, np.hstack([rows * weights, weights]))
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return means (n,) or (n, m), NaN where no neighbour weighs anything."""
        means = np.asarray(self.estimator_.predict(X), dtype=np.float64)  # (n, m + 1)
        weights = means[:, -1:]  # (n, 1)
        rows = np.divide(means[:, :-1], weights, out=np.full_like(means[:, :-1], np.nan), where=weights > 0)  # (n, m)
        return rows[:, 0] if self.flat_ else rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags
