"""The way to a table of numbers: the transformers of a learner's own pipeline, or none where its rows are numbers already."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from softlabel.learners.contract import Learner, Wrapper, takes_texts
from softlabel.learners.pipelines import Step, last_step, steps_of


def estimator_of(learner: Learner) -> Any:
    """Return the estimator behind a learner, or the learner itself."""
    return learner.get_params(deep=False)["estimator"] if isinstance(learner, Wrapper) else learner


def table_front(learner: Learner, X: Any) -> list[Step] | None:
    """Return unfitted transformers after which rows may be numbers in two dimensions; None where they can be no such table.

    Without a pipeline rows are taken as they are, where they are such a table. What a pipeline makes of rows is not known before it is
    fitted.
    """
    estimator = estimator_of(learner)
    if takes_texts(last_step(estimator)):
        return None
    steps = steps_of(estimator)
    if len(steps) < 2:
        return [] if is_table_of_numbers(X) else None
    # "passthrough" is a step as well, and no estimator
    return [(name.replace("__", "."), clone(step, safe=False)) for name, step in steps[:-1]]


_LARGEST = float(np.finfo(np.float32).max)  # number that trees and distances can hold


def is_table_of_numbers(X: Any) -> bool:
    """Return whether rows can be learnt from as they are: numbers in two dimensions that float32 holds, or unknown (NaN, in dense rows)."""
    return numbers_of(X) is not None


def numbers_of(X: Any) -> Any:
    """Return rows as a sparse matrix or an array of numbers (n, m), unknown ones NaN; None where they are no such table.

    Columns of a data frame may be of its own kinds of number, with missing ones among them.
    """
    if hasattr(X, "columns") and hasattr(X, "dtypes"):
        X = _numbers_of_frame(X)
    sparse = hasattr(X, "tocsr")
    entries = getattr(X, "data", None) if sparse else X
    if not isinstance(entries, np.ndarray) or entries.dtype.kind not in "biuf" or np.ndim(X) != 2 or X.shape[1] == 0:
        return None
    if entries.dtype.kind != "f" or not entries.size:
        return X
    least, largest = (float(found.reduce(entries, axis=None)) for found in (np.fmin, np.fmax))  # NaN where all are
    known = not sparse or not np.isnan(np.min(entries))  # trees know of unknown numbers in dense rows only
    return X if known and not (least < -_LARGEST) and not (largest > _LARGEST) else None


def _numbers_of_frame(X: Any) -> NDArray[np.float64] | None:
    """Return the columns of a data frame as numbers; None where some are none, or are sparse."""
    from pandas.api import types

    for kind in X.dtypes:
        if isinstance(kind, np.dtype):
            if kind.kind not in "biuf":
                return None
        elif (
            not types.is_extension_array_dtype(kind)
            or not (types.is_numeric_dtype(kind) or types.is_bool_dtype(kind))
            or hasattr(kind, "fill_value")  # sparse: as a dense table it may be far too large
        ):
            return None
    return np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))
