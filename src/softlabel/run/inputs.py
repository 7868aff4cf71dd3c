"""From the configuration to rows, labels and the estimators for them: read, made wrong on purpose where asked, turned into
features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.features import TableFeatures
from softlabel.data.fingerprint import fingerprint, shape_of
from softlabel.data.images import Images
from softlabel.data.pixels import PixelFeatures
from softlabel.data.rows import concatenate, n_rows
from softlabel.data.source import label_kind, load
from softlabel.data.source_kinds import source_kind
from softlabel.errors import InputError
from softlabel.methods.preparation import members as learners_of
from softlabel.methods.views import check_tta
from softlabel.run.config import RefineConfig
from softlabel.run.estimators import Members, made_estimators, members_of, take_pictures
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
    features: TableFeatures | PixelFeatures | None  # how rows become features; None where they are what learners take
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
    columns: dict[str, Any] = {"label": config.label, "id": config.id, "groups": config.groups, "drop": config.drop}
    columns |= {"image": config.image, "image_size": config.image_size}
    columns |= {"cache": config.cache, "cache_folder": cache_folder}
    pictures = _are_pictures(config)
    if pictures is not None:  # estimators first: to decode pictures may take minutes
        members, estimators = _team(config, pictures)
    train = load(config.source, **columns, test=config.test)
    if pictures is None:
        members, estimators = _team(config, isinstance(train.X, Images))
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
    features, X, X_test = _features(train, test, members, estimators)
    return Inputs(
        X,
        y,
        true_label,
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


def _are_pictures(config: RefineConfig) -> bool | None:
    """Return whether the rows will be pictures; None where that is not known before an .npz file is read."""
    kind = source_kind(config.source)
    return None if kind == "array" else kind == "folder" or config.image is not None


def _team(config: RefineConfig, pictures: bool) -> tuple[Members, list[Any]]:
    members = members_of(config, pictures=pictures)
    estimators = made_estimators(config, members)
    check_tta(config.tta, learners_of(estimators))
    if pictures:
        take_pictures(members, estimators)  # refuses those of which only some do
    elif config.tta is not None:
        raise InputError(
            f"--tta {config.tta} makes views of pictures, and the rows of {config.source} are none; leave it out"
        )
    return members, estimators


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


def _features(
    train: Dataset, test: Dataset | None, members: Members, estimators: list[Any]
) -> tuple[TableFeatures | PixelFeatures | None, Any, Any]:
    features: TableFeatures | PixelFeatures
    if hasattr(train.X, "columns"):
        features = TableFeatures()
    elif isinstance(train.X, Images) and not take_pictures(members, estimators):
        features = PixelFeatures()
    else:
        return None, train.X, None if test is None else test.X
    # Fitted on all rows at once: it looks at no label, so nothing of a held-out label can leak through it.
    X = features.fit_transform(train.X)
    return features, X, None if test is None else features.transform(test.X)
