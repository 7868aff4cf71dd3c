"""Accuracy class by class, on training and on further rows: how much of what a model says it has learned by heart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.scored_rows import scored_rows


class ClassAccuracies(NamedTuple):
    """Accuracy of each class (k,), NaN where it has no row, and its number of rows (k,)."""

    accuracy: NDArray[np.float64]
    counts: NDArray[np.int64]


class BinnedProfile(NamedTuple):
    """Classes in bins of similar training accuracy, (b,) each, the least accurate first.

    Mean training accuracy of the classes of a bin, mean of their validation accuracy, its standard deviation over them, and how many
    classes there are.
    """

    train: NDArray[np.float64]
    validation: NDArray[np.float64]
    deviation: NDArray[np.float64]
    counts: NDArray[np.int64]


def class_accuracies(codes: ArrayLike, predictions: ArrayLike, k: int) -> ClassAccuracies:
    """Return the share of rows of each class that are predicted right.

    The predicted class is the largest probability, the first of ties, as in :func:`~softlabel.metrics.scores.accuracy`, which is the
    mean of these numbers, each class weighing its rows.

    Parameters
    ----------
    codes : array-like (n,) of int
        True classes, from 0 to k - 1.
    predictions : array-like (n, k)
        Probabilities.
    k : int
        Number of classes.

    Raises
    ------
    InputError
        If shapes differ, or values are not finite.

    Examples
    --------
    >>> class_accuracies([0, 0, 1], [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.3, 0.7, 0]], 3).accuracy
    array([0.5, 1. , nan])
    """
    rows = scored_rows(codes, predictions, None)
    if rows.probabilities.shape[1] != k:
        raise InputError(
            f"predictions has {rows.probabilities.shape[1]} columns where {k} are needed; give one for each class"
        )
    counts = np.bincount(rows.codes, minlength=k)  # (k,)
    right = np.bincount(rows.codes, weights=rows.correct, minlength=k)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: nothing is known of that class
        return ClassAccuracies(right / counts, counts)


def binned_profile(train_accuracy: ArrayLike, validation_accuracy: ArrayLike, n_bins: int = 10) -> BinnedProfile:
    """Return how accurate a model is on further rows of classes that it knows more or less well on its training rows.

    Classes are sorted by training accuracy and cut into bins of equally many, to within one. A model that has learned nothing by heart
    lies on the diagonal: train = validation. Label Refinery (Bagherinezhad et al. 2018), figure 4.

    Parameters
    ----------
    train_accuracy, validation_accuracy : array-like (k,)
        Of each class; a class that is NaN in one of them is left out.
    n_bins : int, default=10
        As many as there are classes, where these are fewer.

    Raises
    ------
    InputError
        If shapes differ, no class is known in both, or the number of bins is no whole number of 1 or more.

    Examples
    --------
    >>> profile = binned_profile([1.0, 0.5, 0.9, 0.6], [0.8, 0.5, 0.6, 0.5], n_bins=2)
    >>> profile.train, profile.validation, profile.deviation
    (array([0.55, 0.95]), array([0.5, 0.7]), array([0. , 0.1]))
    """
    train, validation = np.asarray(train_accuracy, dtype=np.float64), np.asarray(validation_accuracy, dtype=np.float64)
    if train.ndim != 1 or train.shape != validation.shape:
        raise InputError(
            f"accuracies have shapes {train.shape} and {validation.shape}; give one number a class in each"
        )
    if isinstance(n_bins, bool) or not isinstance(n_bins, (int, np.integer)) or n_bins < 1:
        raise InputError(f"n_bins is {n_bins!r}; give a whole number of 1 or more")
    known = np.flatnonzero(np.isfinite(train) & np.isfinite(validation))
    if not known.size:
        raise InputError(
            "no class has both a training and a validation accuracy; give rows of the same classes to both"
        )
    order = known[np.argsort(train[known], kind="stable")]
    bins = np.array_split(order, min(int(n_bins), len(order)))
    return BinnedProfile(
        train=np.array([train[classes].mean() for classes in bins]),
        validation=np.array([validation[classes].mean() for classes in bins]),
        deviation=np.array([validation[classes].std() for classes in bins]),
        counts=np.array([len(classes) for classes in bins]),
    )
