"""How far target rows are from true distributions, by the six measures of label distribution learning."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from softlabel.metrics.scored_rows import row_weights
from softlabel.targets.distance import canberra, chebyshev, clark, cosine_similarity, intersection, kl_divergence
from softlabel.targets.rows import as_table

_SMALLEST_MASS = 1e-7


def distribution_distances(
    reference: ArrayLike, targets: ArrayLike, sample_weight: ArrayLike | None = None
) -> dict[str, float]:
    """Return the mean over rows of chebyshev, clark, canberra, kl, cosine and intersection, always in this order.

    Of the first four less is better, of cosine and intersection more. ``kl`` is from the targets to the reference, in nats. Masses of the
    targets below 1e-7 count as 1e-7 in it (and rows are divided by their sum again): where a one-hot row misses the mass p of
    a reference it would be infinite, and so costs some 16 p.

    Parameters
    ----------
    reference : array-like (n, k)
        True distributions, many annotators' shares say; rows sum to 1.
    targets : array-like (n, k)
        Rows that sum to 1.
    sample_weight : array-like (n,), optional
        A row of weight 2 counts as two rows, a row of weight 0 as none.

    Raises
    ------
    InputError
        If shapes differ, or no row counts.

    References
    ----------
    Geng, Label Distribution Learning, IEEE TKDE 28(7), 2016, table 1.

    Examples
    --------
    >>> distances = distribution_distances([[0.5, 0.5]], [[0.75, 0.25]])
    >>> distances["chebyshev"], distances["intersection"]
    (0.25, 0.75)
    """
    p, q = as_table(reference, "reference"), as_table(targets)  # (n, k) each
    weights = row_weights(sample_weight, len(p))
    known = np.maximum(q, _SMALLEST_MASS)
    values = {
        "chebyshev": chebyshev(p, q),
        "clark": clark(p, q),
        "canberra": canberra(p, q),
        "kl": kl_divergence(p, known / known.sum(axis=1, keepdims=True)),
        "cosine": cosine_similarity(p, q),
        "intersection": intersection(p, q),
    }  # (n,) each
    return {name: float(weights @ each / weights.sum()) for name, each in values.items()}
