"""A digest of a data set: equal content, equal digest, on every machine; any change changes it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from scipy import sparse

from softlabel.data.dataset import Dataset
from softlabel.data.images import Images
from softlabel.errors import InputError

_CHUNK = 16_384  # rows that are converted at once


def fingerprint(dataset: Dataset) -> str:
    """Return the SHA-256 of features, labels, ids, groups, first targets and reference, as 64 hexadecimal digits.

    Order counts, of rows and of columns, and so do the names of columns. How values are kept does not: an int32 column
    equals an int64 column, float32 numbers equal the same numbers in float64, and it is the same file format or
    another. Pictures count by the bytes of their files, wherever these lie, or by their pixels where they came as an
    array, and by the shape that they are read in. Test rows and the name of the source are not part of it.
    """
    digest = hashlib.sha256(b"softlabel data 1")
    _add_features(digest, dataset.X)
    for name in ("y", "ids", "groups"):
        values = getattr(dataset, name)
        _add_text(digest, name)
        if values is None:
            _add_text(digest, "none")
        else:
            _add_column(digest, np.asarray(values))
    for name in ("label_names", "targets", "reference"):  # later than the others: nothing is added where there are none
        values = getattr(dataset, name)
        if values is not None:
            _add_text(digest, name)
            _add_column(digest, np.asarray(values))
    return digest.hexdigest()


def labels_fingerprint(labels: np.ndarray) -> str:
    """Return the SHA-256 of labels (n,) or (n, k) alone, as 64 hexadecimal digits; their type does not count, as above."""
    digest = hashlib.sha256(b"softlabel labels 1")
    _add_text(digest, str(labels.shape))
    _add_column(digest, np.asarray(labels))
    return digest.hexdigest()


def shape_of(dataset: Dataset) -> tuple[int, int | None]:
    """Return (rows, columns), for messages; columns is None where a row is no row of numbers."""
    shape = getattr(dataset.X, "shape", (len(dataset),))
    return int(shape[0]), int(np.prod(shape[1:])) if len(shape) > 1 else None


def _add_features(digest: Any, X: Any) -> None:
    if isinstance(X, Images):
        _add_text(digest, f"images {X.shape}")
        digest.update(X.digests().tobytes())
    elif hasattr(X, "iloc"):
        _add_text(digest, f"frame {len(X)} {len(X.columns)}")
        for position, name in enumerate(X.columns):
            _add_text(digest, str(name))
            _add_column(digest, _values(X.iloc[:, position]))
    elif sparse.issparse(X):
        matrix = X.tocsr(copy=True)
        matrix.sum_duplicates()  # sorts the columns of each row too: one form for one matrix
        matrix.eliminate_zeros()
        _add_text(digest, f"sparse {matrix.shape}")
        for part in (matrix.indptr, matrix.indices, matrix.data):
            _add_column(digest, part)
    elif isinstance(X, np.ndarray):
        _add_text(digest, f"array {X.shape}")
        _add_column(digest, X)
    elif isinstance(X, (list, tuple)):
        _add_text(digest, f"list {len(X)}")
        _add_column(digest, np.array([*X, None], dtype=object)[:-1])  # the None keeps NumPy from making a matrix of it
    else:
        raise InputError(
            f"features are a {type(X).__name__}, of which no fingerprint is known; give a table or an array"
        )


def _values(series: Any) -> np.ndarray:
    """Return a column of a frame as an array, integers and times exactly."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy()
    if pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.is_integer_dtype(series.dtype):
        if not series.isna().any():
            return series.to_numpy(dtype=bool if pd.api.types.is_bool_dtype(series.dtype) else np.int64)
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_float_dtype(series.dtype):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    return series.to_numpy(dtype=object)


def _add_column(digest: Any, values: np.ndarray) -> None:
    kind = values.dtype.kind
    if kind in "biu":
        _add_numbers(digest, values, "integers", "<u8" if values.dtype == np.uint64 else "<i8")
    elif kind == "f":
        _add_numbers(digest, values, "floats", "<f8")
    elif kind in "mM":
        _add_numbers(
            digest, values.astype(f"{kind}8[ns]").view(np.int64), "times" if kind == "M" else "durations", "<i8"
        )
    else:
        _add_objects(digest, values)


def _add_numbers(digest: Any, values: np.ndarray, name: str, dtype: str) -> None:
    _add_text(digest, name)
    for start in range(0, len(values), _CHUNK):
        part = np.ascontiguousarray(values[start : start + _CHUNK], dtype=dtype)
        if dtype == "<f8":
            part = np.where(np.isnan(part), np.nan, part + 0.0)  # one NaN for all, and 0 for -0
        digest.update(part.tobytes())


def _add_objects(digest: Any, values: np.ndarray) -> None:
    """Texts and mixed values: the type where it is not text, the length, the bytes."""
    _add_text(digest, "objects")
    for value in values.ravel():
        if isinstance(value, str):
            _add_text(digest, value)
        elif _is_missing(value):
            digest.update(b"missing ")
        elif isinstance(value, bytes):
            digest.update(b"bytes %d " % len(value) + value)
        else:
            _add_text(digest, type(value).__name__)
            _add_text(digest, repr(value.tolist() if hasattr(value, "tolist") else value))


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(np.isscalar(value) or value is None or value is pd.NA or value is pd.NaT) and bool(pd.isna(value))


def _add_text(digest: Any, text: str) -> None:
    encoded = text.encode("utf-8", "surrogatepass")
    digest.update(b"text %d " % len(encoded) + encoded)
