"""What an estimator is fitted to: labels, grades, entries or target rows, and weights of the rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import DataConversionWarning

from softlabel.errors import InputError
from softlabel.targets.encode import class_codes, one_hot
from softlabel.targets.entries import check_entries
from softlabel.targets.labels import as_labels
from softlabel.targets.rows import check_targets


def as_target_rows(y: Any, n_rows: int) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Return the classes and the target rows that ``y`` stands for.

    Parameters
    ----------
    y : array-like
        (n,) labels of one class or more, or (n, k) target rows. A column (n, 1) counts as labels, with a warning.
    n_rows : int
        n, the rows of X.

    Returns
    -------
    classes : (k,)
        The distinct labels in ascending order, or 0 to k - 1 for target rows.
    targets : (n, k) float32

    Raises
    ------
    InputError
        If labels are missing or continuous, rows do not sum to 1, or ``y`` has another number of rows than X.
    """
    rows = _table(y)  # (n, columns), or None
    if rows is not None and rows.shape[1] > 1:
        return np.arange(rows.shape[1]), check_targets(rows, n_rows=n_rows)
    if rows is not None:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected; it is read as labels, y.ravel()",
            DataConversionWarning,
            stacklevel=3,
        )
        y = rows.ravel()
    labels = as_labels(y)  # (n,)
    if len(labels) != n_rows:
        raise InputError(f"y has {len(labels)} labels for {n_rows} rows of X; give one label for each row")
    # A hash table is much faster than sorting n Python objects.
    distinct = sorted(set(labels.tolist())) if labels.dtype == object else np.unique(labels)
    classes = np.asarray(distinct, dtype=labels.dtype)  # (k,)
    return classes, one_hot(class_codes(labels, classes), len(classes))


def _table(y: Any) -> NDArray[Any] | None:
    try:
        array = np.asarray(y)
    except ValueError:  # rows of several lengths; reading y as labels says what is wrong with it
        return None
    return array if array.ndim == 2 and y is not None else None


def as_row_weights(sample_weight: ArrayLike | None, n_rows: int) -> NDArray[np.float64] | None:
    """Return weights (n,) float64, or None where none were given.

    Raises
    ------
    InputError
        If they are not one finite number of 0 or more for each row, or all are 0.
    """
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)  # (n,)
    except (TypeError, ValueError) as error:
        raise InputError(f"sample_weight must hold one number for each row of X ({error})") from error
    if weights.ndim == 0:
        weights = np.full(n_rows, float(weights))
    if weights.shape != (n_rows,):
        raise InputError(f"sample_weight has shape {weights.shape}; give one weight for each of the {n_rows} rows of X")
    bad = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if bad.size:
        raise InputError(f"sample_weight has {weights[bad[0]]} in row {bad[0]}; weights are finite and 0 or more")
    if not weights.any():
        raise InputError("every sample_weight is 0; Sample weights must contain at least one non-zero number")
    return weights


def class_masses(targets: NDArray[Any], sample_weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return the weighted sum (k,) of the target rows (n, k)."""
    masses = np.asarray(targets, dtype=np.float64)  # (n, k)
    return masses.sum(axis=0) if sample_weight is None else sample_weight @ masses


def as_grades(y: Any, n_rows: int) -> NDArray[np.float64]:
    """Return grades as numbers (n,), from (n,) or one column (n, 1).

    Raises
    ------
    InputError
        If they are not one finite number for each row of X.
    """
    try:
        grades = np.asarray(y, dtype=np.float64)  # (n,) or (n, 1)
    except (TypeError, ValueError) as error:
        raise InputError(f"y must hold grades as numbers, one for each row ({error})") from error
    if y is None or grades.ndim == 0:
        raise InputError(
            f"Expected array-like (array or non-string sequence), got {y!r}; give a grade for each row of X"
        )
    if grades.ndim == 2 and grades.shape[1] == 1:
        grades = grades[:, 0]
    if grades.ndim != 1:
        raise InputError(
            f"y has shape {grades.shape}; grades are one column of numbers, (n,) or (n, 1); a distribution over grades is for "
            "a classifier (view='distribution')"
        )
    _refuse_no_rows(n_rows)
    if len(grades) != n_rows:
        raise InputError(f"y has {len(grades)} grades for {n_rows} rows of X; give one grade for each row")
    bad = np.flatnonzero(~np.isfinite(grades))
    if bad.size:
        raise InputError(
            f"y has {grades[bad[0]]} in row {bad[0]}, and {bad.size} of {n_rows} grades are no finite numbers; give numbers"
        )
    return grades


def as_entries(y: Any, n_rows: int) -> NDArray[np.float32]:
    """Return multi-label targets (n, k) float32, each entry from 0 to 1; an indicator matrix may be sparse.

    Raises
    ------
    InputError
        If ``y`` is no table with a row for each row of X, or an entry is out of range.
    """
    if y is None:
        raise InputError("fitting several labels requires y to be passed, but the target y is None; give rows (n, k)")
    try:
        rows = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    except ValueError as error:  # rows of several lengths
        raise InputError(f"y must hold a row of k entries for each row of X, all of one length ({error})") from error
    if rows.ndim != 2:
        raise InputError(
            f"y has shape {rows.shape}, one class a row at most; several labels are rows (n, k) of entries from 0 to 1, one "
            "for each label (y[:, None] for one label alone)"
        )
    _refuse_no_rows(n_rows)
    return check_entries(rows, n_rows=n_rows, name="y")


def _refuse_no_rows(n_rows: int) -> None:
    if n_rows == 0:
        raise InputError("X has no row; give one row or more to fit to")
