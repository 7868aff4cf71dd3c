"""A file of guard rows: read as the source was, and put behind its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.arrays import array_names
from softlabel.data.columns import Columns
from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import some
from softlabel.data.rows import concatenate, n_rows
from softlabel.data.source import label_kind, load, source_kind
from softlabel.data.table import column_names
from softlabel.errors import InputError
from softlabel.run.task_making import refuse_between, unknown_labels
from softlabel.tasks import Task


def guarded(guard: str, train: Dataset, reading: dict[str, Any], task: Task) -> tuple[Dataset, np.ndarray, Dataset]:
    """Return the rows of a data set with those of a guard file behind them, the mask of the latter, and the latter alone.

    Where only one of the two has first targets, or a reference, the rows of the other have NaN there.

    Parameters
    ----------
    guard : path or name
    train : Dataset
    reading : dict
        The options with which ``train`` was loaded; the names of its classes hold for the guard too.
    task : Task
        Of ``train``.

    Raises
    ------
    InputError
        If the file cannot be read so, has labels that the task does not know, or no groups where the source has some; or if
        votes by id could be on rows of either.
    """
    y = labels_of(train)
    reading = reading | {"label_names": train.label_names, "part": True}
    if y.ndim == 1:
        kind = label_kind(y)
        # Grades as numbers, so that those between others are known as such, be they refused.
        reading["label_kind"] = "number" if kind == "integer" and task.name == "ordinal" else kind
    reading["trusted"] = _trusted_there(guard, reading.get("trusted"))
    part = load(guard, **reading)
    refuse_unknown_labels(task, part, "guard")
    if train.groups is not None and part.groups is None:
        raise InputError(
            f"the source has groups and the guard file {guard} has none; give groups in both, for a group that has rows in "
            "both would be cut"
        )
    n, n_guard = n_rows(train.X), n_rows(part.X)
    ids = np.concatenate([train.ids, part.ids])
    if len(np.unique(ids)) < len(ids):  # row numbers of two files overlap
        _refuse_shared_votes(guard, train, part, reading)
        ids = np.array([*(str(i) for i in train.ids), *(f"guard-{i}" for i in part.ids)])
    both = Dataset(
        X=concatenate(train.X, part.X),
        y=np.concatenate([y, labels_of(part)]),
        ids=ids,
        # Groups of the guard alone say nothing: its rows stand in no fold.
        groups=None if train.groups is None or part.groups is None else np.concatenate([train.groups, part.groups]),
        source=train.source,
        test=train.test,
        label_names=train.label_names if train.label_names is not None else part.label_names,
        targets=_behind(train.targets, part.targets, n, n_guard),
        reference=_behind(train.reference, part.reference, n, n_guard),
        noisy_labels={
            name: np.concatenate([labels, (part.noisy_labels or {})[name]])
            for name, labels in (train.noisy_labels or {}).items()
        }
        or None,
        trusted=_trusted_of_both(train.trusted, part.trusted, n, n_guard),
    )
    return both, np.r_[np.zeros(n, dtype=bool), np.ones(n_guard, dtype=bool)], part


def labels_of(data: Dataset) -> np.ndarray:
    """Return the labels of a data set, which has to have some."""
    if data.y is None:
        raise InputError(f"{data.source} has no labels; name the column that has them")
    return data.y


def refuse_unknown_labels(task: Task, other: Dataset, what: str) -> None:
    """Refuse labels that the task of the source does not know; grades between others are not among these."""
    labels = labels_of(other)
    if labels.ndim == 2:  # whose columns are known by their names
        return
    refuse_between(task, labels, f"the {what} file")
    unseen = unknown_labels(task, labels)
    if unseen:
        shown = ", ".join(str(label) for label in task.classes[:20])
        raise InputError(
            f"the {what} file has labels that the source has not: {', '.join(map(str, unseen[:5]))}; known: {shown}"
        )


def _refuse_shared_votes(guard: str, train: Dataset, part: Dataset, reading: dict[str, Any]) -> None:
    """Refuse ids that both have, where a file has votes by id: nobody knows on whose row they are."""
    votes = Columns(votes=reading["votes"]).vote_file
    if votes is not None and part.targets is not None:
        both = np.intersect1d(train.ids.astype(str), part.ids.astype(str))
        raise InputError(
            f"the guard file {guard} names rows as the source does ({some(both)}), and {votes} has votes by these names; give "
            "the rows of the guard other ids"
        )


def _trusted_there(guard: str, name: str | None) -> str | None:
    """Return the column of trust, where the guard file has it too: its rows may be trusted as well, and need not say so."""
    if name is None or source_kind(guard) not in ("table", "array"):
        return None
    names = column_names(guard) if source_kind(guard) == "table" else array_names(guard)
    return name if name in names else None


def _trusted_of_both(ours: np.ndarray | None, theirs: np.ndarray | None, n: int, n_theirs: int) -> np.ndarray | None:
    if ours is None and theirs is None:
        return None
    known = [np.zeros(size, dtype=bool) if one is None else one for one, size in ((ours, n), (theirs, n_theirs))]
    return np.concatenate(known)


def _behind(ours: np.ndarray | None, theirs: np.ndarray | None, n: int, n_theirs: int) -> np.ndarray | None:
    """Return rows (n + n_theirs, k); NaN for those of whom has none."""
    if ours is None or theirs is None:
        one = ours if theirs is None else theirs
        if one is None:
            return None
        lacking = np.full((n if ours is None else n_theirs, one.shape[1]), np.nan, dtype=one.dtype)
        ours, theirs = (lacking, one) if ours is None else (ours, lacking)
    return np.concatenate([ours, theirs])
