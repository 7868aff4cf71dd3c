"""One soft label for all rows of a class, made of what a model answers to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.rows import check_targets


def mean_by_class(
    probabilities: ArrayLike, codes: ArrayLike, k: int, fallback: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the mean prediction over the rows of each given class.

    Row c is the mean of p_i over rows i with y_i = c: which classes look like class c to the model. ``result[codes]`` are target rows
    that are refined by category and not by image: "visually refined categories" of Label Refinery (Bagherinezhad et al. 2018,
    section 4.1, table 5).

    Parameters
    ----------
    probabilities : array-like (n, k)
        Predictions; each row sums to 1.
    codes : array-like (n,) of int
        Given classes, from 0 to k - 1.
    k : int
        Number of classes.
    fallback : array-like (k, k), optional
        Rows for classes that no row has; each sums to 1. None: a class that no row has is itself.

    Returns
    -------
    categories : (k, k) float64
        Each row sums to 1.

    Raises
    ------
    InputError
        If shapes differ, rows do not sum to 1, or a code is no class.

    Examples
    --------
    >>> mean_by_class([[0.75, 0.25], [0.5, 0.5]], [0, 0], 2)
    array([[0.625, 0.375],
           [0.   , 1.   ]])
    """
    p = check_targets(probabilities, n_columns=k, name="probabilities")  # (n, k)
    given = check_codes(codes, k, n_rows=len(p))  # (n,)
    means = np.eye(k) if fallback is None else check_targets(fallback, n_columns=k, name="fallback").astype(np.float64)
    if len(means) != k:
        raise InputError(f"fallback: has {len(means)} rows where {k} are needed; give one row for each class")
    counts = np.bincount(given, minlength=k)  # (k,)
    sums = np.zeros((k, k))
    np.add.at(sums, given, p)
    present = counts > 0
    means[present] = sums[present] / counts[present, None]
    return means
