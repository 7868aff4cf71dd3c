"""The powers of ``class_chances`` by the likelihood of the given labels, with T as it stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

_LOWEST, _HIGHEST = -7.0, 4.0  # logarithms of the powers


def search_powers(
    features: tuple[NDArray[np.float64], NDArray[np.float64]],
    chances: NDArray[np.float64],
    logs: NDArray[np.float64],
    steps: int,
) -> tuple[NDArray[np.float64], float]:
    """Maximise ``mean_i log sum_c p_c(x_i) chances[i, c]`` over the powers, by L-BFGS-B on their logarithms.

    Parameters
    ----------
    features : two of (n, k)
        What the powers multiply; see ``features_of``.
    chances : (n, k)
        p(given label | true = c).
    logs : (2,)
        Where to start.
    steps : int
        Iterations at most.

    Returns
    -------
    logs : (2,)
    value : float
        The mean negative log-likelihood there, in nats.
    """
    # Classes first: sums over classes then run along whole rows of memory.
    first, second, of_given = (np.ascontiguousarray(rows.T) for rows in (*features, chances))  # (k, n) each

    def loss(logs: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        a, b = powers_of(logs)
        p = a * first + b * second
        p -= p.max(axis=0)
        np.exp(p, out=p)
        p /= p.sum(axis=0)  # (k, n)
        joint = p * of_given
        total = np.maximum(joint.sum(axis=0), 1e-300)  # (n,)
        joint /= total
        joint -= p  # gradient of the log-likelihood in the logits
        slopes = (a * np.vdot(joint, first), b * np.vdot(joint, second))
        return -float(np.log(total).mean()), -np.array(slopes) / len(total)

    end = minimize(
        loss, logs, jac=True, method="L-BFGS-B", bounds=[(_LOWEST, _HIGHEST)] * 2, options={"maxiter": steps}
    )
    return np.asarray(end.x), float(end.fun)


def powers_of(logs: NDArray[np.float64]) -> tuple[float, float]:
    """Return the powers (a, b) of their logarithms."""
    return float(np.exp(logs[0])), float(np.exp(logs[1]))
