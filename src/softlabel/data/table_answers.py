"""What a table says of its rows beside their features: names, groups, labels, votes and a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from softlabel.data.columns import Columns
from softlabel.data.exact_columns import duplicates, exact_values, some
from softlabel.data.first_targets import Answers, answers, several_reference
from softlabel.data.joined_labels import joined_indicators
from softlabel.data.label_columns import exclusive_labels, indicators
from softlabel.data.noisy_columns import table_noisy_labels
from softlabel.data.table import require_column
from softlabel.data.trusted_column import trusted_values
from softlabel.data.vote_columns import Votes, vote_columns
from softlabel.data.vote_file import vote_file
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RowValues:
    """All but the features of n rows; the fields are those of ``Dataset``."""

    ids: np.ndarray
    y: np.ndarray | None = None
    groups: np.ndarray | None = None
    label_names: np.ndarray | None = None
    targets: np.ndarray | None = None
    reference: np.ndarray | None = None
    noisy_labels: Mapping[str, np.ndarray] | None = None
    trusted: np.ndarray | None = None


def table_answers(frame: pd.DataFrame, path: str | Path, columns: Columns) -> RowValues:
    """Return ids, groups, labels, first targets and reference of a table; ids are row numbers where none are named.

    Raises
    ------
    InputError
        If a column does not exist, a value is missing or cannot be one of its role, or an id occurs twice.
    """
    for name in columns.not_features:
        require_column(frame, name, path)
    ids = np.arange(len(frame)) if columns.id is None else exact_values(frame[columns.id], name=columns.id, role="id")
    if columns.id is not None and (twice := duplicates(ids)):
        raise InputError(
            f"ids in column {columns.id!r} of {path} are not unique: {some(twice)} occur more than once; give each row its "
            "own"
        )
    shown = None if columns.id is None else ids  # (n,)
    group = None
    if columns.groups is not None:
        group = exact_values(frame[columns.groups], name=columns.groups, role="group", ids=shown)  # (n,)
    if columns.several:
        found = _several(frame, columns, shown, ids)
    else:
        y = _labels(frame, columns, shown)  # (n,)
        found = answers(y, _votes(frame, columns, shown, ids), _reference(frame, columns, shown), columns, ids)
    noisy = table_noisy_labels(frame, columns, found.y, found.label_names, shown)
    trusted = None
    if columns.trusted is not None:
        trusted = trusted_values(frame[columns.trusted].to_numpy(dtype=object), name=columns.trusted, ids=shown)  # (n,)
    return RowValues(ids, found.y, group, found.label_names, found.targets, found.reference, noisy, trusted)


def with_vote_file(values: RowValues, columns: Columns) -> RowValues:
    """Add first targets from a file of votes to rows that came from no table.

    Rows without names of their own (ids are 0 .. n-1) that belong to a training set have no votes: the file counts the rows
    of that set.
    """
    if columns.vote_file is None:
        return values
    numbered = values.ids.dtype.kind in "iu" and np.array_equal(values.ids, np.arange(len(values.ids)))
    if not columns.whole and numbered:
        _refuse_unlabelled(values.y is not None, columns)
        return values
    votes = vote_file(columns.vote_file, values.ids, whole=columns.whole)
    found = answers(values.y, votes, None, columns, values.ids)
    return replace(values, y=found.y, label_names=found.label_names, targets=found.targets, reference=found.reference)


def _labels(frame: pd.DataFrame, columns: Columns, shown: np.ndarray | None) -> np.ndarray | None:
    if columns.label is None:
        return None
    if isinstance(columns.label, str):
        cells = frame[columns.label]
        return exact_values(cells, name=columns.label, role="label", kind=columns.label_kind, ids=shown)  # (n,)
    indicated = indicators(frame, columns.label, shown)  # (n, k)
    return exclusive_labels(indicated, columns.label, kind=columns.label_kind, ids=shown)  # (n,)


def _several(frame: pd.DataFrame, columns: Columns, shown: np.ndarray | None, ids: np.ndarray) -> Answers:
    if columns.label is None:
        return Answers()
    if isinstance(columns.label, str):
        cells = frame[columns.label].to_numpy(dtype=object)  # (n,)
        y, names = joined_indicators(
            cells, name=columns.label, separator=columns.separator, label_names=columns.label_names, ids=shown
        )  # (n, k), (k,)
    else:
        names = _ordered(columns.label, columns)  # (k,)
        y = indicators(frame, names.tolist(), shown)  # (n, k)
    reference = _reference(frame, columns, shown)
    truth = None if reference is None else several_reference(reference, names, ids)  # (n, k)
    return Answers(y, names, None, truth)


def _ordered(label: tuple[str, ...], columns: Columns) -> np.ndarray:
    """Return label columns in the order of the training data."""
    if columns.label_names is None:
        return np.array(label)
    known = [str(one) for one in np.asarray(columns.label_names).tolist()]
    if set(known) != set(label):
        raise InputError(f"the label columns are {some(label)} and the training data has {some(known)}; give the same")
    return np.array(known)


def _votes(frame: pd.DataFrame, columns: Columns, shown: np.ndarray | None, ids: np.ndarray) -> Votes | None:
    if not columns.votes:
        return None
    if columns.vote_file is None:
        return vote_columns(frame, columns.vote_columns, ids=shown)
    if not columns.whole and columns.id is None:
        _refuse_unlabelled(columns.label is not None, columns)
        return None  # the file counts the rows of the training data, which these are not
    return vote_file(columns.vote_file, ids, whole=columns.whole)


def _refuse_unlabelled(labelled: bool, columns: Columns) -> None:
    """Refuse rows that have no votes, since these are on others, and no labels either."""
    if not labelled:
        raise InputError(
            f"{columns.vote_file} has votes by row number on the training rows, so these rows have none; name the column "
            "of ids with --id, or a column of labels"
        )


def _reference(frame: pd.DataFrame, columns: Columns, shown: np.ndarray | None) -> Votes | None:
    names = columns.reference_columns
    return None if not names else vote_columns(frame, names, role="reference", exclusive=not columns.several, ids=shown)
