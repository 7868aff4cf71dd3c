"""Scores of predicted probabilities against true classes.

Every function takes ``codes`` (n,), ``probabilities`` (n, k) and optionally ``sample_weight`` (n,), and returns one
float. A row of weight 2 counts as two rows, a row of weight 0 as none. The predicted class is the largest probability,
the first of ties. All raise ``InputError`` where shapes differ, values are not finite, or no row counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.scored_rows import ScoredRows, scored_rows

_SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)  # 2.2e-16


def accuracy(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the share of rows whose predicted class is the true one, from 0 to 1.

    Equivalent to ``sklearn.metrics.accuracy_score(codes, probabilities.argmax(axis=1))``.

    Examples
    --------
    >>> accuracy([0, 1], [[0.9, 0.1], [0.6, 0.4]])
    0.5
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    return rows.mean(rows.correct)


def top_k_accuracy(
    codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None, *, k: int = 5
) -> float:
    """Return the share of rows whose true class is among the k classes of the largest probabilities, from 0 to 1.

    Of equal probabilities the later column comes first, as in ``sklearn.metrics.top_k_accuracy_score``, to which this is equivalent
    for three classes or more. So where probabilities tie, k = 1 may differ from :func:`accuracy`, which takes the first. With k classes
    or fewer it is 1 whatever is predicted.

    Raises
    ------
    InputError
        Also if k is no whole number of 1 or more.

    Examples
    --------
    >>> top_k_accuracy([0, 1], [[0.2, 0.5, 0.3], [0.2, 0.5, 0.3]], k=2)
    0.5
    """
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise InputError(f"k is {k!r}; give how many classes may be named, a whole number of 1 or more")
    rows = scored_rows(codes, probabilities, sample_weight)
    p = rows.probabilities  # (n, n_classes)
    p_true = p[np.arange(len(rows.codes)), rows.codes][:, None]  # (n, 1)
    later = np.arange(p.shape[1]) > rows.codes[:, None]  # (n, n_classes)
    ahead = ((p > p_true) | ((p == p_true) & later)).sum(axis=1)  # (n,)
    return rows.mean((ahead < k).astype(np.float64))


def balanced_accuracy(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean over the classes present in ``codes`` of the share of their rows predicted right, from 0 to 1.

    Equivalent to ``sklearn.metrics.balanced_accuracy_score(codes, probabilities.argmax(axis=1))``.

    Examples
    --------
    >>> balanced_accuracy([0, 0, 0, 1], [[0.9, 0.1]] * 4)
    0.5
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    right, true, _ = _class_masses(rows)
    present = true > 0
    return float(np.mean(right[present] / true[present]))


def macro_f1(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean of the F1 of each class, from 0 to 1, over the classes that are present or predicted.

    Equivalent to ``sklearn.metrics.f1_score(codes, probabilities.argmax(axis=1), average="macro")``.

    Examples
    --------
    >>> macro_f1([0, 1], [[0.9, 0.1], [0.1, 0.9]])
    1.0
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    right, true, predicted = _class_masses(rows)
    seen = (true + predicted) > 0
    return float(np.mean(2.0 * right[seen] / (true[seen] + predicted[seen])))


def nll(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean of ``-log p`` of the true class in nats, 0 or more.

    Probabilities below the float64 epsilon (2.2e-16) count as that, so a row costs 36.04 at most. Equivalent to
    ``sklearn.metrics.log_loss`` of float64 probabilities, labels 0 to k - 1.

    Examples
    --------
    >>> round(nll([0], [[0.5, 0.5]]), 4)
    0.6931
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    p_true = rows.probabilities[np.arange(len(rows.codes)), rows.codes]  # (n,)
    return rows.mean(np.maximum(-np.log(np.maximum(p_true, _SMALLEST_PROBABILITY)), 0.0))


def brier(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean over rows of ``sum_j (p_j - onehot_j)^2``, from 0 to 2.

    The multi-class form (Brier, Verification of Forecasts Expressed in Terms of Probability, 1950). With two classes it
    is twice the binary form. Equivalent to ``sklearn.metrics.brier_score_loss(..., scale_by_half=False)``.

    Examples
    --------
    >>> brier([0], [[0.0, 1.0]])
    2.0
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    gap = rows.probabilities.copy()  # (n, k)
    gap[np.arange(len(rows.codes)), rows.codes] -= 1.0
    return rows.mean(np.square(gap).sum(axis=1))


def aurc(codes: ArrayLike, probabilities: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the area under the risk-coverage curve, from 0 to 1; lower is better.

    The risk at a confidence c is the share of errors among the rows at least as confident as c (confidence is the
    largest probability). The area is the mean of that risk with c taken from each row in turn, so that rows of equal
    confidence enter together and their order does not matter.

    References
    ----------
    Geifman, Uziel and El-Yaniv, Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, ICLR 2019, section 2.

    Examples
    --------
    >>> aurc([0, 0], [[0.9, 0.1], [0.2, 0.8]])  # the surer row is right: risks 0 and 1/2
    0.25
    """
    rows = scored_rows(codes, probabilities, sample_weight)
    levels, level = np.unique(-rows.confidence, return_inverse=True)  # the most confident first
    mass = np.bincount(level, weights=rows.weights, minlength=len(levels))
    wrong = np.bincount(level, weights=rows.weights * (1.0 - rows.correct), minlength=len(levels))
    risk = np.cumsum(wrong) / np.cumsum(mass)  # one for each level
    return float(mass @ risk) / rows.total


def _class_masses(rows: ScoredRows) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return three (k,) sums of weights for each class: predicted right, true, predicted."""
    k = rows.probabilities.shape[1]
    right = np.zeros(k)  # (k,) each
    true = np.zeros(k)
    predicted = np.zeros(k)
    np.add.at(right, rows.codes, rows.weights * rows.correct)
    np.add.at(true, rows.codes, rows.weights)
    np.add.at(predicted, rows.predicted, rows.weights)
    return right, true, predicted
