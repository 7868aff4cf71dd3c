"""The refinement rule: how the targets of one round become those of the next."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.rows import as_table


def momentum_at(momentum: float | Literal["average"], round: int) -> float:
    """Return the weight of the old targets in the update of one round.

    Parameters
    ----------
    momentum : float from 0 to 1, or "average"
        A number is the same in every round; the paper's n = 3 is n / (n + 1) = 0.75. ``"average"`` is ``r / (r + 1)``
        in round r (the paper's n = t), so that after R rounds the given label and each of the R predictions weigh
        ``1 / (R + 1)``.
    round : int
        Counted from 1.

    Returns
    -------
    weight : float from 0 to 1

    Raises
    ------
    InputError
        If ``momentum`` is neither, or ``round`` is below 1.

    Examples
    --------
    >>> momentum_at(0.75, round=2), momentum_at("average", round=3)
    (0.75, 0.75)
    """
    if round < 1:
        raise InputError(f"round is {round}; rounds are counted from 1")
    if isinstance(momentum, str):
        if momentum == "average":
            return round / (round + 1)
    elif isinstance(momentum, (int, float, np.number)) and 0.0 <= float(momentum) <= 1.0:
        return float(momentum)
    raise InputError(
        f"momentum is {momentum!r}; give a number from 0 (new predictions only) to 1 (old targets only), or 'average'"
    )


def sharpen(probabilities: ArrayLike, temperature: float) -> NDArray[np.float32]:
    """Raise each row to the power ``1 / temperature`` and normalise it.

    ``p^(1/T) / sum(p^(1/T))``, computed in logarithms so that small temperatures do not underflow. T = 1 is the
    identity, T towards 0 the argmax, T above 1 flattens. Zeros stay zero. The largest mass stays the largest; masses
    that differ by float32 rounding only may become equal.

    Parameters
    ----------
    probabilities : array-like (n, k)
        Rows that sum to 1.
    temperature : float above 0

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If ``temperature`` is not a finite number above 0, or the rows are not two-dimensional, or one has no mass.

    References
    ----------
    Berthelot et al., MixMatch, NeurIPS 2019, equation 7.

    Examples
    --------
    >>> sharpen([[0.75, 0.25]], 0.5)
    array([[0.9, 0.1]], dtype=float32)
    """
    if isinstance(temperature, str) or not (np.isfinite(temperature) and temperature > 0):
        raise InputError(f"temperature is {temperature!r}; give a number above 0 (1 changes nothing, below 1 sharpens)")
    p = as_table(probabilities, "probabilities")  # (n, k)
    if temperature == 1:
        return p.astype(np.float32)
    peak = p.max(axis=1, keepdims=True)  # (n, 1)
    if not np.all(peak > 0):
        row = np.flatnonzero(~(peak[:, 0] > 0))[0]
        raise InputError(f"probabilities: row {row} has no positive mass; give rows that sum to 1")
    with np.errstate(divide="ignore", over="ignore"):  # log 0 and what it becomes: -inf, whose power is 0 again
        powers = np.exp(np.log(p / peak) / temperature)  # (n, k), 1 at the peak
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def update_targets(
    targets: ArrayLike,
    oof: ArrayLike,
    momentum: float | Literal["average"],
    *,
    round: int = 1,
    held_out: ArrayLike | None = None,
) -> NDArray[np.float32]:
    """Mix the old targets with the out-of-fold predictions: the paper's M step.

    ``L(r) = m L(r-1) + (1 - m) P(r)``, with ``m = momentum_at(momentum, round)``. ``momentum=1`` returns the targets,
    ``momentum=0`` the predictions, both to the byte. Rows stay valid: they are averages of two valid rows.

    Parameters
    ----------
    targets : array-like (n, m)
        L(r-1).
    oof : array-like (n, m)
        P(r): each row predicted by models that did not train on it.
    momentum : float from 0 to 1, or "average"
    round : int
        r, counted from 1; matters for ``"average"`` only.
    held_out : array-like (n,) of bool, optional
        Rows that have a prediction; the others keep their targets, and what ``oof`` has there is not looked at.

    Returns
    -------
    refined : (n, m) float32
        L(r), computed in float64.

    Raises
    ------
    InputError
        If shapes differ, the momentum is out of range, or a prediction that is needed is not finite.

    References
    ----------
    Stochastic Label Refinery, the update L(t+1) = (n L(t) + P(t)) / (n + 1); here m = n / (n + 1).

    Examples
    --------
    >>> update_targets([[1, 0], [0, 1]], [[0.5, 0.5], [0.5, 0.5]], 0.75, held_out=[True, False])
    array([[0.875, 0.125],
           [0.   , 1.   ]], dtype=float32)
    """
    old = as_table(targets, "targets")  # (n, m)
    new = as_table(oof, "oof")  # (n, m)
    if old.shape != new.shape:
        raise InputError(f"oof: has shape {new.shape} and the targets {old.shape}; give one prediction for each target")
    chosen = np.ones(len(old), dtype=bool) if held_out is None else np.asarray(held_out)  # (n,)
    if chosen.shape != (len(old),) or chosen.dtype != bool:
        raise InputError(
            f"held_out has shape {chosen.shape} of {chosen.dtype}; give one True or False for each of {len(old)} rows"
        )
    broken = np.flatnonzero(chosen & ~np.isfinite(new).all(axis=1))
    if broken.size:
        raise InputError(
            f"oof: row {broken[0]} has values that are not finite ({broken.size} of {len(new)} rows); "
            "mark rows without a prediction as False in held_out"
        )
    weight = momentum_at(momentum, round)
    refined = old.astype(np.float32)  # (n, m) a copy
    refined[chosen] = weight * old[chosen] + (1.0 - weight) * new[chosen]
    return refined
