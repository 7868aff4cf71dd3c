"""From a configuration to rows with settled labels, their task, and the estimators for them; nothing is changed yet."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.features import TableFeatures
from softlabel.data.fingerprint import fingerprint, labels_fingerprint, shape_of
from softlabel.data.images import Images
from softlabel.data.pixels import PixelFeatures
from softlabel.data.source import load
from softlabel.data.source_kinds import source_kind
from softlabel.data.text_features import TextFeatures
from softlabel.errors import InputError
from softlabel.methods.preparation import members as learners_of
from softlabel.methods.views import check_tta
from softlabel.run.data_config import DataConfig
from softlabel.run.estimators import Members, made_estimators, members_of, take_pictures, take_texts
from softlabel.run.guard_rows import labels_of, refuse_unknown_labels
from softlabel.run.identity import OF_COLUMN
from softlabel.run.reading import label_kind_of, reading_of
from softlabel.run.task_making import first_targets, make_task, reference_of, voted_labels
from softlabel.run.task_options import target_kind
from softlabel.run.trusted_rows import trust_rows
from softlabel.tasks import Task

Features = TableFeatures | PixelFeatures | TextFeatures


@dataclass(frozen=True)
class DataRead:
    """The rows that a configuration names, as they were read."""

    train: Dataset  # its labels are those to learn from: given, or those that votes speak for
    test: Dataset | None  # likewise
    task: Task
    members: Members  # names and parameters of the estimators
    estimators: list[Any]  # unfitted
    prints: dict[str, Any]  # fingerprints of "source" and, where there is one, "test", by content
    targets: np.ndarray | None  # (n, m) first targets of ``train``, where votes gave them
    reference: np.ndarray | None  # (n, k) true distributions of ``train``, where they are known
    label_before: np.ndarray | None = None  # as the labels of ``train``, before a file of trusted rows replaced some


def read_data(config: DataConfig, cache_folder: Path | None = None, *, tta: str | None = None) -> DataRead:
    """Read the rows that a configuration names, and make the estimators for them.

    Parameters
    ----------
    config : DataConfig
    cache_folder : path or None
        Where decoded pictures may be kept; None: nowhere but in memory.
    tta : str or None
        Views that the estimators will be asked to average; only checked here.

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
        members, estimators = _team(config, pictures, tta)
    train = load(config.source, **reading, label_kind=label_kind_of(config), test=config.test)
    if pictures is None:
        members, estimators = _team(config, isinstance(train.X, Images), tta)
    test = train.test
    prints = {"source": print_of(train)} | prints_of_columns(train)
    labels_of(train)
    task = make_task(config, train)
    if test is not None:
        refuse_unknown_labels(task, test, "test")
        prints["test"] = print_of(test)
        if prints["test"] == prints["source"]:
            warnings.warn(
                "the test rows are the training rows: scores on them say how well models learnt these, not what they are worth on others; "
                "give rows of their own",
                UserWarning,
                stacklevel=2,
            )
    train = settled(config, train, task)
    test = None if test is None else settled(config, test, task)
    before = None
    if (trust := trust_rows(config, train, task)) is not None:
        train, before, prints["trusted"] = trust.data, trust.before, trust.print
    targets, reference = first_targets(train, task), reference_of(train, task)
    return DataRead(train, test, task, members, estimators, prints, targets, reference, before)


def settled(config: DataConfig, data: Dataset, task: Task) -> Dataset:
    """Return a data set with the labels that its votes speak for, where rows have no others; what is no table has its own."""
    if config.label is not None or config.votes is None or source_kind(config.source) != "table":
        return data
    return replace(data, y=voted_labels(data, task))


def print_of(data: Dataset) -> dict[str, Any]:
    """Return the fingerprint of a data set, and its size for whoever reads that it has changed."""
    n_data_rows, n_columns = shape_of(data)
    return {"sha256": fingerprint(data), "n_rows": n_data_rows, "n_columns": n_columns}


def prints_of_columns(data: Dataset) -> dict[str, Any]:
    """Return the fingerprint of each column of noisy labels, apart from that of the data: a comparison may gain some."""
    found = data.noisy_labels or {}
    return {
        f"{OF_COLUMN}{name}": {"sha256": labels_fingerprint(labels), "n_rows": len(labels), "n_columns": 1}
        for name, labels in found.items()
    }


def unfitted_features(train: Dataset, members: Members, estimators: list[Any], texts: bool) -> Features | None:
    """Return what turns rows into features, not fitted yet; None where the learners take rows as they are.

    Parameters
    ----------
    train : Dataset
    members, estimators : list
        Names and parameters, for messages; and the estimators.
    texts : bool
        Whether the rows are texts.

    Raises
    ------
    InputError
        If only some of the estimators take pictures, or texts.
    """
    if texts:
        return None if take_texts(members, estimators) else TextFeatures()
    if hasattr(train.X, "columns"):
        return TableFeatures()
    if isinstance(train.X, Images) and not take_pictures(members, estimators):
        return PixelFeatures()
    return None


def _are_pictures(config: DataConfig) -> bool | None:
    """Return whether the rows will be pictures; None where that is not known before an .npz file is read."""
    kind = source_kind(config.source)
    return None if kind == "array" else kind == "folder" or config.image is not None or config.format is not None


def _team(config: DataConfig, pictures: bool, tta: str | None) -> tuple[Members, list[Any]]:
    members = members_of(config, pictures=pictures)
    estimators = made_estimators(config, members)
    check_tta(tta, learners_of(estimators, target_kind(config)))
    if pictures:
        take_pictures(members, estimators)  # refuses those of which only some do
    elif tta is not None:
        raise InputError(f"--tta {tta} makes views of pictures, and the rows of {config.source} are none; leave it out")
    if config.text is not None:
        take_texts(members, estimators)
    return members, estimators
