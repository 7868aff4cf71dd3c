"""A mixture of three Gaussians in the plane, whose true label distributions are known in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError

PRIORS = np.array([0.40, 0.35, 0.25])  # (3,)
MEANS = np.array([[0.0, 1.6], [-1.5, -0.8], [1.5, -0.8]])  # (3, 2)
COVARIANCES = np.array(  # (3, 2, 2)
    [[[1.0, 0.0], [0.0, 1.0]], [[1.2, 0.5], [0.5, 0.8]], [[0.8, -0.4], [-0.4, 1.2]]]
)


def toy_mixture(n: int = 900, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows of the mixture: a class from ``PRIORS``, then a point from its Gaussian.

    Parameters
    ----------
    n : int
        Rows, at least 1.
    seed : int
        The same seed draws the same rows.

    Returns
    -------
    X : (n, 2) float32
    y : (n,) int64
        Classes 0, 1, 2.

    Examples
    --------
    >>> X, y = toy_mixture(5, seed=0)
    >>> X.shape, y.shape
    ((5, 2), (5,))
    """
    if n < 1:
        raise InputError(f"n={n}; give at least 1 row")
    generator = np.random.default_rng(seed)
    y = generator.choice(len(PRIORS), size=n, p=PRIORS)  # (n,)
    factors = np.linalg.cholesky(COVARIANCES)  # (3, 2, 2)
    noise = generator.standard_normal((n, 2))  # (n, 2)
    X = MEANS[y] + np.einsum("nij,nj->ni", factors[y], noise)  # (n, 2)
    return X.astype(np.float32), y.astype(np.int64)


def toy_posterior(X: Any) -> np.ndarray:
    """Return the true probability of each class at each point, by Bayes' rule.

    p(c | x) = prior_c N(x; mean_c, covariance_c) / sum over the classes of the same.

    Parameters
    ----------
    X : (n, 2)
        Points of the plane.

    Returns
    -------
    (n, 3) float64
        Rows sum to 1.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or X.shape[1] != 2:
        raise InputError(f"X has shape {X.shape}; the toy mixture lives in the plane, give (n, 2)")
    away = X[:, None, :] - MEANS  # (n, 3, 2)
    distance = np.einsum("nci,cij,ncj->nc", away, np.linalg.inv(COVARIANCES), away)  # (n, 3) squared, Mahalanobis
    log_joint = np.log(PRIORS) - 0.5 * np.log(np.linalg.det(COVARIANCES)) - 0.5 * distance  # (n, 3) up to a constant
    joint = np.exp(
        log_joint - log_joint.max(axis=1, keepdims=True)
    )  # far away all densities underflow, their ratio does not
    return joint / joint.sum(axis=1, keepdims=True)
