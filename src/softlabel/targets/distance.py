"""Distances and similarities between two distributions, row by row.

Every function takes two arrays of shape (n, m) whose rows sum to 1 and returns (n,) float64. Take ``.mean()`` for one
number. Natural logarithms throughout.

Chebyshev, Clark, Canberra, Kullback-Leibler, cosine and intersection are the six measures by which label distribution
learning is scored: Geng, Label Distribution Learning, IEEE TKDE 28(7), 2016, table 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import rel_entr, xlogy

from softlabel.errors import InputError
from softlabel.targets.rows import as_table


def cross_entropy(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``-sum_j p_j log q_j``: what a model that says q loses where the truth is p.

    In nats, 0 or more; infinite where q has no mass and p has some. A zero of p counts nothing.

    Parameters
    ----------
    p : array-like (n, m)
        Targets.
    q : array-like (n, m)
        Predictions.

    Returns
    -------
    (n,) float64

    Examples
    --------
    >>> cross_entropy([[1, 0]], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    p, q = _pair(p, q)
    # The maximum only turns -0.0 into 0.0.
    return np.maximum(-xlogy(p, q).sum(axis=1), 0.0)


def kl_divergence(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sum_j p_j log(p_j / q_j)``, Kullback-Leibler from q to p.

    In nats, 0 or more for rows that sum to 1; infinite where q has no mass and p has some. Equivalent to
    ``scipy.stats.entropy(p, q, axis=1)`` and to ``cross_entropy(p, q) - entropy(p)``.

    Parameters
    ----------
    p : array-like (n, m)
        Targets.
    q : array-like (n, m)
        Predictions.

    Returns
    -------
    (n,) float64

    Examples
    --------
    >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
    array([0.])
    """
    p, q = _pair(p, q)
    return rel_entr(p, q).sum(axis=1)


def squared_euclidean(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sum_j (p_j - q_j)^2``, from 0 to 2. With a one-hot p it is the Brier score of the row.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    p, q = _pair(p, q)
    return np.square(p - q).sum(axis=1)


def total_variation(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sum_j |p_j - q_j| / 2``, from 0 to 1: the mass that must move. Equal to ``1 - intersection(p, q)``.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    p, q = _pair(p, q)
    return 0.5 * np.abs(p - q).sum(axis=1)


def jensen_shannon(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``(KL(p | m) + KL(q | m)) / 2`` with ``m = (p + q) / 2``: the divergence, from 0 to log 2.

    Symmetric and always finite. Equivalent to ``scipy.spatial.distance.jensenshannon(p, q, axis=1) ** 2``, which
    returns the square root.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    p, q = _pair(p, q)
    middle = 0.5 * (p + q)  # (n, m)
    return np.maximum(0.5 * (rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=1), 0.0)


def chebyshev(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``max_j |p_j - q_j|``, from 0 to 1.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    p, q = _pair(p, q)
    return np.abs(p - q).max(axis=1)


def clark(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sqrt(sum_j ((p_j - q_j) / (p_j + q_j))^2)``, from 0 to sqrt(m); a class without mass in both counts 0.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    return np.sqrt(np.square(_relative_gap(*_pair(p, q))).sum(axis=1))


def canberra(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sum_j |p_j - q_j| / (p_j + q_j)``, from 0 to m; a class without mass in both counts 0.

    Equivalent to ``scipy.spatial.distance.canberra`` of each pair of rows.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    return _relative_gap(*_pair(p, q)).sum(axis=1)


def cosine_similarity(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sum_j p_j q_j / (|p| |q|)``, from 0 to 1; 1 means equal.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    p, q = _pair(p, q)
    norms = np.linalg.norm(p, axis=1) * np.linalg.norm(q, axis=1)  # (n,)
    return np.minimum((p * q).sum(axis=1) / norms, 1.0)


def intersection(p: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return ``sum_j min(p_j, q_j)``, from 0 to 1; 1 means equal.

    Parameters
    ----------
    p, q : array-like (n, m)

    Returns
    -------
    (n,) float64
    """
    p, q = _pair(p, q)
    return np.minimum(p, q).sum(axis=1)


def _relative_gap(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    both = p + q  # (n, m)
    return np.divide(np.abs(p - q), both, out=np.zeros_like(both), where=both > 0)


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, second = as_table(p, "p"), as_table(q, "q")  # (n, m) each
    if first.shape != second.shape:
        raise InputError(f"q: has shape {second.shape} and p {first.shape}; give two tables of the same shape")
    return first, second
