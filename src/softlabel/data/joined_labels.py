"""Several labels in one column, as names joined by a separator: ``"cat|dog"``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from softlabel.data.exact_columns import is_missing, some
from softlabel.errors import InputError

SEPARATORS = ("|", ";", ",")


def joined_indicators(
    cells: Sequence[Any] | np.ndarray,
    *,
    name: str,
    separator: str | None = None,
    label_names: Any = None,
    ids: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which names stand in each cell.

    Parameters
    ----------
    cells : n texts, or lists of texts
        An empty or missing cell has no label. Spaces around names do not count.
    name : str
        The column, for messages.
    separator : str or None
        None: the first of ``|``, ``;`` and ``,`` that occurs in a cell and in no known name.
    label_names : (k,) or None
        The names that there are; None: all that occur, sorted.
    ids : (n,) or None
        For messages.

    Returns
    -------
    codes : (n, k) int64
        1 where the cell holds the name.
    names : (k,) str

    Raises
    ------
    InputError
        If a name is unknown, or no cell has any.

    Warns
    -----
    UserWarning
        Where there are no known names, and the given separator is in no cell but a usual one is, or each cell has one name.

    Examples
    --------
    >>> codes, names = joined_indicators(["cat | dog", "", "dog"], name="tags")
    >>> names.tolist(), codes.tolist()
    (['cat', 'dog'], [[1, 1], [0, 0], [0, 1]])
    """
    known = None if label_names is None else [str(one) for one in np.asarray(label_names).tolist()]
    plain = [_plain(cell) for cell in cells]
    texts = [cell for cell in plain if isinstance(cell, str)]
    given = separator
    if separator is None:
        separator = _found_separator(texts, known or ())
    parts = [_names(cell, separator) for cell in plain]  # n lists
    occurring = sorted({one for row in parts for one in row})
    if not occurring and known is None:
        raise InputError(f"no row has a label in column {name!r}; give names joined by {separator!r} in some of them")
    names = occurring if known is None else known
    if known is None:  # further rows were not parted by whoever reads this
        _tell_one_each(parts, texts, name, given)
    position = {one: at for at, one in enumerate(names)}
    unknown = [one for one in occurring if one not in position]
    if unknown:
        row = next(at for at, row in enumerate(parts) if unknown[0] in row)
        where = f"row {row}" if ids is None else f"the row of id {ids[row]}"
        raise InputError(
            f"column {name!r} has labels that the training data does not have: {some(unknown)} (the first in {where}); it "
            f"has {some(names)}"
        )
    codes = np.zeros((len(parts), len(names)), dtype=np.int64)  # (n, k)
    for at, held in enumerate(parts):
        codes[at, [position[one] for one in held]] = 1
    return codes, np.array(names)


def _found_separator(cells: Sequence[str], known: Sequence[str]) -> str:
    usable = [one for one in SEPARATORS if not any(one in label for label in known)]
    return next((one for one in usable if any(one in cell for cell in cells)), SEPARATORS[0])


def _tell_one_each(parts: Sequence[list[str]], texts: Sequence[str], name: str, given: str | None) -> None:
    """Warn of a separator that parts nothing where another would, and of labels that seem to exclude each other."""
    other = _found_separator(texts, ())
    n_other = sum(other in cell for cell in texts)
    if given is not None and n_other and not any(given in cell for cell in texts):
        told = (
            f"the separator {given!r} is in no cell of column {name!r}, and {other!r} is in {n_other} of {len(parts)}, each taken for "
            f"one name; give --separator {other!r} if it parts them"
        )
    elif all(len(held) == 1 for held in parts) and len({held[0] for held in parts} - {"0", "1"}) > 1:
        told = (
            f"each of the {len(parts)} rows has exactly one label in column {name!r}; give --task multiclass if a row can have no "
            "more, or the --separator that parts the names"
        )
    else:
        return
    warnings.warn(told, UserWarning, stacklevel=3)


def _plain(cell: Any) -> str | list[str]:
    """Return the text of a cell, or its texts where it is a list already, as a .parquet may hold them."""
    if isinstance(cell, (list, tuple, np.ndarray)):
        return [str(one) for one in cell]
    return "" if is_missing(cell) else str(cell)


def _names(cell: str | list[str], separator: str) -> list[str]:
    parts = cell.split(separator) if isinstance(cell, str) else cell
    return [part.strip() for part in parts if part.strip()]
