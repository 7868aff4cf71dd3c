"""From what stands on the command line to a data set: tables, arrays, folders of pictures, built-ins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from softlabel.data.arrays import array_dataset, array_part, refuse_other_width
from softlabel.data.builtin import builtin_dataset
from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind
from softlabel.data.image_datasets import Decoding, folder_dataset, picture_table_dataset
from softlabel.data.images import Images
from softlabel.data.source_kinds import source_kind
from softlabel.data.table import column_names, table_dataset
from softlabel.errors import InputError


def load(
    source: str | Path,
    *,
    label: str | None = None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    test: str | Path | None = None,
    label_kind: Kind | None = None,
    image: str | None = None,
    image_size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
) -> Dataset:
    """Load labelled rows.

    Parameters
    ----------
    source : path or name
        A .csv, .parquet or .npz file, a folder with one folder of pictures a class, or one of digits, wine,
        breast_cancer, iris, toy. A file of that name comes first; a folder of that name is meant by "./digits".
    label, id, groups, drop : names of columns
        For tables: the column of given labels (needed), of ids and of groups, and columns that are no features. An .npz
        file has its own names for these (``y``, ``ids``, ``groups``); folders and built-ins need none.
    test : path or None
        A source of the same kind and columns, as ``test`` of the result. An .npz file may hold test rows itself.
    label_kind : "integer", "text" or None
        The kind that labels had where a model was trained (``label_kind(y)`` of its labels), so that 1 and "1" agree.
    image : str or None
        For tables: the column of pictures (paths, or bytes of files). They are then the only features.
    image_size : int or None
        Side of the square to which files of pictures are resized and cut.
    cache, cache_folder
        How decoded pictures are kept; see ``load_images``.

    Raises
    ------
    InputError
        If there is no such source, its content cannot be used, or an option does not go with it.
    """
    kind = source_kind(source)
    if image_size is not None and (kind in ("array", "builtin") or (kind == "table" and image is None)):
        column = "; name its column of pictures with --image" if kind == "table" else ""
        raise InputError(
            f"{source} holds no files of pictures, so --image-size cannot resize any; leave it out{column}"
        )
    decoding = Decoding(image_size, cache, cache_folder)
    if kind == "table":
        return _load_table(_reader(image, decoding), source, label, id, groups, drop, test, label_kind)
    _refuse_columns(source, label=label, id=id, groups=groups, drop=drop, image=image)
    if kind == "folder":
        train = folder_dataset(source, decoding, label_kind=label_kind)
        return train if test is None else replace(train, test=_folder_test(test, train, decoding))
    if kind == "array":
        train = array_dataset(source, label_kind=label_kind)
        return train if test is None else replace(train, test=_array_test(test, train))
    if test is not None:
        raise InputError(f"the built-in data set {source} has no test file; give a file as source, or leave --test out")
    return builtin_dataset(str(source))


def load_unlabelled(
    source: str | Path,
    *,
    id: str | None = None,
    drop: Sequence[str] = (),
    image: str | None = None,
    image_size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
) -> Dataset:
    """Load rows that are to be predicted: ``y`` of the result is None.

    Parameters
    ----------
    source : path or name
        As for ``load``. Of an .npz file that has no ``X``, the test images are taken; of a folder all pictures, at any
        depth.
    id, drop : names of columns
        For tables. Columns that are not there need not be dropped: rows to be predicted seldom have a label. Without
        the column of ids, rows are numbered.
    image, image_size, cache, cache_folder
        As for ``load``; what does not go with the source is not looked at, since these describe what a model was
        trained on.
    """
    kind = source_kind(source)
    decoding = Decoding(image_size, cache, cache_folder)
    if kind == "table":
        names = column_names(source)
        id = id if id in names else None
        drop = [name for name in drop if name in names and name != id]
        return _reader(image, decoding)(source, label=None, id=id, drop=drop)
    if kind == "folder":
        return folder_dataset(source, decoding, labelled=False)
    if kind == "array":
        return array_part(source, labelled=False)
    return replace(builtin_dataset(str(source)), y=None)


def load_labelled_part(
    source: str | Path,
    *,
    label: str | None = None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    label_kind: Kind | None = None,
    image: str | None = None,
    image_size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
) -> Dataset:
    """Load labelled rows on which a model is to be scored.

    Like ``load``, but of an .npz file without ``X`` the test images, and a folder may lack classes. The names of columns
    are those of the table that the model was made from: columns other than the label may be missing, and what is no
    table needs none of them.
    """
    kind = source_kind(source)
    decoding = Decoding(image_size, cache, cache_folder)
    if kind == "array":
        return array_part(source, label_kind=label_kind)
    if kind == "builtin":
        return builtin_dataset(str(source))
    if kind == "folder":
        return folder_dataset(source, decoding, least_classes=1, label_kind=label_kind)
    if label is None:
        raise InputError(
            f"{source} is a table, and the model was made from data without named columns, so nothing says which column "
            "holds the labels; give an .npz file with X and y"
        )
    names = column_names(source)
    drop = [name for name in drop if name in names]
    id, groups = (name if name in names else None for name in (id, groups))
    return _reader(image, decoding)(source, label=label, id=id, groups=groups, drop=drop, label_kind=label_kind)


def label_kind(y: np.ndarray) -> Kind:
    """Return the kind of labels, to read those of other files alike: "integer" or "text"."""
    return "integer" if np.asarray(y).dtype.kind in "iu" else "text"


def _reader(image: str | None, decoding: Decoding) -> Callable[..., Dataset]:
    """Return what reads a table: its columns as features, or its column of pictures."""
    return table_dataset if image is None else partial(picture_table_dataset, decoding=decoding, image=image)


def _load_table(
    read: Callable[..., Dataset],
    source: str | Path,
    label: str | None,
    id: str | None,
    groups: str | None,
    drop: Sequence[str],
    test: str | Path | None,
    kind: Kind | None,
) -> Dataset:
    if label is None:
        raise InputError(
            f"which column of {source} holds the labels? Its columns are {column_names(source)}; give one with --label"
        )
    train = read(source, label=label, id=id, groups=groups, drop=drop, label_kind=kind)
    if test is None:
        return train
    if source_kind(test) != "table":
        raise InputError(
            f"the training rows come from a table, the test rows from {test}; give a .csv or .parquet file"
        )
    names = column_names(test)  # ids, groups and columns to be dropped may be missing there
    part = read(
        test,
        label=label,
        id=id if id in names else None,
        groups=groups if groups in names else None,
        drop=[name for name in drop if name in names],
        label_kind=label_kind(train.y) if train.y is not None else None,
    )
    if isinstance(train.X, Images):
        refuse_other_width(part, train)
        return replace(train, test=part)
    missing = [str(name) for name in train.X.columns if name not in part.X.columns]
    if missing:
        raise InputError(f"{test} lacks the columns {missing} that {source} has; give test rows with the same columns")
    return replace(train, test=replace(part, X=part.X[list(train.X.columns)]))


def _folder_test(test: str | Path, train: Dataset, decoding: Decoding) -> Dataset:
    if source_kind(test) != "folder":
        raise InputError(f"the training pictures come from a folder, the test pictures from {test}; give a folder")
    kind = None if train.y is None else label_kind(train.y)
    part = folder_dataset(test, decoding, least_classes=1, label_kind=kind)
    refuse_other_width(part, train)
    return part


def _array_test(test: str | Path, train: Dataset) -> Dataset:
    if source_kind(test) != "array":
        raise InputError(f"the training rows come from an .npz file, the test rows from {test}; give an .npz file")
    part = array_part(test, label_kind=label_kind(train.y) if train.y is not None else None)
    refuse_other_width(part, train)
    return part


def _refuse_columns(source: str | Path, **options: object) -> None:
    given = [f"--{name}" for name, value in options.items() if value]
    if given:
        raise InputError(
            f"{source} is no table, so {', '.join(given)} cannot name its columns; leave {' and '.join(given)} out"
        )
