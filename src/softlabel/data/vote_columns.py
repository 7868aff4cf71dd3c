"""How many annotators gave a row each class: columns of counts or shares, a class each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.exact_columns import some
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_SUM_TOLERANCE = 0.05  # of shares that were rounded to two decimals
_WORD_FOR_VOTES = re.compile("(votes?|counts?|num|n)[_:]", re.IGNORECASE)


@dataclass(frozen=True)
class Votes:
    """What annotators said of n rows.

    Attributes
    ----------
    names : tuple of str
        k classes.
    counts : (n, k) float64
        Votes, or shares; a row of zeros (votes) or of NaN (reference) is one that nobody spoke of.
    whole : bool
        Whether these are numbers of votes, not shares.
    answers : (v, 3) int64 or None
        Row, annotator and class of each vote, where annotators are known.
    """

    names: tuple[str, ...]
    counts: np.ndarray
    whole: bool
    answers: np.ndarray | None = None


def vote_columns(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    role: str = "votes",
    exclusive: bool = True,
    ids: np.ndarray | None = None,
) -> Votes:
    """Read columns of votes, or of a reference.

    Parameters
    ----------
    frame : DataFrame
    columns : k names
    role : "votes" or "reference"
        In a reference all cells of a row may be empty: nothing is known of it then.
    exclusive : bool
        Whether a row has one class, so that shares sum to 1.
    ids : (n,) or None
        For messages.

    Raises
    ------
    InputError
        If cells are empty, are no numbers, are negative, or are neither whole numbers nor shares of 1.
    """
    numbers = [_numbers(frame[name], name, role) for name in columns]
    counts = np.stack(numbers, axis=1)  # (n, k)
    missing = np.isnan(counts)  # (n, k)
    unknown = np.asarray(missing.all(axis=1)) & (role == "reference")  # (n,) bool
    _refuse(
        missing.any(axis=1) & ~unknown, f"the {role} columns {some(columns)} are empty", ids, "give 0 where none voted"
    )
    known = np.where(unknown[:, None], 0.0, counts)
    infinite = np.asarray(~np.isfinite(known).all(axis=1))  # (n,) bool
    _refuse(infinite, f"the {role} columns {some(columns)} hold infinite numbers", ids, "give finite numbers")
    negative = np.asarray((known < 0).any(axis=1))  # (n,) bool
    _refuse(
        negative, f"the {role} columns {some(columns)} hold negative numbers", ids, "give counts from 0 up, or shares"
    )
    whole = bool((known == np.floor(known)).all())
    if not whole and exclusive:
        sums = known.sum(axis=1)  # (n,)
        odd = (np.abs(sums - 1.0) > _SUM_TOLERANCE) & (sums > 0)
        _refuse(
            odd,
            f"the {role} columns {some(columns)} are neither whole numbers nor shares that sum to 1",
            ids,
            "give counts, or divide each row by its sum",
        )
    return Votes(tuple(columns), counts, whole)


def without_prefix(columns: Sequence[str], labels: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of classes that columns stand for.

    They are the names of the columns; without what all of them begin with, up to its last ``_`` or ``:``, where that makes
    more of them labels, or, without labels, numbers. A beginning that only says that these are votes (``votes_``, ``vote_``,
    ``counts_``, ``count_``, ``num_``, ``n_``, in capitals or not, or with ``:``) is no part of a name where there are no labels,
    or where that makes more of them labels.

    Examples
    --------
    >>> without_prefix(["votes_0", "votes_1"], [0, 1])
    ('0', '1')
    >>> without_prefix(["big_cat", "big_dog"], [])
    ('big_cat', 'big_dog')
    >>> without_prefix(["votes_big_cat", "votes_big_dog"], [])
    ('big_cat', 'big_dog')
    """
    names, short, bare = tuple(columns), shortened(columns), _without_word(columns)
    wanted = {plain(label) for label in labels}
    if not wanted:
        return short if all(isinstance(plain(name), float) for name in short) else bare
    return max((names, short, bare), key=lambda some: _n_known(some, wanted))  # of equals the first


def shortened(columns: Sequence[str]) -> tuple[str, ...]:
    """Return names without what all of them begin with, up to its last ``_`` or ``:``, where something is left of each."""
    names = tuple(columns)
    first, last = min(names), max(names)  # what these share, all between them share
    start = first[: next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]
    cut = max(start.rfind("_"), start.rfind(":")) + 1
    short = tuple(name[cut:] for name in names)
    return short if all(short) else names


def _without_word(columns: Sequence[str]) -> tuple[str, ...]:
    """Return names without the word for votes that all of them begin with, if there is one."""
    names = tuple(columns)
    word = _WORD_FOR_VOTES.match(names[0])
    start = word.group() if word else ""
    return (
        tuple(name[len(start) :] for name in names)
        if all(len(n) > len(start) and n.startswith(start) for n in names)
        else names
    )


def plain(name: Any) -> Any:
    """Return what is one for the names of one class: 1.0 for "1", "1.0" and 1, other texts as they are."""
    text = str(name)
    return float(text) if text.lstrip("+-").replace(".", "", 1).isdecimal() else text


def _n_known(names: Iterable[str], wanted: set[Any]) -> int:
    return sum(plain(name) in wanted for name in names)


def _numbers(column: pd.Series, name: str, role: str) -> np.ndarray:
    import pandas as pd

    try:
        return np.asarray(pd.to_numeric(column), dtype=np.float64)  # (n,)
    except (TypeError, ValueError) as error:
        odd = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        shown = f"{str(odd.iloc[0])[:40]!r}" if len(odd) else column.dtype
        raise InputError(
            f"the {role} column {name!r} holds {shown} ({len(odd)} of {len(column)} cells are no numbers); give counts "
            "of votes, or shares"
        ) from error


def _refuse(rows: np.ndarray, what: str, ids: np.ndarray | None, advice: str) -> None:
    """Refuse what holds in these rows (n,) bool, if any."""
    where = np.flatnonzero(rows)
    if len(where):
        named = f"row numbers, counted from 0: {some(where)}" if ids is None else f"ids {some(ids[where])}"
        raise InputError(f"{what} in {len(where)} of {len(rows)} rows ({named}); {advice}")
