"""Mean distances of numbers from the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mean_gaps(
    absolute: NDArray[np.float64], squared: NDArray[np.float64], sample_weight: ArrayLike | None
) -> dict[str, float]:
    """Return ``mae`` and ``rmse``, weighted, from one absolute and one squared distance a row, (n,) each."""
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    return {
        "mae": float(np.average(absolute, weights=weight)),
        "rmse": float(np.sqrt(np.average(squared, weights=weight))),
    }
