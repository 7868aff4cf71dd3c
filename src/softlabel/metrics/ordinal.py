"""Scores of predicted grades against given or known ones.

Every function takes ``codes`` (n,) and ``predicted_codes`` (n,), positions of grades in their order from 0 to k - 1, and
optionally ``sample_weight`` (n,): a row of weight 2 counts as two rows, a row of weight 0 as none. Errors are measured
in grades, by ``values`` (k,), the grades as numbers. All raise ``InputError`` where lengths differ, a code is no
grade, or no row counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.metrics.scored_rows import row_weights
from softlabel.targets.encode import check_codes
from softlabel.targets.thresholds import check_values


def quadratic_weighted_kappa(
    codes: ArrayLike, predicted_codes: ArrayLike, k: int, sample_weight: ArrayLike | None = None
) -> float:
    """Return Cohen's kappa with quadratic weights, from -1 to 1; 0 is what chance agrees.

    ``1 - sum_ij w_ij O_ij / sum_ij w_ij E_ij`` with ``w_ij = (i - j)^2``, O the masses of true and predicted grades and E the
    masses that independent grades of the same shares would have. Weights go by positions: grades of 0, 1, 2 and 4 are one apart each.

    Equivalent to ``sklearn.metrics.cohen_kappa_score(codes, predicted_codes, weights="quadratic", labels=range(k))``, save
    where every row has the one same grade and is predicted as it: that is 0 / 0, and here 0.0 and never NaN, for a constant agrees
    by chance alone.

    References
    ----------
    Cohen, Weighted Kappa, Psychological Bulletin 70(4), 1968.

    Examples
    --------
    >>> quadratic_weighted_kappa([0, 1, 2], [0, 1, 2], 3)
    1.0
    >>> quadratic_weighted_kappa([0, 1, 2], [1, 1, 1], 3)
    0.0
    """
    true, predicted, weights = _scored(codes, predicted_codes, k, sample_weight)
    observed = float(weights @ np.square(true - predicted)) * float(weights.sum())
    steps = np.arange(k, dtype=np.float64)  # (k,)
    mass, mass_predicted = (np.bincount(each, weights=weights, minlength=k) for each in (true, predicted))  # (k,) each
    expected = float(mass @ np.square(steps[:, None] - steps) @ mass_predicted)
    return 1.0 - observed / expected if expected > 0 else 0.0


def mean_absolute_error_of(
    codes: ArrayLike, predicted_codes: ArrayLike, values: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    """Return the mean distance ``|v_predicted - v_true|`` in grades, 0 or more.

    Examples
    --------
    >>> mean_absolute_error_of([0, 2], [2, 2], [0, 1, 4])
    2.0
    """
    error, _, weights = _errors(codes, predicted_codes, values, sample_weight)
    return float(weights @ error / weights.sum())


def macro_mae(
    codes: ArrayLike, predicted_codes: ArrayLike, values: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    """Return the mean over the grades present in ``codes`` of the mean absolute error of their rows, in grades.

    Rare grades count as much as frequent ones, which a constant prediction of the most frequent grade does not survive.

    References
    ----------
    Baccianella, Esuli and Sebastiani, Evaluation Measures for Ordinal Regression, ISDA 2009, equation 4.

    Examples
    --------
    >>> macro_mae([0, 0, 0, 2], [0, 0, 0, 0], [0, 1, 2])
    1.0
    """
    error, true, weights = _errors(codes, predicted_codes, values, sample_weight)
    mass = np.bincount(true, weights=weights)  # (largest code + 1,)
    missed = np.bincount(true, weights=weights * error)
    present = mass > 0  # a grade whose rows all have weight 0 is not there
    return float(np.mean(missed[present] / mass[present]))


def accuracy_of_codes(codes: ArrayLike, predicted_codes: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the share of rows whose predicted code is the true one, from 0 to 1.

    Equivalent to ``sklearn.metrics.accuracy_score(codes, predicted_codes)``.

    Examples
    --------
    >>> accuracy_of_codes([0, 1], [0, 2])
    0.5
    """
    k = 1 + max(int(np.max(np.asarray(each), initial=0)) for each in (codes, predicted_codes))  # any code is a class
    true, predicted, weights = _scored(codes, predicted_codes, k, sample_weight)
    return float(weights @ (true == predicted) / weights.sum())


def _errors(
    codes: ArrayLike, predicted_codes: ArrayLike, values: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the absolute error in grades, the true code and the weight (n,) of each row."""
    v = check_values(values)  # (k,)
    true, predicted, weights = _scored(codes, predicted_codes, len(v), sample_weight)
    return np.abs(v[predicted] - v[true]), true, weights


def _scored(
    codes: ArrayLike, predicted_codes: ArrayLike, k: int, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    true = check_codes(codes, k)  # (n,)
    predicted = check_codes(predicted_codes, k, n_rows=len(true), name="predicted_codes")
    return true, predicted, row_weights(sample_weight, len(true))
