"""From the configuration to rows and labels: read, made wrong on purpose where asked, turned into features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.features import TableFeatures
from softlabel.data.fingerprint import fingerprint, shape_of
from softlabel.data.rows import concatenate, n_rows
from softlabel.data.source import label_kind, load
from softlabel.errors import InputError
from softlabel.run.config import RefineConfig
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import parse_corruption
from softlabel.tasks import Multiclass


@dataclass(frozen=True)
class Inputs:
    """The data of one run, ready for the learners."""

    X: Any  # n rows of features; a guard file's rows stand behind the source's
    y: np.ndarray  # (n,) labels to refine: the given ones, or those made wrong on purpose
    true_label: np.ndarray | None  # (n,) where labels were made wrong on purpose
    ids: np.ndarray  # (n,)
    groups: np.ndarray | None  # (n,)
    guard: Any  # None, a share, or a mask
    features: TableFeatures | None  # how tables become features; None for arrays
    X_test: Any
    y_test: np.ndarray | None
    fingerprint: dict[str, Any]  # of the rows as they were read, before anything was changed


def read_inputs(config: RefineConfig) -> Inputs:
    """Read all data that a configuration names.

    Raises
    ------
    InputError
        For each way in which files, columns or labels cannot be used; see ``data``.
    """
    columns: dict[str, Any] = {"label": config.label, "id": config.id, "groups": config.groups, "drop": config.drop}
    train = load(config.source, **columns, test=config.test)
    given = _labels_of(train)
    test = train.test
    prints = {"source": _print_of(train)}
    guard: Any = config.guard
    if isinstance(guard, str):
        guarded = load(guard, **columns, label_kind=label_kind(given))
        prints["guard"] = _print_of(guarded)
        _check_known_labels(given, guarded, "guard")
        train, guard = _with_guard_rows(train, guarded)
    elif guard is None and train.guard is not None:
        guard = train.guard
    if test is not None:
        _check_known_labels(_labels_of(train), test, "test")
        prints["test"] = _print_of(test)
    y, true_label = _corrupted(_labels_of(train), config)
    features, X, X_test = _features(train, test)
    return Inputs(
        X, y, true_label, train.ids, train.groups, guard, features, X_test, None if test is None else test.y, prints
    )


def _print_of(data: Dataset) -> dict[str, Any]:
    """Return the fingerprint of a data set, and its size for whoever reads that it has changed."""
    n_data_rows, n_columns = shape_of(data)
    return {"sha256": fingerprint(data), "n_rows": n_data_rows, "n_columns": n_columns}


def _labels_of(data: Dataset) -> np.ndarray:
    if data.y is None:
        raise InputError(f"{data.source} has no labels; name the column that has them")
    return data.y


def _with_guard_rows(train: Dataset, guarded: Dataset) -> tuple[Dataset, np.ndarray]:
    n, n_guard = n_rows(train.X), n_rows(guarded.X)
    ids = np.concatenate([train.ids, guarded.ids])
    if len(np.unique(ids)) < len(ids):  # row numbers of two files overlap
        ids = np.array([*(str(i) for i in train.ids), *(f"guard-{i}" for i in guarded.ids)])
    groups = None if train.groups is None else np.concatenate([train.groups, guarded.groups])
    X, y = concatenate(train.X, guarded.X), np.concatenate([_labels_of(train), _labels_of(guarded)])
    mask = np.r_[np.zeros(n, dtype=bool), np.ones(n_guard, dtype=bool)]
    return Dataset(X=X, y=y, ids=ids, groups=groups, source=train.source, test=train.test), mask


def _check_known_labels(y: np.ndarray, other: Dataset, what: str) -> None:
    unseen = sorted(set(_labels_of(other).tolist()) - set(np.asarray(y).tolist()), key=str)
    if unseen:
        known = ", ".join(str(label) for label in np.unique(y)[:20])
        raise InputError(
            f"the {what} file has labels that the source has not: {', '.join(map(str, unseen[:5]))}; known: {known}"
        )


def _corrupted(y: np.ndarray, config: RefineConfig) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the labels to refine, and the true ones where they were made wrong; guard rows are made wrong like any other."""
    if config.corrupt is None:
        return y, None
    corruption = parse_corruption(config.corrupt)
    task = Multiclass.from_labels(y)
    codes = corruption.apply(task.codes(y), task.n_columns, Seeds(config.seed).generator("corrupt"))
    return np.asarray(task.classes)[codes], y


def _features(train: Dataset, test: Dataset | None) -> tuple[TableFeatures | None, Any, Any]:
    if not hasattr(train.X, "columns"):
        return None, train.X, None if test is None else test.X
    # Fitted on all rows at once: it looks at no label, so nothing of a held-out label can leak through it.
    features = TableFeatures()
    X = features.fit_transform(train.X)
    return features, X, None if test is None else features.transform(test.X)
