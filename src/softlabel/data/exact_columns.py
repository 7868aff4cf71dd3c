"""Columns whose values must survive to the letter: labels, ids, groups.

The rule, the same for every file: what is text stays text, unless each value is an integer as one writes it ("7", "-1",
"0"; not "007"), in which case all become integers. So "NA", "None" and "001" are labels like any other, and only an
empty cell is a missing one. What a file stores as numbers becomes integers where all are whole, and text otherwise.

Labels have two rules more. A text file knows no floats: a column of floats 1.0, 2.0 is written "1.0", "2.0", and where
each value is written so, all become integers, as they do from a file that stores numbers. And numbers that are not all
whole are measurements, no classes: they are refused, whether stored as numbers or written as text; unless numbers are
what the labels are asked to be, as grades are.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np

from softlabel.errors import InputError

Kind = Literal["integer", "text", "number"]

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")  # 18 digits always fit an int64
_WHOLE_FLOAT = re.compile(r"(0|-?[1-9][0-9]{0,14})\.0")  # as floats are written; 15 digits are exact in a float64
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PADDED = re.compile(r"[+-]?0[0-9]")  # "007" is a name, not the number 7
_SHOWN = 5


def exact_values(values: Any, *, name: str, role: str, kind: Kind | None = None, ids: Any = None) -> np.ndarray:
    """Return a column as (n,) int64 or (n,) str, or as (n,) float64 where labels are asked for as numbers.

    Parameters
    ----------
    values : (n,) series or array
        As read from a file.
    name, role : str
        Column and what it is used as ("label", "id", "group"), for messages.
    kind : "integer", "text", "number" or None
        The kind that the same column had elsewhere: "text" keeps integers as text. None decides by the values; so does
        "integer", which cannot be forced on text. "number" keeps labels that are not all whole as float64, and text where
        one of them is no number.
    ids : (n,) array or None
        Names of the rows, for messages; row numbers from 0 without.

    Raises
    ------
    InputError
        If values are missing (says how many, and where), or are no values (bytes, lists), or if labels are numbers that
        are not all whole ("Unknown label type: continuous", as scikit-learn says) and none were asked for, or infinite.
    """
    column = np.asarray(values, dtype=object) if _is_extension(values) else np.asarray(values)  # (n,)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim != 1:
        raise InputError(f"the {role} array {name!r} has shape {column.shape}; give one {role} a row, shape (n,)")
    missing = _missing(column)
    if missing.any():
        raise InputError(_missing_message(missing, name, role, ids))
    if role == "label" and kind == "number":
        if (numbers := _as_numbers(column, name)) is not None:
            return numbers
    elif role == "label" and kind != "text":  # where labels were text elsewhere, "0.5" may be one of them
        _refuse_continuous(column, name, ids)
    if column.dtype.kind in "biuf":
        return _numbers(column, kind)
    if column.dtype.kind not in "UO":
        column = column.astype(object)
    return _texts(column, name, role, kind)


def label_kind(y: np.ndarray) -> Kind:
    """Return the kind of labels, to read those of other files alike: "integer", "number" (not all whole) or "text"."""
    kind = np.asarray(y).dtype.kind
    return "integer" if kind in "iu" else "number" if kind == "f" else "text"


def duplicates(values: np.ndarray) -> list[Any]:
    """Return the values that occur more than once, sorted."""
    unique, counts = np.unique(values, return_counts=True)
    return unique[counts > 1].tolist()


def is_missing(cell: Any) -> bool:
    """Return whether a cell holds nothing: None, NaN, or what pandas writes for these."""
    import pandas as pd

    return (
        cell is None
        or cell is pd.NA
        or cell is pd.NaT
        or (isinstance(cell, (float, np.floating)) and bool(np.isnan(cell)))
    )


def some(values: Any) -> str:
    """Return the first few values as text, and how many more there are."""
    values = list(values)
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(str(value) for value in values[:_SHOWN]) + more


def _is_extension(values: Any) -> bool:
    return hasattr(values, "iloc") and not isinstance(values.dtype, np.dtype)


def _missing(column: np.ndarray) -> np.ndarray:
    import pandas as pd

    missing = pd.isna(column)  # (n,) bool: NaN, None, NaT, NA
    if column.dtype == object:
        missing = missing | np.fromiter((isinstance(value, str) and value == "" for value in column), bool, len(column))
    elif column.dtype.kind == "U":
        missing = missing | (column == "")
    return np.asarray(missing)


def _missing_message(missing: np.ndarray, name: str, role: str, ids: Any) -> str:
    rows = np.flatnonzero(missing)
    where = f"row numbers, counted from 0: {some(rows)}" if ids is None else f"ids {some(np.asarray(ids)[rows])}"
    return (
        f"the {role} column {name!r} is empty in {len(rows)} of {len(missing)} rows ({where}); fill these cells in, or "
        "remove "
        "the rows"
    )


def _refuse_continuous(column: np.ndarray, name: str, ids: Any) -> None:
    """Refuse labels that are numbers, not all of them whole."""
    if column.dtype.kind == "f":
        fractional = ~np.isfinite(column) | (column != np.floor(column))  # (n,) bool
    elif column.dtype.kind in "UO":
        texts = [str(value) for value in column]
        if not all(_NUMBER.fullmatch(text) for text in texts):
            return
        fractional = np.array([not float(text).is_integer() for text in texts], dtype=bool)  # (n,)
    else:
        return
    rows = np.flatnonzero(fractional)
    if len(rows):
        where = f"row {rows[0]}" if ids is None else f"the row of id {np.asarray(ids)[rows[0]]}"
        example = column[rows[0]]
        raise InputError(
            f"Unknown label type: continuous; the label column {name!r} holds {example} in {where}, and {len(rows)} of "
            f"{len(column)} values are not whole numbers; give classes; if these numbers are names of classes, write "
            f"them with a letter, such as 'c{example}'"
        )


def _as_numbers(column: np.ndarray, name: str) -> np.ndarray | None:
    """Return (n,) int64 where all values are whole numbers, float64 where all are numbers, None where they are not."""
    if column.dtype.kind in "UO":
        texts = [str(value) for value in column]
        if any(isinstance(value, (bool, np.bool_)) for value in column):
            return None
        if not all(_NUMBER.fullmatch(text) and not _PADDED.match(text) for text in texts):
            return None
        column = np.array([float(text) for text in texts])  # (n,)
    elif column.dtype.kind not in "iuf":
        return None
    if not np.isfinite(column).all():
        raise InputError(f"the label column {name!r} holds infinite numbers; give finite grades")
    floats = column.astype(np.float64)
    whole = bool(np.all((floats == np.floor(floats)) & (np.abs(floats) < 2.0**53)))
    return column.astype(np.int64) if whole else floats


def _numbers(column: np.ndarray, kind: Kind | None) -> np.ndarray:
    if column.dtype == bool:
        return np.where(column, "True", "False")
    if column.dtype.kind == "f":
        whole = bool(np.all(np.isfinite(column) & (column == np.floor(column)) & (np.abs(column) < 2.0**53)))
        if not whole:
            return np.array([repr(float(value)) for value in column])
    elif column.dtype.kind == "u" and column.size and column.max() > np.iinfo(np.int64).max:
        return column.astype(str)
    integers = column.astype(np.int64)
    return integers.astype(str) if kind == "text" else integers


def _texts(column: np.ndarray, name: str, role: str, kind: Kind | None) -> np.ndarray:
    odd = next((value for value in column if isinstance(value, (bytes, list, tuple, dict, set, np.ndarray))), None)
    if odd is not None:
        raise InputError(
            f"the {role} column {name!r} holds a {type(odd).__name__} ({str(odd)[:40]}); give one text or one integer "
            "a row"
        )
    texts = [str(value) for value in column]
    if kind != "text" and all(_INTEGER.fullmatch(text) for text in texts):
        return np.array([int(text) for text in texts], dtype=np.int64)
    if role == "label" and kind != "text" and all(_WHOLE_FLOAT.fullmatch(text) for text in texts):
        return np.array([int(text.removesuffix(".0")) for text in texts], dtype=np.int64)
    return np.array(texts)  # (n,) str
