"""The chance of each row's true class, from predictions of models that learnt wrong labels, with the help of a few right ones.

A model that learnt from labels of which 40% name the next class predicts about .6 for the class and .4 for the next; one that is held
back predicts .2 where it is sure. Neither is the chance of the true class. A few rows of known class say how to read such predictions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes, one_hot
from softlabel.targets.rows import as_table

Rows = NDArray[np.float64]

_ROUNDS = 5  # of fitting the two weights and the class means in turn; they settle in three or four
_PRIOR_ROWS = 2.0  # what the first guess of a class mean weighs, in rows
_FLOOR = 1e-6  # of a probability before its logarithm
_RIDGE = 0.02  # holds a weight where the trusted rows say nothing of it


def trusted_chances(oof: ArrayLike, trusted: ArrayLike, true_codes: ArrayLike) -> NDArray[np.float64]:
    """Return the chance of each class for every row.

    With p(x) a row's prediction and G[c] the mean prediction over rows of true class c,

        q_c(x)  is proportional to  p_c(x)^a  exp(b sum_j p_j(x) log G[c, j])

    The second factor is the likelihood of the prediction, read as votes drawn from G[c]: a row that looks like the rows of class c
    belongs to c, though its largest entry be elsewhere. With b = 0 this is temperature scaling. Weights a, b > 0 maximise the likelihood
    of the trusted rows' classes; G starts as the mean over these, a prior of two rows near the diagonal weighing in, and is then
    taken over all rows by their chances; both in turn, five times. Each row gives 1 / (n_t + 1) of its mass to all classes alike, for
    n_t rows that are all right do not say that none ever is wrong.

    Parameters
    ----------
    oof : array-like (n, k)
        Out-of-fold predictions of models that learnt from the labels as given; NaN for what no model knew, which counts as 0.
    trusted : array-like (n,) of bool
        Rows whose class is known; one at least.
    true_codes : array-like (n,) of int
        Their classes; what stands there for other rows is not looked at.

    Returns
    -------
    chances : (n, k) float64
        Rows sum to 1; those of trusted rows are like all others, as if their class were not known.

    Raises
    ------
    InputError
        If shapes differ, a code is no column, or no row is trusted.

    References
    ----------
    Ours. The class means G are the matrix that Hendrycks et al. (NeurIPS 2018, section 3) correct a loss with.

    Examples
    --------
    >>> oof = np.tile([[0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.4, 0.0, 0.6]], (20, 1))
    >>> oof[0] = [0.45, 0.5, 0.05]  # looks like class 0, whose labels often name class 1
    >>> trusted = np.arange(60) >= 45
    >>> trusted_chances(oof, trusted, np.arange(60) % 3)[0].argmax()
    np.int64(0)
    """
    p = np.nan_to_num(as_table(oof, "oof"), nan=0.0)  # (n, k)
    mask = np.asarray(trusted)  # (n,)
    if mask.shape != (len(p),) or mask.dtype != bool or not mask.any():
        raise InputError(
            f"trusted has shape {mask.shape} of {mask.dtype}; give {len(p)} booleans, at least one of them True"
        )
    k = p.shape[1]
    codes = check_codes(np.asarray(true_codes)[mask], k)  # (n_t,)
    known = one_hot(codes, k).astype(np.float64)  # (n_t, k)
    n_trusted, own = len(codes), p[mask, codes]  # (n_t,) mass on the own class
    diagonal = (own.sum() + 1.0) / (n_trusted + 1.0)
    prior = np.full((k, k), (1.0 - diagonal) / max(k - 1, 1))  # (k, k)
    np.fill_diagonal(prior, diagonal)
    means = _class_means(p[mask], known, prior)  # (k, k) G
    logs, even = np.log(np.maximum(p, _FLOOR)), 1.0 / (n_trusted + 1.0)
    weights = np.zeros(2)  # log a, log b

    def chances(logs_of_weights: Rows, likeness: Rows, rows: Rows) -> Rows:
        a, b = np.exp(logs_of_weights)
        return np.asarray((1.0 - even) * softmax(a * rows + b * likeness, axis=1) + even / k)

    for _ in range(_ROUNDS):
        likeness = p @ np.log(np.maximum(means, _FLOOR)).T  # (n, k)
        at, of_trusted = likeness[mask], logs[mask]

        def loss(weights: Rows, at: Rows = at, of_trusted: Rows = of_trusted) -> float:
            chance = chances(weights, at, of_trusted)[np.arange(n_trusted), codes]  # (n_t,) of what they are
            return float(-np.log(chance).sum() + _RIDGE * weights @ weights)

        weights = minimize(loss, weights, method="Nelder-Mead", options={"maxiter": 200, "xatol": 1e-3}).x
        found = chances(weights, likeness, logs)  # (n, k)
        known_too = found.copy()
        known_too[mask] = known
        means = _class_means(p, known_too, prior)
    return found


def _class_means(p: Rows, chances: Rows, prior: Rows) -> Rows:
    """Return the mean prediction (k, k) over rows of each class, with a prior of a few rows."""
    sums = chances.T @ p + _PRIOR_ROWS * prior
    return np.asarray(sums / (chances.sum(axis=0) + _PRIOR_ROWS)[:, None])
