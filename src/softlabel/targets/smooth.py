"""Label smoothing, in both conventions that the literature calls by that name."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.rows import as_table


def smooth_uniform(targets: ArrayLike, eps: float) -> NDArray[np.float32]:
    """Mix targets with the uniform distribution over all classes.

    ``(1 - eps) q + eps / k``: a one-hot row gets ``1 - eps + eps / k`` on its class and ``eps / k`` elsewhere.
    ``eps=0`` is the identity, ``eps=1`` uniform.

    Parameters
    ----------
    targets : array-like (n, k)
        Rows q that sum to 1.
    eps : float from 0 to 1

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If ``eps`` is not from 0 to 1, or the targets are not two-dimensional.

    References
    ----------
    Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016, section 7.

    Examples
    --------
    >>> smooth_uniform([[1, 0, 0, 0, 0]], 0.1)
    array([[0.92, 0.02, 0.02, 0.02, 0.02]], dtype=float32)
    """
    q, share = _rows_and_share(targets, eps)
    return ((1.0 - share) * q + share / q.shape[1]).astype(np.float32)  # (n, k)


def smooth_others(targets: ArrayLike, eps: float) -> NDArray[np.float32]:
    """Move a share of the mass of each class evenly to the other classes.

    ``(1 - eps) q + eps (1 - q) / (k - 1)``: a one-hot row gets ``1 - eps`` on its class and ``eps / (k - 1)``
    elsewhere. ``eps=0`` is the identity. Equivalent to ``smooth_uniform(targets, eps * k / (k - 1))`` where that is
    allowed.

    Parameters
    ----------
    targets : array-like (n, k)
        Rows q that sum to 1; k is 2 or more.
    eps : float from 0 to 1

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If ``eps`` is not from 0 to 1, or the targets are not two-dimensional with two columns or more.

    Examples
    --------
    >>> smooth_others([[1, 0, 0, 0, 0]], 0.1)
    array([[0.9  , 0.025, 0.025, 0.025, 0.025]], dtype=float32)
    """
    q, share = _rows_and_share(targets, eps)
    k = q.shape[1]
    if k < 2:
        raise InputError(f"targets: has {k} column; there is no other class to smooth to, give two columns or more")
    return ((1.0 - share) * q + share * (1.0 - q) / (k - 1)).astype(np.float32)  # (n, k)


def _rows_and_share(targets: ArrayLike, eps: float) -> tuple[NDArray[np.float64], float]:
    q = as_table(targets)  # (n, k)
    if not 0.0 <= eps <= 1.0:
        raise InputError(f"eps is {eps!r}; give a number from 0 (no smoothing) to 1")
    return q, float(eps)
