"""Where the mass goes that leaves a row's label: to all other classes alike, or to those that a teacher finds similar.

How much leaves it may differ from row to row: ``smoothing_amounts.py`` of instance-based label smoothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes, one_hot
from softlabel.targets.rows import as_table


def spread_evenly(codes: ArrayLike, eps: ArrayLike, k: int, targets: ArrayLike | None = None) -> NDArray[np.float32]:
    """Return targets in which a row's amount is spread evenly over the classes beside its label.

    ``q_y = 1 - eps_i``, ``q_j = eps_i / (k - 1)``. With one amount for all rows this is ``smooth_others``.

    Parameters
    ----------
    codes : array-like (n,) of int
        Given labels.
    eps : array-like (n,), or a number
        From 0 to 1; 0 leaves a row as it is, to the byte.
    k : int
        Classes, 2 or more.
    targets : array-like (n, k), optional
        First targets t where these are soft already: ``q = (1 - eps_i) t + eps_i r``, with r the row that is spread (ours: the
        paper has one-hot rows only, for which both are the same).

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If an amount is no number from 0 to 1, or lengths differ.

    Examples
    --------
    >>> spread_evenly([0, 1], [0.2, 0.0], k=3)
    array([[0.8, 0.1, 0.1],
           [0. , 1. , 0. ]], dtype=float32)
    """
    given = check_codes(codes, _classes(k))
    even = (1.0 - one_hot(given, k).astype(np.float64)) / (k - 1)  # (n, k)
    return _spread(given, eps, even, targets)


def spread_by_similarity(
    codes: ArrayLike, eps: ArrayLike, s: ArrayLike, targets: ArrayLike | None = None
) -> NDArray[np.float32]:
    """Return targets in which a row's amount goes to the classes that the teacher finds similar.

    ``q_y = 1 - eps_i``, ``q_j = eps_i s_ij / sum over j' != y of s_ij'``. A row whose s lies on its label alone says nothing of the
    others: its amount is spread evenly.

    Parameters
    ----------
    codes : array-like (n,) of int
    eps : array-like (n,), or a number
    s : array-like (n, k)
        The teacher's ``softmax(z / T)``, which is p^(1/T) / sum; masses need not sum to 1.
    targets : array-like (n, k), optional
        As for :func:`spread_evenly`.

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If an amount is no number from 0 to 1, a mass is negative or not finite, or lengths differ.

    References
    ----------
    Maher and Kull, Instance-based Label Smoothing For Better Calibrated Classification Networks, ICMLA 2021; this form stands in
    the authors' code.

    Examples
    --------
    >>> spread_by_similarity([0], 0.2, [[0.6, 0.3, 0.1]])
    array([[0.8 , 0.15, 0.05]], dtype=float32)
    """
    masses = as_table(s, "s")  # (n, k)
    k = _classes(masses.shape[1])
    given = check_codes(codes, k, n_rows=len(masses))
    if not (np.isfinite(masses).all() and (masses >= 0).all()):
        raise InputError("s has masses that are negative or not finite; give the teacher's probabilities, (n, k)")
    others = masses * (1.0 - one_hot(given, k))  # (n, k)
    peak = others.max(axis=1, keepdims=True, initial=0.0)  # (n, 1)
    # The peak first: masses of 1e-300 have a sum that nothing can be divided by without loss.
    others = np.where(peak > 0, others / np.where(peak > 0, peak, 1.0), 1.0 - one_hot(given, k))
    return _spread(given, eps, others / others.sum(axis=1, keepdims=True), targets)


def class_averages(
    probabilities: ArrayLike, codes: ArrayLike, sample_weight: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return one row of similarities a class: the normalised geometric mean of the rows of each.

    That is ``softmax(mean logits)`` of the rows of a class, which the authors' older code has for its smoothing by classes (there
    averaged over the validation rows). Row y in the place of s makes :func:`spread_by_similarity` treat all rows of a class alike.
    A class without a row that counts gets an even row.

    Parameters
    ----------
    probabilities : array-like (n, k)
        Above 0: a class that one row rules out would be ruled out for all (``softlabel.metrics.temperature.bounded``).
    codes : array-like (n,) of int
    sample_weight : array-like (n,), optional

    Returns
    -------
    averages : (k, k) float64
        Rows sum to 1.

    Raises
    ------
    InputError
        If a probability is not above 0, or lengths differ.

    Examples
    --------
    >>> class_averages([[0.8, 0.2], [0.2, 0.8], [0.1, 0.9]], [0, 0, 1])
    array([[0.5, 0.5],
           [0.1, 0.9]])
    """
    p = as_table(probabilities, "probabilities")  # (n, k)
    k = _classes(p.shape[1])
    given = check_codes(codes, k, n_rows=len(p))
    if not (np.isfinite(p).all() and (p > 0).all()):
        raise InputError("probabilities has values that are not above 0; clip them first (metrics.temperature.bounded)")
    weight = np.ones(len(p)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (len(p),):
        raise InputError(f"sample_weight has shape {weight.shape}; give one weight for each of {len(p)} rows")
    member = one_hot(given, k).astype(np.float64) * weight[:, None]  # (n, k)
    mass = member.sum(axis=0)  # (k,)
    logs = member.T @ np.log(p) / np.where(mass > 0, mass, 1.0)[:, None]  # (k, k)
    averages = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(averages / averages.sum(axis=1, keepdims=True))


def _classes(k: int) -> int:
    if k < 2:
        raise InputError(f"there is {k} class and no other to smooth to; give two columns or more")
    return k


def _spread(
    given: NDArray[np.int64], eps: ArrayLike, others: NDArray[np.float64], targets: ArrayLike | None
) -> NDArray[np.float32]:
    n, k = others.shape
    amounts = np.asarray(eps, dtype=np.float64)  # () or (n,)
    if amounts.shape not in ((), (n,)) or not ((amounts >= 0) & (amounts <= 1)).all():
        raise InputError(
            f"eps has shape {amounts.shape}, or values that are not from 0 to 1; give one number a row, {n} in all"
        )
    start = one_hot(given, k).astype(np.float64) if targets is None else as_table(targets)  # (n, k)
    if start.shape != (n, k):
        raise InputError(f"targets: has shape {start.shape} where {(n, k)} is needed; give one row for each code")
    share = np.broadcast_to(amounts, n)[:, None]  # (n, 1)
    return ((1.0 - share) * start + share * others).astype(np.float32)  # (n, k)
