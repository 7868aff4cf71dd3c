"""The rows that a score is taken over, checked once for every metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.rows import as_table


@dataclass(frozen=True)
class ScoredRows:
    """Codes, predictions and weights of the rows that count.

    Attributes
    ----------
    codes : (n,) int64
    probabilities : (n, k) float64
    weights : (n,) float64, each above 0
    precision : type
        The float type in which the probabilities came.
    """

    codes: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    weights: NDArray[np.float64]
    precision: type

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.weights.sum())

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(n,) code of the largest probability, the first of ties."""
        return self.probabilities.argmax(axis=1).astype(np.int64)

    @property
    def correct(self) -> NDArray[np.float64]:
        """(n,) 1.0 where the predicted code is the true one, 0.0 elsewhere."""
        return (self.predicted == self.codes).astype(np.float64)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """(n,) the largest probability."""
        return self.probabilities.max(axis=1)

    def mean(self, values: NDArray[np.float64]) -> float:
        """Weighted mean of one value a row."""
        return float(self.weights @ values) / self.total


def scored_rows(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None) -> ScoredRows:
    """Return the rows to score after checking that they belong together.

    A row of weight 0 counts as absent and a row of weight 2 as two rows, in every metric.

    Parameters
    ----------
    codes : array-like (n,) of int
        True classes.
    probabilities : array-like (n, k)
        Predictions. They are taken as they are, not normalised.
    sample_weight : array-like (n,), optional
        0 or more each.

    Raises
    ------
    InputError
        If shapes differ, values are not finite, a code is not a column, a weight is negative, or no row counts.
    """
    p = as_table(probabilities, "probabilities")  # (n, k)
    precision = np.float32 if np.asarray(probabilities).dtype in (np.float16, np.float32) else np.float64
    bad = np.flatnonzero(~np.isfinite(p).all(axis=1))
    if bad.size:
        raise InputError(f"probabilities: row {bad[0]} has values that are not finite ({bad.size} of {len(p)} rows)")
    true = check_codes(codes, p.shape[1], n_rows=len(p))
    weights = row_weights(sample_weight, len(p))
    counts = weights > 0
    if counts.all():
        return ScoredRows(true, p, weights, precision)
    return ScoredRows(true[counts], p[counts], weights[counts], precision)


def row_weights(sample_weight: ArrayLike | None, n: int) -> NDArray[np.float64]:
    """Return one weight a row (n,), 1.0 where none are given, after checking them.

    Raises
    ------
    InputError
        If there is not one weight a row, one is negative or not finite, or no row has a weight above 0.
    """
    weights = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)  # (n,)
    if weights.shape != (n,):
        raise InputError(f"sample_weight has shape {weights.shape}; give one weight for each of {n} rows")
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise InputError("sample_weight has values that are negative or not finite; give weights of 0 or more")
    if not np.any(weights > 0):
        raise InputError("there is no row to score: give at least one row with a weight above 0")
    return weights
