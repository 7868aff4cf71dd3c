"""What counts as labels: one row of whole numbers, booleans or strings, none of them missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.errors import InputError

_ALLOWED = "labels are integers, booleans or strings"


def as_labels(y: Any, *, name: str = "y") -> NDArray[Any]:
    """Return labels as a one-dimensional array of one kind, or say what is wrong with them.

    Parameters
    ----------
    y : array-like (n,)
        A list, array, pandas or pyarrow column. May be empty.
    name : str
        What messages call it.

    Returns
    -------
    labels : (n,)
        Of integers, booleans, whole floats, or strings (fixed-width, or Python objects where ``y`` holds objects).

    Raises
    ------
    InputError
        If ``y`` is None, not one-dimensional, has missing labels, labels of several types, or labels of another type.
    """
    if y is None:
        # scikit-learn's own wording, which its estimator checks look for
        raise InputError(f"{name} is None; fitting requires y to be passed, but the target y is None")
    array = _one_dimensional(y, name)  # (n,)
    if isinstance(y, np.ma.MaskedArray):
        _refuse_missing(np.ma.getmaskarray(y), name)
    if array.dtype.kind in "OT":
        array = _of_objects(array, name, fixed_width=isinstance(y, (list, tuple)))
    if array.dtype.kind == "f":
        _refuse_missing(np.isnan(array), name)
        _refuse_continuous(array, name)
    elif array.dtype.kind not in "iubOU":
        what = "Complex data not supported" if array.dtype.kind == "c" else "Unknown label type"
        raise InputError(f"{what}: {name} holds {array.dtype}; {_ALLOWED}")
    return array


def _one_dimensional(y: Any, name: str) -> NDArray[Any]:
    # A list goes through objects: NumPy alone would turn ["a", 1] into ["a", "1"] and a NaN among strings into "nan".
    dtype = object if isinstance(y, (list, tuple)) else None
    try:
        array = np.asarray(y, dtype=dtype)
    except ValueError as error:
        raise InputError(f"{name} must be one-dimensional with one label a row; got rows of several lengths") from error
    if array.ndim != 1:
        raise InputError(
            f"{name} must be one-dimensional with one label a row; got shape {array.shape} of {type(y).__name__}"
        )
    return array


def _of_objects(array: NDArray[Any], name: str, *, fixed_width: bool) -> NDArray[Any]:
    """Return labels that came as Python objects, as numbers, booleans or strings."""
    values = array.tolist()
    types = set(map(type, values))
    if not all(issubclass(each, str) for each in types):
        _refuse_missing(np.fromiter(map(_is_missing, values), dtype=bool, count=len(values)), name)
    kinds = {_kind(each) for each in types}
    if kinds == {"string"}:
        return np.asarray(values, dtype=str) if fixed_width else np.asarray(values, dtype=object)
    if len(kinds) > 1 and kinds != {"integer", "float"}:
        raise InputError(
            f"{name} mixes labels of several types ({', '.join(sorted(kinds))}); give all labels as one type, "
            f"say strings: {name} = [str(label) for label in {name}]"
        )
    # An empty column has no kind and ends as an empty array of floats; an integer beyond 64 bits stays an object.
    numbers = np.asarray(values) if kinds <= {"integer", "float", "boolean"} else array
    if numbers.dtype.kind not in "iubf":
        raise InputError(f"Unknown label type: {name} holds objects of type {', '.join(sorted(kinds))}; {_ALLOWED}")
    return numbers


def _kind(each: type) -> str:
    if issubclass(each, str):
        return "string"
    if issubclass(each, (bool, np.bool_)):
        return "boolean"
    if issubclass(each, (int, np.integer)):
        return "integer"
    if issubclass(each, (float, np.floating)):
        return "float"
    return each.__name__


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # pandas, which is not imported for this
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _refuse_missing(missing: NDArray[np.bool_], name: str) -> None:
    rows = np.flatnonzero(missing)
    if rows.size:
        shown = ", ".join(str(row) for row in rows[:10])
        more = f" and {rows.size - 10} more" if rows.size > 10 else ""
        raise InputError(
            f"{name} has no label (NaN or None) in {rows.size} of {missing.size} rows: {shown}{more} (counted from 0); "
            "drop these rows or give them a label"
        )


def _refuse_continuous(array: NDArray[Any], name: str) -> None:
    rows = np.flatnonzero(~np.isfinite(array) | (array != np.floor(array)))
    if rows.size:
        raise InputError(
            f"Unknown label type: continuous; {name} has {array[rows[0]]} in row {rows[0]}, and {rows.size} of "
            f"{array.size} values are not whole numbers; {_ALLOWED}"
        )
