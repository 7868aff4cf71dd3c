"""The temperature that makes probabilities fit the labels of rows that no model trained on: one number, fitted by likelihood.

Dividing logits by T is raising probabilities to the power 1/T and normalising them, so that any classifier can be scaled, with or
without logits. ``softlabel.targets.update.sharpen`` and ``softlabel.targets.entries.sharpen_entries`` apply what is fitted here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import softmax

from softlabel.errors import InputError
from softlabel.metrics.scored_rows import row_weights, scored_rows
from softlabel.targets.entries import check_indicators
from softlabel.targets.rows import as_table

BOUNDS = (0.05, 20.0)  # a T outside says that rows are too few, or that a model knows nothing

SMALLEST_MASS = float(np.finfo(np.float64).eps)  # 2.2e-16, as the NLL has it: of a class that is said to be impossible
SMALLEST_CHANCE = 2.0**-24  # 6e-8 of an entry, for a float32 knows nothing nearer to 1

_SMALLEST = 1e-300  # chance of a label: its logarithm is finite
_STATIONARY = 1e-14  # a slope below this is rounding


def fit_temperature(
    probabilities: ArrayLike,
    codes: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] = BOUNDS,
) -> float:
    """Return the temperature T at which ``p^(1/T) / sum p^(1/T)`` has the least NLL.

    The NLL is convex in 1/T. So its slope ``mean_i (sum_j softmax(l_i / T)_j l_ij - l_iy)``, with l the log-probabilities, has one
    sign change at most, and T is its root, found by bisection (Brent's) to twelve digits. T above 1 says that the model is too sure
    of itself, below 1 that it is not sure enough.

    Parameters
    ----------
    probabilities : array-like (n, k)
        Predictions for rows that the model did not train on: distributions over classes, or the chance of each of several labels.
        Zeros count as 2.2e-16, entries as no nearer to 0 and 1 than 6e-8 (``bounded``): of 0 no power is anything else.
    codes : array-like (n,) of int, or (n, k) of 0 and 1
        Given labels; two dimensions are several labels a row, and each entry counts as a question of two classes. Entries of NaN, which
        no model knows, are left out then.
    sample_weight : array-like (n,), optional
    bounds : (float, float)
        The least and the largest T, with 1 between them or at an end. One of them is returned where the NLL still falls towards it:
        all rows are right, say, or the answers are no better than chance.

    Returns
    -------
    T : float
        1 where no temperature is better than 1.

    Raises
    ------
    InputError
        If shapes differ, values are not finite, no row counts, or 1 is not within the bounds.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017, section 4.2.

    Examples
    --------
    The odds are 9 to 1 where 3 to 1 would be right: their square root.

    >>> round(fit_temperature([[0.9, 0.1]] * 4, [0, 0, 0, 1]), 6)
    2.0
    """
    low, high = _checked(bounds)
    if np.ndim(codes) == 2:
        logs, true, weights = _entries(probabilities, codes, sample_weight)
    else:
        rows = scored_rows(codes, probabilities, sample_weight)
        logs, true, weights = _logs(rows.probabilities, "distribution"), rows.codes, rows.weights
    own = logs[np.arange(len(logs)), true]  # (N,)
    share = weights / weights.sum()

    def slope(log_temperature: float) -> float:
        """Return the slope of the NLL in 1/T; it rises with 1/T."""
        scaled = softmax(logs / np.exp(log_temperature), axis=1)  # (N, k)
        return float(share @ ((scaled * logs).sum(axis=1) - own))

    if abs(slope(0.0)) <= _STATIONARY:
        return 1.0
    if slope(np.log(high)) >= 0:  # the NLL falls with T up to there
        return high
    if slope(np.log(low)) <= 0:
        return low
    return float(np.exp(brentq(slope, np.log(low), np.log(high), xtol=1e-12)))


def fit_temperature_to_noise(
    probabilities: ArrayLike,
    label_chances: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] = BOUNDS,
) -> float:
    """Return the temperature T at which ``p^(1/T) / sum p^(1/T)`` explains labels best of which some are wrong.

    The least of ``-mean_i log sum_c p_ic(T) L_ic``, with L_ic the chance of row i's given label where c is its true class: forward
    correction with T alone left to fit. Where labels are right (L_i is 1 for the given one, 0 else) it is ``fit_temperature``. This NLL
    may have several valleys; the deepest of those that a grid of 61 temperatures shows is gone down.

    Parameters
    ----------
    probabilities : array-like (n, k)
        Predictions of the true class for rows that the model did not train on. Zeros count as 2.2e-16.
    label_chances : array-like (n, k)
        L, ``T[c, y_i]`` of a noise matrix.
    sample_weight : array-like (n,), optional
    bounds : (float, float)
        The least and the largest T; 1 is between them, or one of them.

    Raises
    ------
    InputError
        If shapes differ, no row counts, or 1 is not within the bounds.

    References
    ----------
    Patrini, Rozza, Menon, Nock and Qu, Making Deep Neural Networks Robust to Label Noise: a Loss Correction Approach, CVPR 2017,
    section 3.2; Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017, section 4.2.

    Examples
    --------
    One in ten labels is wrong by chance, and that is all that speaks against the model; where labels are right it is too sure.

    >>> p, given = [[0.99, 0.01]] * 10, [0] * 9 + [1]
    >>> noisy, right = np.array([[0.91, 0.09], [0.09, 0.91]]), np.eye(2)
    >>> round(fit_temperature_to_noise(p, noisy[given]), 2), round(fit_temperature_to_noise(p, right[given]), 2)
    (1.05, 2.09)
    """
    low, high = _checked(bounds)
    logs, chances = (
        _logs(as_table(probabilities, "probabilities"), "distribution"),
        as_table(label_chances, "label_chances"),
    )  # (n, k)
    if chances.shape != logs.shape:
        raise InputError(
            f"label_chances has shape {chances.shape} and probabilities {logs.shape}; give one chance for each"
        )
    if not np.isfinite(logs).all() or not (np.isfinite(chances) & (chances >= 0)).all():
        raise InputError(
            "probabilities and label_chances have values that are no chances; give finite numbers of 0 or more"
        )
    weights = row_weights(sample_weight, len(logs))
    share = weights / weights.sum()

    def loss(log_temperature: float) -> float:
        scaled = softmax(logs / np.exp(log_temperature), axis=1)  # (n, k)
        return float(-share @ np.log(np.maximum((scaled * chances).sum(axis=1), _SMALLEST)))

    grid = np.linspace(np.log(low), np.log(high), 61)
    if 0.0 not in grid:
        grid = np.sort(np.append(grid, 0.0))
    losses = np.array([loss(point) for point in grid])
    best = int(losses.argmin())
    valley = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(loss, bounds=valley, method="bounded", options={"xatol": 1e-8})
    least = min(float(found.fun), float(losses[best]))
    if least >= loss(0.0) - _STATIONARY:
        return 1.0
    if found.fun < losses[best]:
        return float(np.exp(found.x))
    return {0: low, len(grid) - 1: high}.get(best, float(np.exp(grid[best])))


def bounded(probabilities: ArrayLike, kind: str = "distribution") -> NDArray[np.float64]:
    """Return probabilities (n, k) as a temperature can act on them: none is 0, and no chance of an entry 1.

    Parameters
    ----------
    probabilities : array-like (n, k)
    kind : {"distribution", "independent"}
        Masses get 2.2e-16 at least (sums move by as little); entries are 6e-8 away from 0 and 1 at least.

    Examples
    --------
    >>> bounded([[1.0, 0.0]])
    array([[1.00000000e+00, 2.22044605e-16]])
    """
    p = as_table(probabilities, "probabilities")  # (n, k)
    if kind == "independent":
        return np.clip(p, SMALLEST_CHANCE, 1.0 - SMALLEST_CHANCE)
    return np.maximum(p, SMALLEST_MASS)


def _logs(probabilities: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    return np.log(bounded(probabilities, kind))


def _entries(
    probabilities: ArrayLike, codes: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return each known entry as a row of two classes: (N, 2) log-probabilities of no and yes, (N,) codes, (N,) weights."""
    p = as_table(probabilities, "probabilities")  # (n, k)
    given = check_indicators(codes, n_rows=len(p), n_columns=p.shape[1])
    weights = np.broadcast_to(row_weights(sample_weight, len(p))[:, None], p.shape)  # (n, k)
    known = ~np.isnan(p) & (weights > 0)
    if not known.any():
        raise InputError("probabilities are NaN in every entry that counts; give some that a model knows")
    chance = bounded(p[known][:, None], "independent")  # (N, 1)
    if not ((p[known] >= 0) & (p[known] <= 1)).all():
        raise InputError("probabilities has entries that are not from 0 to 1; give the chance of each label")
    return np.log(np.hstack([1.0 - chance, chance])), given[known], weights[known]


def _checked(bounds: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = map(float, bounds)
    except (TypeError, ValueError):
        low = high = np.nan
    if 0 < low <= 1 <= high < np.inf and low < high:
        return low, high
    raise InputError(
        f"bounds={bounds!r}; give the least and the largest temperature, with 1 between them or at an end: {BOUNDS}"
    )
