"""From the configuration to rows, labels and the estimators for them: read, made wrong on purpose where asked, turned into
features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.features import TableFeatures
from softlabel.data.fingerprint import fingerprint, shape_of
from softlabel.data.images import Images
from softlabel.data.pixels import PixelFeatures
from softlabel.data.source import load
from softlabel.data.source_kinds import source_kind
from softlabel.data.text_features import TextFeatures
from softlabel.errors import InputError
from softlabel.methods.preparation import members as learners_of
from softlabel.methods.views import check_tta
from softlabel.run.config import RefineConfig
from softlabel.run.estimators import Members, made_estimators, members_of, take_pictures, take_texts
from softlabel.run.guard_rows import guarded, labels_of, refuse_unknown_labels
from softlabel.run.reading import label_kind_of, reading_of
from softlabel.run.task_making import corrupted, first_targets, make_task, reference_of, voted_labels
from softlabel.run.task_options import target_kind
from softlabel.tasks import Task

Features = TableFeatures | PixelFeatures | TextFeatures


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
    reading = reading_of(config, cache_folder)
    pictures = _are_pictures(config)
    if pictures is not None:  # estimators first: to decode pictures may take minutes
        members, estimators = _team(config, pictures)
    train = load(config.source, **reading, label_kind=label_kind_of(config), test=config.test)
    if pictures is None:
        members, estimators = _team(config, isinstance(train.X, Images))
    test = train.test
    prints = {"source": _print_of(train)}
    guard: Any = config.guard
    labels_of(train)
    task = make_task(config, train)
    if isinstance(guard, str):
        train, guard, part = guarded(guard, train, reading, task)
        prints["guard"] = _print_of(part)
    elif guard is None and train.guard is not None:
        guard = train.guard
    if test is not None:
        refuse_unknown_labels(task, test, "test")
        prints["test"] = _print_of(test)
    if _labelled_by_votes(config):
        train = replace(train, y=voted_labels(train, task))
        test = None if test is None else replace(test, y=voted_labels(test, task))
    given = labels_of(train)
    y, true_label = corrupted(config, given, task)
    targets = first_targets(train, task)
    if targets is not None and true_label is not None:  # whoever makes a label wrong makes its votes wrong
        wrong = task.differs(task.codes(y), task.codes(true_label))
        targets[wrong] = task.encode(y)[wrong]
    features, X, X_test = _features(train, test, members, estimators, config.text is not None)
    return Inputs(
        X,
        task,
        y,
        true_label,
        targets,
        reference_of(train, task),
        train.ids,
        train.groups,
        guard,
        features,
        X_test,
        None if test is None else test.y,
        prints,
        members,
        estimators,
        train.X.shape[1:] if isinstance(train.X, Images) else None,
    )


def _labelled_by_votes(config: RefineConfig) -> bool:
    """Return whether rows have no labels but those of the votes; what is no table has its own."""
    return config.label is None and config.votes is not None and source_kind(config.source) == "table"


def _are_pictures(config: RefineConfig) -> bool | None:
    """Return whether the rows will be pictures; None where that is not known before an .npz file is read."""
    kind = source_kind(config.source)
    return None if kind == "array" else kind == "folder" or config.image is not None or config.format is not None


def _team(config: RefineConfig, pictures: bool) -> tuple[Members, list[Any]]:
    members = members_of(config, pictures=pictures)
    estimators = made_estimators(config, members)
    check_tta(config.tta, learners_of(estimators, target_kind(config)))
    if pictures:
        take_pictures(members, estimators)  # refuses those of which only some do
    elif config.tta is not None:
        raise InputError(
            f"--tta {config.tta} makes views of pictures, and the rows of {config.source} are none; leave it out"
        )
    if config.text is not None:
        take_texts(members, estimators)
    return members, estimators


def _print_of(data: Dataset) -> dict[str, Any]:
    """Return the fingerprint of a data set, and its size for whoever reads that it has changed."""
    n_data_rows, n_columns = shape_of(data)
    return {"sha256": fingerprint(data), "n_rows": n_data_rows, "n_columns": n_columns}


def _features(
    train: Dataset, test: Dataset | None, members: Members, estimators: list[Any], texts: bool
) -> tuple[Features | None, Any, Any]:
    features: Features
    if texts:
        if take_texts(members, estimators):
            return None, train.X, None if test is None else test.X
        features = TextFeatures()
    elif hasattr(train.X, "columns"):
        features = TableFeatures()
    elif isinstance(train.X, Images) and not take_pictures(members, estimators):
        features = PixelFeatures()
    else:
        return None, train.X, None if test is None else test.X
    # Fitted on all rows at once: it looks at no label, so nothing of a held-out label can leak through it.
    X = features.fit_transform(train.X)
    return features, X, None if test is None else features.transform(test.X)
