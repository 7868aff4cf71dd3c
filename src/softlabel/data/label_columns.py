"""Labels in several columns, a class each: exclusive, or a row with several of them.

Cells are 0 and 1, as numbers, as true and false, or written as such ("1", "1.0", "True").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.exact_columns import Kind, exact_values, is_missing, some
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_CELLS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def indicators(frame: pd.DataFrame, columns: Sequence[str], ids: np.ndarray | None = None) -> np.ndarray:
    """Return columns of 0 and 1 as (n, k) int64.

    Raises
    ------
    InputError
        If a cell is empty or is anything else; says in which column, and in how many rows.
    """
    codes = [_column(frame[name].to_numpy(dtype=object), name, ids) for name in columns]
    return np.stack(codes, axis=1)  # (n, k)


def exclusive_labels(
    indicated: np.ndarray, columns: Sequence[str], *, kind: Kind | None = None, ids: np.ndarray | None = None
) -> np.ndarray:
    """Return the name of the one column that holds 1 in each row.

    Parameters
    ----------
    indicated : (n, k) of 0 and 1
    columns : k names
        Where all are integers as one writes them, labels become integers.
    kind : "integer", "text", "number" or None
        As for ``exact_values``.
    ids : (n,) or None
        For messages.

    Returns
    -------
    (n,) int64, float64 or str

    Raises
    ------
    InputError
        If a row has no label or several.
    """
    each = indicated.sum(axis=1)  # (n,)
    odd = np.flatnonzero(each != 1)
    if len(odd):
        raise InputError(
            f"the label columns {some(columns)} are exclusive, but {len(odd)} of {len(each)} rows have none or several "
            f"(the first is {_row(odd[0], ids)}, with {each[odd[0]]}); correct them, or give --task multilabel where a row "
            "may have several"
        )
    names = exact_values(
        np.array(columns, dtype=object), name="names of label columns", role="label", kind=kind
    )  # (k,)
    return names[np.argmax(indicated, axis=1)]  # (n,)


def indicator_array(values: Any, *, name: str, names: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the indicators (n, k) that an array file holds, and the names of their columns.

    Parameters
    ----------
    values : (n, k) array of 0 and 1
    name : str
        What the array is called, for messages.
    names : (k,) or None
        Names of the labels; "0" .. "k-1" by default.

    Raises
    ------
    InputError
        If the shape is another one, a value is neither 0 nor 1, or names do not fit or occur twice.
    """
    values = np.asarray(values)
    if values.ndim != 2 or values.shape[1] < 2:
        raise InputError(
            f"the label array {name!r} has shape {values.shape}; for several labels a row give 0 and 1 of shape (n, k)"
        )
    wrong = ~np.isin(values, (0, 1)) if values.dtype.kind in "biuf" else np.ones(values.shape, dtype=bool)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"the label array {name!r} holds {values[row, column]!r} in row {row}, and other values than 0 and 1 in "
            f"{int(wrong.any(axis=1).sum())} of {len(values)} rows; give 1 for each label that a row has, else 0"
        )
    k = values.shape[1]
    found = np.array([str(one) for one in (range(k) if names is None else np.asarray(names).tolist())])  # (k,)
    if found.shape != (k,) or len(set(found.tolist())) < k:
        raise InputError(f"label_names are {some(found)} for the {k} columns of {name!r}; give {k} different names")
    return values.astype(np.int64), found


def _column(cells: np.ndarray, name: str, ids: np.ndarray | None) -> np.ndarray:
    codes = np.array([_CELLS.get(str(cell).strip().lower(), -1) for cell in cells], dtype=np.int64)  # (n,)
    odd = np.flatnonzero(codes < 0)
    if not len(odd):
        return codes
    cell = cells[odd[0]]
    empty = is_missing(cell) or str(cell).strip() == ""
    raise InputError(
        f"the label column {name!r} {'is empty' if empty else f'holds {str(cell)[:40]!r}'} in {_row(odd[0], ids)}, and "
        f"{len(odd)} of {len(cells)} cells are neither 0 nor 1; several label columns hold 1 where a row has that label, "
        "else 0 (counts of votes or shares go with --votes)"
    )


def _row(row: int, ids: np.ndarray | None) -> str:
    return f"row {row}" if ids is None else f"the row of id {ids[row]}"
