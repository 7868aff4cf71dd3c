"""The chance of each true class, made of the chances of given labels and of how labels become wrong.

Out-of-fold probabilities q are those of the *given* label, for a model learns the noise with the labels. Two powers, a and b, lead from
them to the true class:

    p_c  proportional to  q_c^a  prod_j T[c, j]^(b q_j),    T[c, j] = p(given = j | true = c).

The first factor sharpens or flattens q. The second asks which class would have made the row's q: as if q were the shares of b labels
drawn from row c of T. It finds the class behind q = (.45, .55) where four of ten labels of the first class are given as the second, which
no sharpening does.

Where classes are not equally frequent, noise changes how frequent they look: q of a rare class is mostly that of the wrong labels that it
was given. So a shift s_c for each class may stand beside the powers, ``log p_c = a log q_c + b sum_j q_j log T[c, j] + s_c`` (less what
makes the row sum to 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from softlabel.targets.rows import as_table

_FLOOR = 1e-3  # a probability below is no firmer knowledge than this: out of fold nobody counts rarer events


def true_class_chances(
    probabilities: ArrayLike, matrix: ArrayLike, powers: tuple[float, float], shifts: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return p(true = c | x) for each row, before its given label is looked at.

    ``p_c`` proportional to ``exp(s_c) q_c^a prod_j T[c, j]^(b q_j)``.

    Parameters
    ----------
    probabilities : array-like (n, k)
    matrix : array-like (k, k)
        T, rows sum to 1.
    powers : (a, b)
        (1, 0) returns the probabilities, but for the floor of 0.001 below which none counts.
    shifts : array-like (k,), default=0
        s.

    Returns
    -------
    chances : (n, k)

    Examples
    --------
    >>> pair = [[0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.4, 0.0, 0.6]]
    >>> true_class_chances([[0.45, 0.55, 0.0]], pair, (0.0, 4.0)).round(2)
    array([[1., 0., 0.]])
    """
    return mixed(features_of(as_table(probabilities, "probabilities"), as_table(matrix, "matrix")), powers, shifts)


def features_of(q: NDArray[np.float64], T: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the two powers multiply, (n, k) each: log q_c, and the mean log T[c, j] over labels drawn from q."""
    return np.log(q + _FLOOR), q @ np.log(np.maximum(T, _FLOOR)).T


def mixed(
    features: tuple[NDArray[np.float64], NDArray[np.float64]], powers: tuple[float, float], shifts: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return the chances (n, k) that features, powers and shifts make."""
    return np.asarray(softmax(powers[0] * features[0] + powers[1] * features[1] + np.asarray(shifts), axis=1))


def pooled_chances(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the geometric mean (n, k) of two views of the same rows, each row summing to 1; below 0.001 no chance counts.

    Examples
    --------
    >>> pooled_chances(np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])).round(2)
    array([[0.75, 0.25]])
    """
    logs = (np.log(one + _FLOOR) + np.log(other + _FLOOR)) / 2
    return np.asarray(softmax(logs, axis=1))
