"""From the configuration to rows, labels and the estimators for them: read, made wrong on purpose where asked, turned into
features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.images import Images
from softlabel.run.config import RefineConfig
from softlabel.run.data_reading import (
    DataRead,
    Features,
    print_of,
    prints_of_columns,
    read_data,
    settled,
    unfitted_features,
)
from softlabel.run.estimators import Members
from softlabel.run.guard_rows import guarded, labels_of
from softlabel.run.reading import reading_of
from softlabel.run.task_making import first_targets, reference_of
from softlabel.run.trusted_rows import print_of_trust
from softlabel.run.wrong_labels import wrong_labels
from softlabel.seeds import Seeds
from softlabel.tasks import Task


@dataclass(frozen=True)
class Inputs:
    """The data of one run, ready for the learners."""

    X: Any  # n rows of features; a guard file's rows stand behind the source's
    task: Task
    y: np.ndarray  # (n,) labels to refine, or (n, k) of 0 and 1: the given ones, or those made wrong on purpose
    true_label: np.ndarray | None  # as y, where labels were made wrong on purpose
    targets: np.ndarray | None  # (n, m) first targets, where votes gave them
    reference: np.ndarray | None  # (n, k) true distributions, where they are known
    ids: np.ndarray  # (n,)
    groups: np.ndarray | None  # (n,)
    guard: Any  # None, a share, or a mask
    features: Features | None  # how rows become features; None where they are what learners take
    X_test: Any
    y_test: np.ndarray | None
    fingerprint: dict[str, Any]  # of the rows as they were read, before anything was changed
    members: Members  # names and parameters of the estimators
    estimators: list[Any]  # unfitted
    image_shape: tuple[int, int, int] | None  # (h, w, c) where the rows came as pictures
    trusted: np.ndarray | None = None  # (n,) bool: rows whose labels are known to be right; none of them was made wrong
    label_before: np.ndarray | None = None  # as y of the source, before a file of trusted rows replaced some labels


def read_inputs(config: RefineConfig, cache_folder: Path | None = None) -> Inputs:
    """Read all data that a configuration names, and make the estimators for them.

    Parameters
    ----------
    config : RefineConfig
    cache_folder : path or None
        Where decoded pictures may be kept; None: nowhere but in memory.

    Raises
    ------
    InputError
        For each way in which files, columns, labels or estimators cannot be used; see ``data`` and ``estimators``.
    MissingExtraError
        If pictures or an estimator need a package that is not installed.
    """
    read = read_data(config, cache_folder, tta=config.tta)
    train, test, task, prints = read.train, read.test, read.task, read.prints
    targets, reference = read.targets, read.reference
    guard: Any = config.guard
    if isinstance(guard, str):
        train, guard, part = guarded(guard, train, reading_of(config, cache_folder), task)
        train = settled(config, train, task)
        targets, reference = first_targets(train, task), reference_of(train, task)
        prints = {"source": prints["source"], "guard": print_of(part), **prints}  # in the order of the record
        prints |= prints_of_columns(train)
        if train.trusted is not None and part.trusted is not None:  # said by a column, of the guard's rows too
            prints["trusted"] = print_of_trust(train.trusted, None)
    elif guard is None and train.guard is not None:
        guard = train.guard
    y, true_label = labels_of(train), None
    if config.corrupt is not None:
        true_label = y
        y, targets = wrong_labels(config.corrupt, train, y, targets, task, Seeds(config.seed), spared=train.trusted)
    features, X, X_test = _features(read, train, texts=config.text is not None)
    return Inputs(
        X,
        task,
        y,
        true_label,
        targets,
        reference,
        train.ids,
        train.groups,
        guard,
        features,
        X_test,
        None if test is None else test.y,
        prints,
        read.members,
        read.estimators,
        train.X.shape[1:] if isinstance(train.X, Images) else None,
        train.trusted,
        read.label_before,
    )


def _features(read: DataRead, train: Dataset, *, texts: bool) -> tuple[Features | None, Any, Any]:
    X_test = None if read.test is None else read.test.X
    features = unfitted_features(train, read.members, read.estimators, texts=texts)
    if features is None:
        return None, train.X, X_test
    # Fitted on all rows at once: it looks at no label, so nothing of a held-out label can leak through it.
    X = features.fit_transform(train.X)
    return features, X, None if read.test is None else features.transform(X_test)
