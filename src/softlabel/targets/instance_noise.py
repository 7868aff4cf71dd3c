"""Labels made wrong where a model is unsure: the rows near the boundary between two classes, and to the class on its other side."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.entries import check_indicators
from softlabel.targets.shares import check_share

# The least chance of each other class: a row of which a model is certain can still be moved, after all others.
_LEAST = 1e-9
_OFF = 1e-3  # how far the sum of a row may be from 1: probabilities are rounded, in float16 too


def instance(codes: ArrayLike, share: float, probabilities: ArrayLike, rng: np.random.Generator) -> NDArray[np.int64]:
    """Move exactly ``round(share * n)`` rows to another class, rows and classes as a model confuses them.

    With p_ij the probability that the model gives to class j for row i, and y_i the class of the row, rows are drawn one after
    the other without replacement, each with a chance proportional to how unsure the model is of its class, u_i = 1 - p_iy. A row
    that was drawn moves to class j != y_i with chance p_ij / u_i.

    The draw is the Gumbel-top-k trick (Kool, van Hoof & Welling, *Stochastic Beams and Where to Find Them*, ICML 2019): the m
    rows with the largest ``log u_i + G_i``, G_i standard Gumbel, are m such successive draws. So with one generator the rows of
    a smaller share are among those of a larger one, and move to the same classes.

    Parameters
    ----------
    codes : array-like (n,) of int
    share : float from 0 to 1
    probabilities : array-like (n, k)
        Of a model that did not train on the row (one that did is sure of its label); rows that sum to 1. A probability below
        1e-9 counts as that much, so that any row can be moved.
    rng : numpy.random.Generator

    Returns
    -------
    codes : (n,) int64
        A new array. ``round`` is Python's, to even at a half.

    Raises
    ------
    InputError
        If the share, a code or a probability is out of range, shapes do not agree, or there are fewer than two classes.

    Examples
    --------
    >>> unsure = [[0.6, 0.4, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    >>> instance([0, 0, 1, 2], 0.25, unsure, np.random.default_rng(0))
    array([1, 0, 1, 2])
    """
    check_share(share)
    p = _probabilities(probabilities)  # (n, k)
    n, k = p.shape
    if k < 2:
        raise InputError(f"probabilities have {k} column; making labels wrong needs at least two classes")
    if (off := np.abs(p.sum(axis=1) - 1.0)).max(initial=0.0) > _OFF:
        row = int(off.argmax())
        raise InputError(f"probabilities of row {row} sum to {p[row].sum():.6g}; give rows that sum to 1")
    given = check_codes(codes, k)  # (n,) a copy
    _refuse_other_length(len(given), n)
    others = np.maximum(p, _LEAST)  # (n, k)
    others[np.arange(n), given] = 0.0
    unsure = others.sum(axis=1)  # (n,)
    # Both draws are made for all rows, so that a row's own do not depend on the share.
    rows = _drawn(unsure, round(share * n), rng)
    place = rng.random(n) * unsure  # (n,) where on the line of the other classes' masses
    reached = np.cumsum(others, axis=1)[rows] > place[rows, None]  # (m, k)
    last = k - 1 - np.argmax(others[rows, ::-1] > 0, axis=1)  # (m,) the last other class, where rounding reaches none
    given[rows] = np.where(reached.any(axis=1), np.argmax(reached, axis=1), last)
    return given


def instance_entries(
    codes: ArrayLike, share: float, probabilities: ArrayLike, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Flip exactly ``round(share * n * k)`` entries of multi-label codes, drawn as a model is unsure of them.

    As :func:`instance`, with the n * k entries in place of rows: an entry has the chance 1 - q, q the probability that the
    model gives to what it is, and its one other value to go to.

    Parameters
    ----------
    codes : array-like (n, k) of 0 and 1
    share : float from 0 to 1
    probabilities : array-like (n, k)
        Of each label being there, from a model that did not train on the row.
    rng : numpy.random.Generator

    Returns
    -------
    codes : (n, k) int64
        A new array: 0 where 1 was flipped, 1 where 0 was.

    Raises
    ------
    InputError
        If the share, a code or a probability is out of range, or shapes do not agree.

    Examples
    --------
    >>> instance_entries([[1, 0], [0, 0]], 0.25, [[1.0, 0.0], [0.7, 0.0]], np.random.default_rng(0))
    array([[1, 0],
           [1, 0]])
    """
    check_share(share)
    given = check_indicators(codes)  # (n, k) a copy
    p = _probabilities(probabilities)  # (n, k)
    if p.shape != given.shape:
        raise InputError(
            f"codes have the shape {given.shape} and probabilities {p.shape}; give one probability an entry"
        )
    unsure = np.maximum(np.where(given == 1, 1.0 - p, p), _LEAST)  # (n, k)
    flipped = _drawn(unsure.ravel(), round(share * given.size), rng)
    given.flat[flipped] = 1 - given.flat[flipped]
    return given


def _drawn(chances: NDArray[np.float64], m: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return m positions, drawn without replacement with chances (n,) above 0."""
    order = np.log(chances) + rng.gumbel(size=len(chances))  # (n,)
    return np.argsort(-order, kind="stable")[:m]


def _probabilities(values: ArrayLike) -> NDArray[np.float64]:
    p = np.asarray(values, dtype=np.float64)
    if p.ndim != 2:
        raise InputError(f"probabilities have the shape {p.shape}; give one row of probabilities an example, (n, k)")
    if not bool(np.all((p >= 0.0) & (p <= 1.0 + 1e-6))):  # NaN is neither
        raise InputError("probabilities are not all from 0 to 1; give those of a model that predicts every row")
    return np.minimum(p, 1.0)


def _refuse_other_length(n: int, n_probabilities: int) -> None:
    if n != n_probabilities:
        raise InputError(
            f"there are {n} codes and {n_probabilities} rows of probabilities; give one row of these a label"
        )
