"""A file of guard rows: read as the source was, and put behind its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.rows import concatenate, n_rows
from softlabel.data.source import label_kind, load
from softlabel.errors import InputError


def guarded(guard: str, train: Dataset, reading: dict[str, Any]) -> tuple[Dataset, np.ndarray, Dataset]:
    """Return the rows of a data set with those of a guard file behind them, the mask of the latter, and the latter alone.

    Parameters
    ----------
    guard : path or name
    train : Dataset
    reading : dict
        The options with which ``train`` was loaded; the names of its classes hold for the guard too.

    Raises
    ------
    InputError
        If the file cannot be read so, or has labels that the source has not.
    """
    y = labels_of(train)
    reading = reading | {"label_names": train.label_names}
    if y.ndim == 1:
        reading["label_kind"] = label_kind(y)
    part = load(guard, **reading)
    if y.ndim == 1:
        refuse_unknown_labels(train, part, "guard")
    n, n_guard = n_rows(train.X), n_rows(part.X)
    ids = np.concatenate([train.ids, part.ids])
    if len(np.unique(ids)) < len(ids):  # row numbers of two files overlap
        ids = np.array([*(str(i) for i in train.ids), *(f"guard-{i}" for i in part.ids)])
    both = Dataset(
        X=concatenate(train.X, part.X),
        y=np.concatenate([y, labels_of(part)]),
        ids=ids,
        groups=_behind(train.groups, part.groups),
        source=train.source,
        test=train.test,
        label_names=train.label_names,
        targets=_behind(train.targets, part.targets),
        reference=_behind(train.reference, part.reference),
    )
    return both, np.r_[np.zeros(n, dtype=bool), np.ones(n_guard, dtype=bool)], part


def labels_of(data: Dataset) -> np.ndarray:
    """Return the labels of a data set, which has to have some."""
    if data.y is None:
        raise InputError(f"{data.source} has no labels; name the column that has them")
    return data.y


def refuse_unknown_labels(train: Dataset, other: Dataset, what: str) -> None:
    """Refuse labels (n,) that the source has not; grades between others are not among these."""
    y = train.y if train.label_names is None else train.label_names
    known = np.unique(np.asarray(y))
    unseen = sorted(set(labels_of(other).tolist()) - set(known.tolist()), key=str)
    if unseen and known.dtype.kind != "f":
        shown = ", ".join(str(label) for label in known[:20])
        raise InputError(
            f"the {what} file has labels that the source has not: {', '.join(map(str, unseen[:5]))}; known: {shown}"
        )


def _behind(ours: np.ndarray | None, theirs: np.ndarray | None) -> np.ndarray | None:
    return None if ours is None or theirs is None else np.concatenate([ours, theirs])
