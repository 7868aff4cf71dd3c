"""The powers and shifts of ``class_chances`` by the likelihood of the given labels, with T as it stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

_LOWEST, _HIGHEST = -7.0, 4.0  # logarithms of the powers
_FARTHEST = 6.0  # shift of a class
# Standard deviation of the shifts' prior: most classes are within a third of what predictions make of them.
SHIFT_SPREAD = 10.0**-0.5


def search_powers(
    features: tuple[NDArray[np.float64], NDArray[np.float64]],
    chances: NDArray[np.float64],
    start: NDArray[np.float64],
    steps: int,
) -> tuple[NDArray[np.float64], float]:
    """Maximise ``mean_i log sum_c p_c(x_i) chances[i, c]`` over the powers, and over shifts of the classes, by L-BFGS-B.

    Parameters
    ----------
    features : two of (n, k)
        What the powers multiply; see ``features_of``.
    chances : (n, k)
        p(given label | true = c).
    start : (2,) or (2 + k,)
        Where to start: the logarithms of the powers, and the shifts where there are any.
    steps : int
        Iterations at most.

    Returns
    -------
    found : (2,) or (2 + k,)
    value : float
        The mean negative log-likelihood there, in nats, with that of the shifts' normal prior.
    """
    # Classes first: sums over classes then run along whole rows of memory.
    first, second, of_given = (np.ascontiguousarray(rows.T) for rows in (*features, chances))  # (k, n) each
    n = first.shape[1]

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        (a, b), shifts = powers_of(x), x[2:]
        p = a * first + b * second
        if len(shifts):
            p += shifts[:, None]
        p -= p.max(axis=0)
        np.exp(p, out=p)
        p /= p.sum(axis=0)  # (k, n)
        joint = p * of_given
        total = np.maximum(joint.sum(axis=0), 1e-300)  # (n,)
        joint /= total
        joint -= p  # gradient of the log-likelihood in the logits
        slopes = np.array([a * np.vdot(joint, first), b * np.vdot(joint, second)])
        value = -float(np.log(total).mean()) + float(shifts @ shifts) / (2 * n * SHIFT_SPREAD**2)
        of_shifts = (joint.sum(axis=1) - shifts / SHIFT_SPREAD**2) if len(shifts) else shifts
        return value, -np.concatenate([slopes, of_shifts]) / n

    bounds = [(_LOWEST, _HIGHEST)] * 2 + [(-_FARTHEST, _FARTHEST)] * (len(start) - 2)
    end = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps})
    return np.asarray(end.x), float(end.fun)


def powers_of(logs: NDArray[np.float64]) -> tuple[float, float]:
    """Return the powers (a, b) of their logarithms."""
    return float(np.exp(logs[0])), float(np.exp(logs[1]))
