"""Rows that a wrapped estimator is given: passed on as they are, save what no estimator takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.rows import as_rows
from softlabel.errors import InputError


def as_given_rows(X: Any) -> Any:
    """Return X with rows, refusing only what no estimator takes; the rest is the estimator's to check."""
    X = as_rows(X)
    if getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise InputError("Complex data not supported; give the real and the imaginary parts as columns")
    if isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype.kind in "biuf":
        raise InputError(
            f"Expected 2D array, got 1D array instead: X has shape {X.shape}. Reshape your data either using "
            "X.reshape(-1, 1) if it has a single feature or X.reshape(1, -1) if it contains a single row"
        )
    return X
