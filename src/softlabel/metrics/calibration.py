"""Calibration errors with every convention fixed.

Confidence is the largest probability of a row. Bins of equal width are (lo, hi], the first is closed, so a confidence
of exactly 1.0 falls in the last bin and one on an edge in the bin below it; edges are rounded to the precision in which
the probabilities came, so that 0.2 is on the edge 3/15 in float32 as well.

Every function takes ``codes`` (n,), ``probabilities`` (n, k) and optionally ``sample_weight`` (n,). A row of weight 2
counts as two rows, a row of weight 0 as none. All raise ``InputError`` where shapes differ, values are not finite, no
row counts, or there is no bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.scored_rows import scored_rows


@dataclass(frozen=True)
class ReliabilityBins:
    """A reliability diagram as numbers.

    Attributes
    ----------
    edges : (n_bins + 1,) float64
        From 0 to 1.
    share : (n_bins,) float64
        Share of the weight in each bin; sums to 1.
    confidence, accuracy : (n_bins,) float64
        Weighted means over the rows of each bin; NaN where a bin is empty.
    """

    edges: NDArray[np.float64]
    share: NDArray[np.float64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def ece(
    codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None, *, n_bins: int = 15
) -> float:
    """Return the expected calibration error, from 0 to 1.

    ``sum_b share_b |accuracy_b - confidence_b|`` over bins of equal width.

    References
    ----------
    Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015;
    Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equation 3.

    Examples
    --------
    >>> round(ece([0, 1], [[0.8, 0.2], [0.8, 0.2]]), 4)  # says 0.8, is right half the time
    0.3
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    bins = equal_width_bins(rows.confidence, n_bins, rows.precision)
    return binned_gap(bins, rows.correct - rows.confidence, rows.weights)


def adaptive_ece(
    codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None, *, n_bins: int = 15
) -> float:
    """Return the expected calibration error over bins of equal mass, from 0 to 1.

    Rows are sorted by confidence and cut into ``n_bins`` parts of equal weight. Rows of equal confidence stay together,
    in the bin where the middle of their mass lies, so the order of rows does not matter.

    References
    ----------
    Nguyen and O'Connor, Posterior Calibration and Exploratory Analysis for Natural Language Processing Models,
    EMNLP 2015, section 3.

    Examples
    --------
    >>> round(adaptive_ece([0, 1], [[0.9, 0.1], [0.6, 0.4]], n_bins=2), 4)  # gaps 0.1 and 0.6
    0.35
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    bins = _equal_mass(rows.confidence, n_bins, rows.weights)
    return binned_gap(bins, rows.correct - rows.confidence, rows.weights)


def classwise_ece(
    codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None, *, n_bins: int = 15
) -> float:
    """Return the mean over classes of the calibration error of that class's column, from 0 to 1.

    For class c every row falls in the bin of equal width of its probability for c, whatever it is predicted as:
    ``mean_c sum_b share_bc |frequency_bc - mean p_bc|``. Every column counts, classes without a row too.

    References
    ----------
    Kull et al., Beyond Temperature Scaling, NeurIPS 2019, equation 2.

    Examples
    --------
    >>> classwise_ece([0, 1], [[1.0, 0.0], [0.0, 1.0]])
    0.0
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    gaps = []
    for code, column in enumerate(rows.probabilities.T):  # column: (n,)
        is_class = (rows.codes == code).astype(np.float64)
        gaps.append(binned_gap(equal_width_bins(column, n_bins, rows.precision), is_class - column, rows.weights))
    return float(np.mean(gaps))


def reliability_bins(
    codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None, *, n_bins: int = 15
) -> ReliabilityBins:
    """Return share, mean confidence and accuracy of each bin of equal width, the bins of :func:`ece`.

    ``ece`` is ``sum(share * |accuracy - confidence|)`` over the bins that are not empty.

    Examples
    --------
    >>> bins = reliability_bins([0, 1], [[0.8, 0.2], [0.8, 0.2]], n_bins=2)
    >>> bins.share, bins.accuracy
    (array([0., 1.]), array([nan, 0.5]))
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    bins = equal_width_bins(rows.confidence, n_bins, rows.precision)
    mass = np.bincount(bins, weights=rows.weights, minlength=n_bins)  # (n_bins,)
    confidence = np.bincount(bins, weights=rows.weights * rows.confidence, minlength=n_bins)
    accuracy = np.bincount(bins, weights=rows.weights * rows.correct, minlength=n_bins)
    empty = np.full(n_bins, np.nan)
    return ReliabilityBins(
        edges=np.arange(n_bins + 1) / n_bins,
        share=mass / rows.total,
        confidence=np.divide(confidence, mass, out=empty.copy(), where=mass > 0),
        accuracy=np.divide(accuracy, mass, out=empty.copy(), where=mass > 0),
    )


def equal_width_bins(values: NDArray[np.float64], n_bins: int, precision: type) -> NDArray[np.int64]:
    """Return the bin (n,) of each value from 0 to 1."""
    _check_bins(n_bins)
    edges = (np.arange(n_bins + 1) / n_bins).astype(precision).astype(np.float64)  # (n_bins + 1,)
    # "left" puts a value that equals an edge below it; clipping closes the first bin and takes 1 + rounding in the last
    return np.clip(np.searchsorted(edges, values, side="left") - 1, 0, n_bins - 1)


def _equal_mass(values: NDArray[np.float64], n_bins: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin (n,) of each value by its weighted rank."""
    _check_bins(n_bins)
    levels, level = np.unique(values, return_inverse=True)
    mass = np.bincount(level, weights=weights, minlength=len(levels))
    middle = np.cumsum(mass) - 0.5 * mass  # one for each level
    return np.minimum((middle * n_bins / mass.sum()).astype(np.int64), n_bins - 1)[level]


def binned_gap(bins: NDArray[np.int64], gap: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return ``sum_b share_b |mean gap_b|``; the shares and the divisors of the means cancel."""
    return float(np.abs(np.bincount(bins, weights=weights * gap)).sum() / weights.sum())


def _check_bins(n_bins: int) -> None:
    if n_bins < 1:
        raise InputError(f"n_bins is {n_bins}; give 1 or more")
