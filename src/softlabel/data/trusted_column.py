"""Which rows carry labels that are known to be right: a column, or an array, of yes and no."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.exact_columns import is_missing, some
from softlabel.errors import InputError

_CELLS = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True, "no": False, "yes": True}


def trusted_values(cells: Any, *, name: str, ids: np.ndarray | None = None) -> np.ndarray:
    """Return a column of yes and no as a mask.

    Parameters
    ----------
    cells : n cells
        True and false, 1 and 0, or yes and no, in small or capital letters, as values or as text.
    name : str
        The column, for messages.
    ids : (n,) or None
        Names of the rows, for messages; row numbers from 0 without.

    Returns
    -------
    (n,) bool

    Raises
    ------
    InputError
        If a cell is empty or says anything else; says in how many rows, and where.

    Examples
    --------
    >>> trusted_values(["yes", "no", "Yes"], name="checked").tolist()
    [True, False, True]
    """
    column = np.asarray(cells, dtype=object)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim != 1:
        raise InputError(
            f"the array {name!r} of trusted rows has shape {column.shape}; give yes or no for each row, shape (n,)"
        )
    said = [_CELLS.get(str(cell).strip().lower()) for cell in column]  # n
    odd = np.flatnonzero([one is None for one in said])
    if len(odd):
        cell = column[odd[0]]
        empty = is_missing(cell) or str(cell).strip() == ""
        where = f"row numbers, counted from 0: {some(odd)}" if ids is None else f"ids {some(np.asarray(ids)[odd])}"
        raise InputError(
            f"column {name!r} says which rows are trusted, and {'is empty' if empty else f'holds {str(cell)[:40]!r}'}; {len(odd)} of "
            f"{len(said)} cells are neither yes nor no ({where}); write yes and no, true and false, or 1 and 0"
        )
    return np.array(said, dtype=bool)
