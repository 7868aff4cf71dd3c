"""What is known of rows beside their labels: weights, groups, trust, true distributions; one value or row for each."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.targets.rows import as_table
from softlabel.tasks import Task


def check_sample_weight(sample_weight: Any, n: int) -> np.ndarray:
    """Return (n,) float weights: finite, none negative, not all zero."""
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise InputError(f"sample_weight has shape {weight.shape}; give one number a row, shape ({n},)")
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise InputError(
            "sample_weight holds NaN, infinite or negative numbers, or only zeros; give finite numbers from 0 up"
        )
    return weight


def check_groups(groups: Any, n: int) -> np.ndarray:
    """Return (n,) groups, none missing."""
    array = np.asarray(groups)
    if array.shape != (n,):
        raise InputError(f"groups has shape {array.shape}; give one group a row, shape ({n},)")
    missing = np.array([value is None or value != value for value in array.tolist()])
    if missing.any():
        raise InputError(
            f"groups is missing in {missing.sum()} rows, first row {int(np.argmax(missing))}; name each row's group"
        )
    return array


def check_trusted(trusted: Any, n: int) -> np.ndarray:
    """Return the mask (n,) of rows whose labels are known to be right: some of them, not all."""
    mask = np.asarray(trusted)
    if mask.shape != (n,) or mask.dtype != bool:
        raise InputError(
            f"trusted has shape {mask.shape} and type {mask.dtype}; give {n} booleans, True where the label is known to be right"
        )
    if not mask.any():
        raise InputError(
            f"trusted marks none of {n} rows; mark those whose labels are known to be right, or leave it out"
        )
    if mask.all():
        raise InputError(
            f"trusted marks all {n} rows, so no label is left to refine; leave it out, or give n_rounds=0 for a plain fit"
        )
    return mask.copy()


def check_reference(reference: Any, task: Task, n: int, n_all: int) -> np.ndarray:
    """Return true distributions (n_all, k) as float64.

    Rows of NaN are not known, and so are those of a validation set, which stands behind the n given ones.
    """
    rows = as_table(reference, "reference")  # (n, k)
    if rows.shape != (n, len(task.classes)):
        raise InputError(
            f"reference has shape {rows.shape}; give a true distribution over the {len(task.classes)} classes for each of {n} rows"
        )
    known = ~np.isnan(rows).all(axis=1)  # (n,)
    if not known.any():
        raise InputError("reference is known of no row; give shares or counts for some, or leave it out")
    if not np.isfinite(rows[known]).all() or (rows[known] < 0).any():
        raise InputError("reference holds values that are negative or not finite; give shares or counts, 0 or more")
    if task.kind == "independent":
        if (rows[known] > 1).any():
            raise InputError("reference holds values above 1; of several labels give the chance of each, from 0 to 1")
    else:
        sums = rows.sum(axis=1)
        if (sums[known] <= 0).any():
            raise InputError(
                f"reference: row {int(np.argmax(sums <= 0))} has no mass; give each row a distribution, or NaN"
            )
        rows = rows / sums[:, None]
    return np.vstack([rows, np.full((n_all - n, rows.shape[1]), np.nan)])


def as_given_labels(y: np.ndarray, task: Any) -> np.ndarray:
    """Return given labels (n,), or (n, k) of 0 and 1 of several; a column (n, 1) is one label a row, unless the task says else.

    Raises
    ------
    InputError
        For no or more dimensions.
    """
    if y.ndim == 2 and y.shape[1] == 1 and not (task == "multilabel" or getattr(task, "kind", "") == "independent"):
        return column_as_labels(y)
    if y.ndim not in (1, 2):
        raise InputError(f"y has shape {y.shape}; give one label a row, (n,), or 0 and 1 of several labels, (n, k)")
    return y


def column_as_labels(y: np.ndarray) -> np.ndarray:
    """Return a column (n, 1) as labels (n,), with the warning that scikit-learn gives for it."""
    from sklearn.exceptions import DataConversionWarning

    message = (
        f"A column-vector y was passed when a 1d array was expected: y has shape {y.shape}; it is read as ({len(y)},)"
    )
    warnings.warn(message, DataConversionWarning, stacklevel=4)
    return y.ravel()
