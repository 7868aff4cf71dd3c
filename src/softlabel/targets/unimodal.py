"""First targets of an ordinal task that fall off on both sides of the given grade."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes, one_hot
from softlabel.targets.thresholds import check_values


def unimodal(codes: ArrayLike, values: ArrayLike, spread: float) -> NDArray[np.float32]:
    """Return rows whose mass falls with the distance from the given grade: ``q_c`` is in proportion to ``exp(-|v_c - v_y| / spread)``.

    The soft labels of Diaz and Marathe with the absolute distance between grades as their metric. Neighbouring whole grades
    differ by the factor ``exp(-1 / spread)``. Towards ``spread = 0`` rows become one-hot, and 0 is one-hot; towards infinity they
    become uniform.

    Parameters
    ----------
    codes : array-like (n,) of int
        Given labels y.
    values : array-like (k,)
        Grades as numbers, increasing.
    spread : float, 0 or more
        In grades.

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If a code is not from 0 to k - 1, the values do not increase, or the spread is negative or not finite.

    References
    ----------
    Diaz and Marathe, Soft Labels for Ordinal Regression, CVPR 2019, equation 1.

    Examples
    --------
    >>> unimodal([1], [0, 1, 2], 1.0).round(3)
    array([[0.212, 0.576, 0.212]], dtype=float32)
    """
    v = check_values(values)  # (k,)
    given = check_codes(codes, len(v))  # (n,)
    if isinstance(spread, (str, bool)) or not (np.isfinite(spread) and spread >= 0):
        raise InputError(f"spread is {spread!r}; give a number of grades, 0 (one-hot) or more, say 0.5")
    if spread == 0:
        return one_hot(given, len(v))
    with np.errstate(over="ignore"):  # a spread that is nearly 0 sends distances to infinity and their mass to 0
        masses = np.exp(-np.abs(v - v[given, None]) / float(spread))  # (n, k), 1 at the given grade
    return (masses / masses.sum(axis=1, keepdims=True)).astype(np.float32)
