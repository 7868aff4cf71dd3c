"""Labels to codes to target rows, and back.

A class has a *code*: its position among the sorted classes, which is also its column in the target rows. Row numbers in
messages are counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.labels import as_labels
from softlabel.targets.rows import as_table, check_targets, normalise_rows

__all__ = ["check_codes", "check_targets", "class_codes", "find_classes", "harden", "normalise_rows", "one_hot"]


def find_classes(y: Any) -> NDArray[Any]:
    """Return the sorted distinct labels.

    Parameters
    ----------
    y : array-like (n,)
        Labels: integers, booleans, strings, or floats that are whole numbers; a list, array, pandas or pyarrow column.

    Returns
    -------
    classes : (k,)
        In ascending order. Equivalent to ``numpy.unique(y)`` where that is defined.

    Raises
    ------
    InputError
        If ``y`` is None, empty, not one-dimensional, has missing labels, labels of several types, continuous values, or
        fewer than two classes.

    Examples
    --------
    >>> find_classes([3, 1, 3])
    array([1, 3])
    """
    labels = as_labels(y)
    if labels.size == 0:
        raise InputError("y is empty; give at least one row of each of two classes")
    # A hash table is much faster than sorting n Python objects.
    distinct = sorted(set(labels.tolist())) if labels.dtype == object else np.unique(labels)
    classes = np.asarray(distinct, dtype=labels.dtype)  # (k,)
    if len(classes) < 2:
        raise InputError(
            f"y has only one class ({_listed(classes)}) in {labels.size} rows; a classifier needs at least two classes"
        )
    return classes


def class_codes(y: Any, classes: ArrayLike) -> NDArray[np.int64]:
    """Return the position of each label among the classes.

    Parameters
    ----------
    y : array-like (n,)
        Labels, as :func:`find_classes` takes them.
    classes : array-like (k,)
        Distinct labels, in any order; their order is the order of the codes.

    Returns
    -------
    codes : (n,) int64, from 0 to k - 1

    Raises
    ------
    InputError
        If a label is not among the classes, and in the cases of :func:`find_classes` (one class is no error here).

    Examples
    --------
    >>> class_codes(["b", "a"], ["a", "b"])
    array([1, 0])
    """
    labels = as_labels(y)
    known = as_labels(classes, name="classes")
    texts, texts_known = labels.dtype.kind in "OU", known.dtype.kind in "OU"
    if labels.size and (
        known.size == 0 or texts != texts_known
    ):  # NumPy would compare '1' with 1 as texts, or not at all
        raise _unknown_labels(labels, known)
    if labels.dtype == object or known.dtype == object:
        code_of = {label: code for code, label in enumerate(known.tolist())}
        codes = np.fromiter((code_of.get(label, -1) for label in labels.tolist()), dtype=np.int64, count=labels.size)
        unknown = codes < 0
    else:
        order = np.argsort(known, kind="stable")  # (k,)
        place = np.searchsorted(known, labels, sorter=order)
        codes = order[np.minimum(place, len(known) - 1)].astype(np.int64)  # (n,)
        unknown = known[codes] != labels
    if np.any(unknown):
        raise _unknown_labels(labels[unknown], known)
    return codes


def one_hot(codes: ArrayLike, k: int) -> NDArray[np.float32]:
    """Return rows with the whole mass on one class.

    Parameters
    ----------
    codes : array-like (n,) of integers from 0 to k - 1
    k : int
        Number of classes.

    Returns
    -------
    targets : (n, k) float32

    Raises
    ------
    InputError
        If a code is not an integer from 0 to k - 1.

    Examples
    --------
    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    checked = check_codes(codes, k)
    targets = np.zeros((len(checked), k), dtype=np.float32)  # (n, k)
    targets[np.arange(len(checked)), checked] = 1.0
    return targets


def check_codes(codes: ArrayLike, k: int, *, n_rows: int | None = None, name: str = "codes") -> NDArray[np.int64]:
    """Return codes as (n,) int64 after checking that each is an integer from 0 to k - 1."""
    array = np.asarray(codes)
    if (array.ndim != 1 or array.dtype.kind not in "iu") and array.shape != (0,):  # an empty list arrives as floats
        raise InputError(
            f"{name} must be one-dimensional integers; got shape {array.shape} of {array.dtype}; "
            "class_codes(y, classes) makes them from labels"
        )
    if n_rows is not None and len(array) != n_rows:
        raise InputError(f"{name} has {len(array)} rows where {n_rows} are needed; give one code for each row")
    bad = np.flatnonzero((array < 0) | (array >= k))
    if bad.size:
        raise InputError(f"{name} has {array[bad[0]]} in row {bad[0]}; with {k} classes the codes are 0 to {k - 1}")
    return array.astype(np.int64)


def harden(targets: ArrayLike) -> NDArray[np.int64]:
    """Return the code of the largest mass of each row, the first of ties.

    Parameters
    ----------
    targets : array-like (n, m)

    Returns
    -------
    codes : (n,) int64

    Examples
    --------
    >>> harden([[0.2, 0.8], [0.5, 0.5]])
    array([1, 0])
    """
    return as_table(targets).argmax(axis=1).astype(np.int64)


def _unknown_labels(labels: NDArray[Any], classes: NDArray[Any]) -> InputError:
    unknown = list(dict.fromkeys(labels.tolist()))  # distinct, in order of appearance
    return InputError(
        f"y has labels that are not among the classes: {_listed(unknown)}; the classes are {_listed(classes)}; "
        "correct or drop these rows, or name the class"
    )


def _listed(values: Iterable[Any], at_most: int = 10) -> str:
    items = values.tolist() if isinstance(values, np.ndarray) else list(values)
    shown = ", ".join(repr(item) for item in items[:at_most])
    return shown if len(items) <= at_most else f"{shown} and {len(items) - at_most} more"
