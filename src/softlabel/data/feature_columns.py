"""Single columns of a table on their way to becoming features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_SMALL = (np.float32, np.float16, np.bool_, np.int8, np.uint8, np.int16, np.uint16)


def as_frame(X: Any) -> pd.DataFrame:
    """Return a data frame as it is, and a (n, d) array as one whose columns are named by position."""
    import pandas as pd
    from scipy import sparse

    if isinstance(X, pd.DataFrame):
        frame = X
    elif sparse.issparse(X):
        raise InputError("features are a sparse matrix, which needs no preparation; give it to the estimator as it is")
    else:
        array = np.asarray(X)
        if array.ndim != 2:
            raise InputError(
                f"features have shape {array.shape}; give a table, or an array of shape (n, d). Reshape your data: one row "
                "is X.reshape(1, -1)"
            )
        frame = pd.DataFrame(array, columns=[str(position) for position in range(array.shape[1])])
    for count, what in ((len(frame), "sample"), (len(frame.columns), "feature")):
        if count == 0:
            raise InputError(f"the table has 0 {what}(s) (shape={frame.shape}) while a minimum of 1 is required.")
    return frame.infer_objects()  # numbers that came as Python objects are numbers


def is_numeric(series: pd.Series) -> bool:
    """Return whether a column holds numbers or booleans. Categories are not numbers, whatever they are called."""
    from pandas.api import types

    if types.is_complex_dtype(series.dtype):
        raise InputError(
            f"Complex data not supported: column {series.name!r}; give real and imaginary parts as two columns"
        )
    return bool(types.is_numeric_dtype(series.dtype))


def as_numbers(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Return columns as (n, d) float64, or float32 where that is their type; NaN where missing.

    Raises
    ------
    InputError
        If a column holds texts that are no numbers (it held numbers when the features were fitted).
    """
    if all(is_numeric(frame[name]) for name in names):
        small = all(frame[name].dtype in _SMALL for name in names)  # half the memory where each value is a float32
        return frame[names].to_numpy(dtype=np.float32 if small else np.float64, na_value=np.nan, copy=True)  # (n, d)
    return np.column_stack([_parsed(frame[name]) for name in names])  # (n, d)


def as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return columns as plain texts with None where missing; dates and durations stay what they are.

    One form for one content: categories, mixed columns, and the text types of different pandas versions would each be
    encoded in a way of their own. Whole numbers are written without a fraction, since a column of integers with a gap
    is read as floats.
    """
    import pandas as pd
    from pandas.api import types

    columns = {}
    for name in frame.columns:
        series = frame[name]
        if types.is_datetime64_any_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
            columns[name] = series
            continue
        values = series.to_numpy(dtype=object)  # (n,)
        odd = next((v for v in values if isinstance(v, (bytes, bytearray, list, tuple, dict, set, np.ndarray))), None)
        if odd is not None:
            pictures = f"; if these are pictures, give --image {name}" if isinstance(odd, (bytes, dict)) else ""
            raise InputError(
                f"column {name!r} holds a {type(odd).__name__} in each cell, which is no feature of a table; leave it "
                f"out with --drop {name}{pictures}"
            )
        missing = np.asarray(series.isna())
        texts = [None if gone else _as_text(value) for value, gone in zip(values, missing, strict=True)]
        columns[name] = pd.Series(np.array([*texts, None], dtype=object)[:-1], index=frame.index, dtype=object)
    return pd.DataFrame(columns, index=frame.index)


def refuse_infinite(matrix: np.ndarray, names: list[str]) -> None:
    """Refuse infinite values: no median stands for them, and most learners fail at them."""
    infinite = np.isinf(matrix)
    if infinite.any():
        position = int(np.flatnonzero(infinite.any(axis=0))[0])
        rows = np.flatnonzero(infinite[:, position])
        raise InputError(
            f"column {names[position]!r} is infinite in {len(rows)} rows (the first is row {rows[0]}, counted from 0); "
            "replace "
            "these values, or leave the cells empty"
        )


def _parsed(series: pd.Series) -> np.ndarray:
    import pandas as pd

    if is_numeric(series):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = pd.to_numeric(series.astype(object), errors="coerce").to_numpy(dtype=np.float64)  # (n,)
    wrong = np.isnan(numbers) & ~np.asarray(series.isna())
    if wrong.any():
        examples = series[wrong].astype(str).unique()[:3].tolist()
        raise InputError(
            f"column {series.name!r} held numbers when the features were fitted, and now holds {examples} in "
            f"{int(wrong.sum())} "
            "rows; give numbers, or leave these cells empty"
        )
    return numbers


def _as_text(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
