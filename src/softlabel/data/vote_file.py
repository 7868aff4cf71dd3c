"""Votes in long form: a table with a line for each vote, and the columns id, annotator and label."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from softlabel.data.exact_columns import exact_values, some
from softlabel.data.table import read_table, require_column
from softlabel.data.vote_columns import Votes
from softlabel.errors import InputError

_COLUMNS = ("id", "annotator", "label")


def vote_file(path: str | Path, ids: np.ndarray, *, whole: bool = True) -> Votes:
    """Read the votes on rows.

    Parameters
    ----------
    path : path
        A .csv or .parquet file with the columns id, annotator and label; other columns are left alone. Ids are those of
        the rows, or their numbers from 0 where rows have no names of their own.
    ids : (n,) int64 or str
    whole : bool
        Whether an id that no row has is a mistake; else votes on it are left out.

    Raises
    ------
    InputError
        If the file has not these columns, cells are empty, an id is unknown, or an annotator voted on a row twice.
    """
    frame = read_table(path, exact=_COLUMNS)
    for name in _COLUMNS:
        require_column(frame, name, path)
    # All as text: a number and the same number written as text are one id, whichever way the two files keep it.
    voted, annotator, label = (
        exact_values(frame[name], name=name, role=f"{name} of votes", kind="text") for name in _COLUMNS
    )  # (v,) each
    names, codes = np.unique(label, return_inverse=True)  # (k,), (v,)
    order = np.argsort(ids.astype(str), kind="stable")  # (n,)
    known = ids.astype(str)[order]  # (n,) ascending
    at = np.minimum(np.searchsorted(known, voted), len(known) - 1)  # (v,)
    found = known[at] == voted  # (v,) bool
    if whole and not found.all():
        unknown = list(dict.fromkeys(voted[~found].tolist()))
        raise InputError(
            f"{path} has votes on {len(unknown)} ids that no row has: {some(unknown)}; rows are {some(ids)}; give the "
            "column of ids with --id, or correct the file"
        )
    people = np.unique(annotator, return_inverse=True)[1]  # (v,)
    answers = np.stack([order[at], people, codes], axis=1)[found].astype(np.int64)  # (v, 3)
    _refuse_second_votes(answers, ids, path)
    counts = np.zeros((len(ids), len(names)))  # (n, k)
    np.add.at(counts, (answers[:, 0], answers[:, 2]), 1.0)
    return Votes(tuple(names.tolist()), counts, True, answers)


def _refuse_second_votes(answers: np.ndarray, ids: np.ndarray, path: str | Path) -> None:
    pairs, times = np.unique(answers[:, :2], axis=0, return_counts=True)  # (p, 2), (p,)
    twice = np.unique(pairs[times > 1, 0])
    if len(twice):
        raise InputError(
            f"{path} has more than one vote of one annotator on {len(twice)} rows (ids {some(ids[twice])}); keep one each"
        )
