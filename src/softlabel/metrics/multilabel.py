"""Scores of predicted entries against given or known labels, several a row.

Every function takes ``codes`` (n, k) of 0 and 1, ``predictions`` (n, k) from 0 to 1 and optionally ``sample_weight`` (n,),
and returns one float: a row of weight 2 counts as two rows, a row of weight 0 as none. A label is predicted where its
entry is above 0.5. A label that no row has, or every row, has no AUC; it is left out of means, and a mean over no label at all is NaN.
All raise ``InputError`` where shapes differ, values are not finite, or no row counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.calibration import binned_gap, equal_width_bins
from softlabel.metrics.scored_rows import row_weights
from softlabel.targets.entries import check_indicators, harden_entries
from softlabel.targets.rows import as_table

_SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)  # 2.2e-16


@dataclass(frozen=True)
class _Entries:
    """What is scored: codes and predictions (n, k) as float64, weights (n,) above 0, the precision that came."""

    codes: NDArray[np.float64]
    predictions: NDArray[np.float64]
    weights: NDArray[np.float64]
    precision: type

    @property
    def said(self) -> NDArray[np.float64]:
        """(n, k) 1.0 where a label is predicted."""
        return harden_entries(self.predictions).astype(np.float64)

    def row_mean(self, values: NDArray[np.float64]) -> float:
        """Weighted mean of one value a row."""
        return float(self.weights @ values / self.weights.sum())


def mean_auc(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean over labels of the area under the ROC curve, from 0 to 1; 0.5 is chance.

    The chance that a row with the label is predicted above one without it, a tie counting half. Labels that have both
    kinds of rows count; NaN where none has. Equivalent to ``sklearn.metrics.roc_auc_score(codes, predictions)`` over these columns.

    Examples
    --------
    >>> mean_auc([[1, 0], [0, 1], [0, 1]], [[0.9, 0.5], [0.1, 0.5], [0.9, 0.5]])  # 0.75 and 0.5
    0.625
    """
    return _mean_of(_auc(_scored(codes, predictions, sample_weight)))


def mean_average_precision(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean over labels of the average precision, from 0 to 1.

    ``sum_t (recall_t - recall_(t-1)) precision_t`` over the distinct predictions t from the highest down. Labels that some row has
    count; NaN where there is none. Equivalent to ``sklearn.metrics.average_precision_score(codes, predictions)`` over
    these columns.

    Examples
    --------
    >>> mean_average_precision([[1], [0]], [[0.2], [0.7]])
    0.5
    """
    return _mean_of(_average_precision(_scored(codes, predictions, sample_weight)))


def macro_f1(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean over labels of their F1, from 0 to 1, over the labels that are present or predicted; NaN where none is.

    Equivalent to ``sklearn.metrics.f1_score(codes, predictions > 0.5, average="macro", zero_division=nan)``.

    Examples
    --------
    >>> macro_f1([[1, 0], [1, 1]], [[0.9, 0.1], [0.9, 0.1]])
    0.5
    """
    return _mean_of(_f1(_scored(codes, predictions, sample_weight)))


def micro_f1(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the F1 of all entries together, from 0 to 1; NaN where no label is present or predicted.

    Equivalent to ``sklearn.metrics.f1_score(codes, predictions > 0.5, average="micro")``.

    Examples
    --------
    >>> micro_f1([[1, 0], [1, 1]], [[0.9, 0.1], [0.9, 0.1]])
    0.8
    """
    right, true, predicted = (mass.sum() for mass in _masses(_scored(codes, predictions, sample_weight)))
    return float(2.0 * right / (true + predicted)) if true + predicted > 0 else float("nan")


def exact_match(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the share of rows with every entry predicted right, from 0 to 1.

    Equivalent to ``sklearn.metrics.accuracy_score(codes, predictions > 0.5)``.

    Examples
    --------
    >>> exact_match([[1, 0], [1, 1]], [[0.9, 0.1], [0.9, 0.1]])
    0.5
    """
    entries = _scored(codes, predictions, sample_weight)
    return entries.row_mean((entries.said == entries.codes).all(axis=1).astype(np.float64))


def entry_nll(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the binary cross entropy in nats, the mean over entries and rows of ``-y log p - (1 - y) log(1 - p)``.

    Chances of the given value below the float64 epsilon (2.2e-16) count as that, so an entry costs 36.04 at most.

    Examples
    --------
    >>> round(entry_nll([[1, 0]], [[0.5, 0.5]]), 4)
    0.6931
    """
    return _mean_of(_nll(_scored(codes, predictions, sample_weight)))


def classwise_ece(
    codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None, *, n_bins: int = 15
) -> float:
    """Return the mean over labels of the calibration error of their entries, from 0 to 1.

    For each label ``sum_b share_b |frequency_b - mean p_b|`` over bins of equal width (lo, hi], the first closed. Every label counts.
    The conventions are those of :func:`softlabel.metrics.calibration.classwise_ece`, whose value this is on one-hot codes.

    Examples
    --------
    >>> round(classwise_ece([[1], [0]], [[0.8], [0.8]]), 4)
    0.3
    """
    return _mean_of(_ece(_scored(codes, predictions, sample_weight), n_bins))


def class_scores(
    codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
) -> dict[str, NDArray[np.float64]]:
    """Return the scores of each label, (k,) each: share of rows that have it, auc, average_precision, f1, nll and ece.

    NaN where a label has no such score. The means over labels are the functions above.

    Examples
    --------
    >>> class_scores([[1, 0], [0, 0]], [[0.9, 0.1], [0.1, 0.1]])["auc"]
    array([ 1., nan])
    """
    entries = _scored(codes, predictions, sample_weight)
    return {
        "share": entries.weights @ entries.codes / entries.weights.sum(),
        "auc": _auc(entries),
        "average_precision": _average_precision(entries),
        "f1": _f1(entries),
        "nll": _nll(entries),
        "ece": _ece(entries, 15),
    }


def _scored(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None) -> _Entries:
    p = as_table(predictions, "predictions")  # (n, k)
    precision = np.float32 if np.asarray(predictions).dtype in (np.float16, np.float32) else np.float64
    bad = np.flatnonzero(~np.isfinite(p).all(axis=1))
    if bad.size:
        raise InputError(f"predictions: row {bad[0]} has values that are not finite ({bad.size} of {len(p)} rows)")
    true = check_indicators(codes, n_rows=len(p), n_columns=p.shape[1])
    weights = row_weights(sample_weight, len(p))
    counts = weights > 0
    return _Entries(true[counts].astype(np.float64), p[counts], weights[counts], precision)


def _mean_of(scores: NDArray[np.float64]) -> float:
    """Return the mean over labels that have a score, NaN where none has (and no warning)."""
    there = scores[~np.isnan(scores)]
    return float(there.mean()) if there.size else float("nan")


def _auc(entries: _Entries) -> NDArray[np.float64]:
    areas = np.full(entries.codes.shape[1], np.nan)  # (k,)
    for j, (with_label, without) in enumerate(_by_level(entries)):
        if with_label.sum() > 0 and without.sum() > 0:
            below = np.cumsum(without) - 0.5 * without  # mass without the label under each level, half of its own
            areas[j] = with_label @ below / (with_label.sum() * without.sum())
    return areas


def _average_precision(entries: _Entries) -> NDArray[np.float64]:
    areas = np.full(entries.codes.shape[1], np.nan)  # (k,)
    for j, (with_label, without) in enumerate(_by_level(entries)):
        if with_label.sum() > 0:
            hits = np.cumsum(with_label[::-1])  # from the highest prediction down
            precision = hits / (hits + np.cumsum(without[::-1]))
            areas[j] = with_label[::-1] @ precision / hits[-1]
    return areas


def _by_level(entries: _Entries) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return for each label the masses of rows with and without it at each distinct prediction, ascending."""
    masses: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for true, p in zip(entries.codes.T, entries.predictions.T, strict=True):  # (n,) each
        levels, level = np.unique(p, return_inverse=True)
        both = np.zeros((2, len(levels)))
        np.add.at(both, (1 - true.astype(np.int64), level), entries.weights)
        masses.append((both[0], both[1]))
    return masses


def _f1(entries: _Entries) -> NDArray[np.float64]:
    right, true, predicted = _masses(entries)
    both = true + predicted  # (k,)
    return np.divide(2.0 * right, both, out=np.full(len(both), np.nan), where=both > 0)


def _masses(entries: _Entries) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return three (k,) sums of weights for each label: predicted right, true, predicted."""
    said = entries.said
    return entries.weights @ (said * entries.codes), entries.weights @ entries.codes, entries.weights @ said


def _nll(entries: _Entries) -> NDArray[np.float64]:
    chance = np.where(entries.codes == 1, entries.predictions, 1.0 - entries.predictions)  # (n, k)
    cost = np.maximum(-np.log(np.maximum(chance, _SMALLEST_PROBABILITY)), 0.0)
    return entries.weights @ cost / entries.weights.sum()


def _ece(entries: _Entries, n_bins: int) -> NDArray[np.float64]:
    return np.array(
        [
            binned_gap(equal_width_bins(p, n_bins, entries.precision), true - p, entries.weights)
            for true, p in zip(entries.codes.T, entries.predictions.T, strict=True)
        ]
    )
