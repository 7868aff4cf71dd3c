"""A column of texts as the features of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softlabel.data.exact_columns import is_missing, some
from softlabel.errors import InputError


def texts(cells: Sequence[Any] | np.ndarray, *, name: str, ids: np.ndarray | None = None) -> np.ndarray:
    """Return a column as (n,) texts, to the letter, in an array of objects.

    Raises
    ------
    InputError
        If cells are empty, or hold nothing but white space (says how many, and where), or are no texts.
    """
    empty, odd = [], []
    found = np.empty(len(cells), dtype=object)  # (n,)
    for row, cell in enumerate(cells):
        if is_missing(cell):
            empty.append(row)
        elif not isinstance(cell, str):
            odd.append(row)
        elif not cell.strip():
            empty.append(row)
        else:
            found[row] = str(cell)
    if odd:
        kind = type(cells[odd[0]]).__name__
        raise InputError(
            f"the text column {name!r} holds a {kind} in {_where(odd[:1], ids)}, and {len(odd)} of {len(cells)} cells are no "
            "texts; give a column of texts"
        )
    if empty:
        raise InputError(
            f"the text column {name!r} is empty in {len(empty)} of {len(cells)} rows ({_where(empty, ids)}); fill these "
            "cells in, or remove the rows"
        )
    return found


def _where(rows: list[int], ids: np.ndarray | None) -> str:
    if ids is None:
        return f"row numbers, counted from 0: {some(rows)}"
    return f"ids {some(ids[rows])}"
