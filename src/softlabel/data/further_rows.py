"""Training rows with the test rows that a second file holds: of the same kind, with the same columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from softlabel.data.arrays import array_part, refuse_other_width
from softlabel.data.columns import Columns
from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind, label_kind
from softlabel.data.formats import format_dataset
from softlabel.data.image_datasets import Decoding, folder_dataset, picture_table_dataset
from softlabel.data.images import Images
from softlabel.data.source_kinds import source_kind
from softlabel.data.table import column_names
from softlabel.data.table_datasets import table_dataset
from softlabel.errors import InputError


def table_reader(columns: Columns, decoding: Decoding) -> Callable[[str | Path, Columns], Dataset]:
    """Return what reads a table: its columns or texts as features, or its column of pictures."""
    if columns.image is None:
        return table_dataset
    return lambda path, roles: picture_table_dataset(path, decoding, roles)


def load_tables(
    read: Callable[[str | Path, Columns], Dataset], source: str | Path, columns: Columns, test: str | Path | None
) -> Dataset:
    """Load a table, and the table of its test rows where there is one.

    Raises
    ------
    InputError
        If nothing says what the labels are, or the second is no table or lacks columns of the first.
    """
    if columns.label is None and not columns.votes:
        raise InputError(
            f"which column of {source} holds the labels? Its columns are {column_names(source)}; give one with --label"
        )
    if columns.noisy and columns.label is None:
        raise InputError(
            f"column:{columns.noisy[0]} gives labels to be compared with true ones, and {source} has only votes; name the column of "
            "true ones with --label"
        )
    train = read(source, columns)
    if test is None:
        return train
    if source_kind(test) != "table":
        raise InputError(
            f"the training rows come from a table, the test rows from {test}; give a .csv or .parquet file"
        )
    kind = _kind_of(train, columns.label_kind) if not columns.several else None
    columns = replace(columns, label_kind=kind, label_names=train.label_names)
    part = read(test, columns.of_part(column_names(test)))  # ids, groups and columns to be dropped may be missing there
    if columns.text is not None:
        return replace(train, test=part)
    if isinstance(train.X, Images):
        refuse_other_width(part, train)
        return replace(train, test=part)
    missing = [str(name) for name in train.X.columns if name not in part.X.columns]
    if missing:
        raise InputError(f"{test} lacks the columns {missing} that {source} has; give test rows with the same columns")
    return replace(train, test=replace(part, X=part.X[list(train.X.columns)]))


def _kind_of(train: Dataset, asked: Kind | None = None) -> Kind | None:
    """Return how to read labels like those of the training rows; grades that were asked for as numbers are read so again."""
    kind = None if train.y is None else label_kind(train.y)
    return asked if asked == "number" and kind == "integer" else kind


def folder_test(test: str | Path, train: Dataset, decoding: Decoding) -> Dataset:
    """Load the test pictures of a folder, which may lack classes."""
    if source_kind(test) != "folder":
        raise InputError(f"the training pictures come from a folder, the test pictures from {test}; give a folder")
    part = folder_dataset(test, decoding, least_classes=1, label_kind=_kind_of(train))
    refuse_other_width(part, train)
    return part


def format_test(format: str, test: str | Path, train: Dataset, decoding: Decoding) -> Dataset:
    """Load the test pictures that a second sheet of the same form names."""
    if source_kind(test) != "table":
        raise InputError(f"the training rows come from a table, the test rows from {test}; give one of the same form")
    part = format_dataset(format, test, decoding, label_kind=_kind_of(train))
    refuse_other_width(part, train)
    return part


def array_test(test: str | Path, train: Dataset, several: bool, asked: Kind | None = None) -> Dataset:
    """Load the test rows of a second .npz file."""
    if source_kind(test) != "array":
        raise InputError(f"the training rows come from an .npz file, the test rows from {test}; give an .npz file")
    kind = None if several else _kind_of(train, asked)
    part = array_part(test, label_kind=kind, several=several, label_names=train.label_names if several else None)
    refuse_other_width(part, train)
    return part
