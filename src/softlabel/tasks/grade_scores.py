"""The scores of grades, the same in both views of an ordinal task."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.metrics.ordinal import (
    accuracy_of_codes,
    macro_mae,
    mean_absolute_error_of,
    quadratic_weighted_kappa,
)


def grade_scores(
    codes: ArrayLike, predicted: ArrayLike, values: NDArray[np.float64], sample_weight: ArrayLike | None
) -> dict[str, float]:
    """Return QWK, mean absolute error, its mean over the grades present, and accuracy, always in this order.

    Parameters
    ----------
    codes, predicted : (n,) int
        Given and predicted grades as positions.
    values : (k,)
        Grades as numbers: errors are distances between these.
    """
    return {
        "qwk": quadratic_weighted_kappa(codes, predicted, len(values), sample_weight),
        "mae": mean_absolute_error_of(codes, predicted, values, sample_weight),
        "macro_mae": macro_mae(codes, predicted, values, sample_weight),
        "accuracy": accuracy_of_codes(codes, predicted, sample_weight),
    }
