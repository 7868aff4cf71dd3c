"""The columns of a table by name, for whoever has to see which of them became features."""

from __future__ import annotations

import shlex
from typing import Any

from softlabel.data.feature_columns import as_frame, as_texts, is_numeric

_FEWEST = 10  # rows: of fewer, different texts say nothing
_NEARLY_ALL = 0.95  # of the rows


def feature_names(X: Any) -> tuple[str, ...]:
    """Return the names of the features of a table, those of texts and of times marked; none where ``X`` is no table.

    Examples
    --------
    >>> import pandas as pd
    >>> feature_names(pd.DataFrame({"site": ["Ulm", "Bonn"], "age": [31.0, 45.0]}))
    ('site (text)', 'age')
    """
    if not hasattr(X, "columns"):
        return ()
    frame = as_frame(X)
    return tuple(f"{name}{_kind(frame.iloc[:, at])}" for at, name in enumerate(frame.columns))


def names_of_rows(X: Any) -> list[str]:
    """Return a sentence for each column of texts that looks like names of rows: (nearly) every row has one of its own.

    Dates are none of these, whatever they look like.
    """
    if not hasattr(X, "columns"):
        return []
    frame = as_frame(X)
    sentences = []
    for at, name in enumerate(frame.columns):
        column = frame.iloc[:, at]
        if _kind(column) != " (text)" or len(frame) < _FEWEST:
            continue
        texts = as_texts(column.to_frame(name))[name].dropna()
        different = texts.nunique()
        if different < _NEARLY_ALL * len(frame) or _are_dates(texts):
            continue
        rows = f"each of {len(frame)} rows" if different == len(frame) else f"{different} of {len(frame)} rows"
        sentences.append(
            f"column {str(name)!r} has a different text in {rows}; name it with --id, or leave it out with "
            f"--drop {shlex.quote(str(name))}"
        )
    return sentences


def _kind(column: Any) -> str:
    from pandas.api import types

    if types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
        return " (time)"
    return "" if is_numeric(column) else " (text)"


def _are_dates(texts: Any) -> bool:
    import pandas as pd

    return bool(pd.to_datetime(texts.head(100), format="ISO8601", errors="coerce", utc=True).notna().all())
