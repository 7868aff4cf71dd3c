"""How much of a row's mass leaves its label in instance-based label smoothing: by what a teacher thinks of the label.

The abstract of the paper says no formula. Which of these stand in the authors' code, and which are inferred, each docstring says;
``smoothing_spread.py`` says where the mass goes to.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError


class Amounts(NamedTuple):
    """How much of each row's mass leaves its label.

    Attributes
    ----------
    eps : (n,) float64
        From 0 to ``(k - 1) / k``, where an evenly spread row is uniform.
    share_clamped : float
        Share of the rows whose amount was above that bound and was cut to it.
    """

    eps: NDArray[np.float64]
    share_clamped: float


def quadratic_amounts(p_y: ArrayLike, shift: float, slope: float, k: int) -> Amounts:
    """Return ``eps_i = slope (p_iy - shift)^2``, cut to ``(k - 1) / k``: rows that the teacher doubts are smoothed most.

    A teacher that gives the label ``shift`` leaves it alone; above, where it may be too sure of itself, a little is taken away again.

    Parameters
    ----------
    p_y : array-like (n,)
        The calibrated probability that the teacher gives the given label.
    shift : float from 0 to 1
        P1; the grid of the authors is .975, .95, .925, .9, .85.
    slope : float, 0 or more
        P2; the grid of the authors is .75, 1, 1.25, 1.5, 2. 0 smooths nothing.
    k : int
        Classes, 2 or more.

    Raises
    ------
    InputError
        If a value is out of its range.

    References
    ----------
    Maher and Kull, Instance-based Label Smoothing For Better Calibrated Classification Networks, ICMLA 2021. The quadratic form
    with a shift and a slope is inferred from the names of both in the authors' appendix; the bound is ours.

    Examples
    --------
    >>> quadratic_amounts([0.9, 0.5, 0.0], shift=0.9, slope=1.0, k=3)
    Amounts(eps=array([0.        , 0.16      , 0.66666667]), share_clamped=0.3333333333333333)
    """
    p = _probabilities(p_y)
    amounts = check_amount("slope", slope, np.inf) * (p - check_amount("shift", shift, 1.0)) ** 2  # (n,)
    return _cut(amounts, k)


def proportional_amounts(p_y: ArrayLike, eps: float, k: int) -> Amounts:
    """Return ``eps_i = eps s_iy``, cut to ``(k - 1) / k``: the surer the teacher, the more is smoothed.

    A form of the authors' older code. Parameters are as for :func:`quadratic_amounts`; ``eps`` is from 0 to 1.

    Examples
    --------
    >>> proportional_amounts([1.0, 0.5], eps=0.1, k=3).eps
    array([0.1 , 0.05])
    """
    return _cut(check_amount("eps", eps, 1.0) * _probabilities(p_y), k)


def complement_amounts(p_y: ArrayLike, eps: float, k: int) -> Amounts:
    """Return ``eps_i = eps (1 - s_iy)``, cut to ``(k - 1) / k``: the less sure the teacher, the more is smoothed.

    A form of the authors' older code. Parameters are as for :func:`quadratic_amounts`; ``eps`` is from 0 to 1.

    Examples
    --------
    >>> complement_amounts([1.0, 0.5], eps=0.1, k=3).eps
    array([0.  , 0.05])
    """
    return _cut(check_amount("eps", eps, 1.0) * (1.0 - _probabilities(p_y)), k)


def check_amount(name: str, value: object, most: float) -> float:
    """Return a number from 0 to ``most``; anything else is an ``InputError`` that names it."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and 0 <= value <= most:
        if np.isfinite(value):
            return float(value)
    raise InputError(f"{name}={value!r}; give a number {'of 0 or more' if np.isinf(most) else f'from 0 to {most:g}'}")


def _probabilities(p_y: ArrayLike) -> NDArray[np.float64]:
    p = np.asarray(p_y, dtype=np.float64)  # (n,)
    # Probabilities of a float32 model may be off 1 by rounding.
    if p.ndim != 1 or not (np.isfinite(p).all() and (p >= -1e-6).all() and (p <= 1 + 1e-6).all()):
        raise InputError(f"p_y has shape {p.shape}, or values that are not from 0 to 1; give one probability a row")
    return np.clip(p, 0.0, 1.0)


def _cut(amounts: NDArray[np.float64], k: int) -> Amounts:
    bound = (_checked(k) - 1) / k
    above = amounts > bound
    return Amounts(np.where(above, bound, amounts), float(above.mean()) if len(amounts) else 0.0)


def _checked(k: int) -> int:
    if k < 2:
        raise InputError(f"there is {k} class and no other to smooth to; give two columns or more")
    return k
