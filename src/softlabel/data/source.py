"""From what stands on the command line to a data set: a file by its suffix, or a built-in by its name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from softlabel.data.arrays import array_dataset, array_part, refuse_other_width
from softlabel.data.builtin import BUILTIN_NAMES, builtin_dataset
from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind
from softlabel.data.table import column_names, table_dataset
from softlabel.errors import InputError

_TABLES, _ARRAYS = (".csv", ".parquet"), (".npz",)


def load(
    source: str | Path,
    *,
    label: str | None = None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    test: str | Path | None = None,
    label_kind: Kind | None = None,
) -> Dataset:
    """Load labelled rows.

    Parameters
    ----------
    source : path or name
        A .csv, .parquet or .npz file, or one of digits, wine, breast_cancer, iris, toy. A file of that name comes
        first.
    label, id, groups, drop : names of columns
        For tables: the column of given labels (needed), of ids and of groups, and columns that are no features. An .npz
        file has its own names for these (``y``, ``ids``, ``groups``); the built-ins need none.
    test : path or None
        A file of the same kind and columns, as ``test`` of the result. An .npz file may hold test rows itself.
    label_kind : "integer", "text" or None
        The kind that labels had where a model was trained (``label_kind(y)`` of its labels), so that 1 and "1" agree.

    Raises
    ------
    InputError
        If there is no such file or name, or its content cannot be used.
    """
    kind = source_kind(source)
    if kind == "table":
        return _load_table(source, label, id, groups, drop, test, label_kind)
    _refuse_columns(source, label=label, id=id, groups=groups, drop=drop)
    if kind == "array":
        train = array_dataset(source, label_kind=label_kind)
        return train if test is None else replace(train, test=_array_test(test, train))
    if test is not None:
        raise InputError(f"the built-in data set {source} has no test file; give a file as source, or leave --test out")
    return builtin_dataset(str(source))


def load_unlabelled(source: str | Path, *, id: str | None = None, drop: Sequence[str] = ()) -> Dataset:
    """Load rows that are to be predicted: ``y`` of the result is None.

    Parameters
    ----------
    source : path or name
        As for ``load``. Of an .npz file that has no ``X``, the test images are taken.
    id, drop : names of columns
        For tables. Columns that are not there need not be dropped: rows to be predicted seldom have a label. Without
        the column of ids, rows are numbered.
    """
    kind = source_kind(source)
    if kind == "table":
        names = column_names(source)
        id = id if id in names else None
        return table_dataset(source, label=None, id=id, drop=[name for name in drop if name in names and name != id])
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
) -> Dataset:
    """Load labelled rows on which a model is to be scored.

    Like ``load``, but of an .npz file without ``X`` the test images. The names of columns are those of the table that
    the model was made from: columns other than the label may be missing, and what is no table needs none of them.
    """
    kind = source_kind(source)
    if kind == "array":
        return array_part(source, label_kind=label_kind)
    if kind == "builtin":
        return builtin_dataset(str(source))
    if label is None:
        raise InputError(
            f"{source} is a table, and the model was made from data without named columns, so nothing says which column "
            "holds the labels; give an .npz file with X and y"
        )
    names = column_names(source)
    drop = [name for name in drop if name in names]
    id, groups = (name if name in names else None for name in (id, groups))
    return load(source, label=label, id=id, groups=groups, drop=drop, label_kind=label_kind)


def source_kind(source: str | Path) -> str:
    """Return "table", "array" or "builtin".

    Raises
    ------
    InputError
        If ``source`` is no file of a known kind and no built-in name; says which it may be.
    """
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix in _TABLES or suffix in _ARRAYS:
        if path.is_file():
            return "table" if suffix in _TABLES else "array"
        near = _neighbours(path)
        what = f"{path} is a folder" if path.is_dir() else f"there is no file {path}"
        raise InputError(f"{what}; give a .csv, .parquet or .npz file, or one of {', '.join(BUILTIN_NAMES)}{near}")
    if str(source) in BUILTIN_NAMES:
        return "builtin"
    what = (
        "a file of another kind"
        if path.is_file()
        else "a folder"
        if path.is_dir()
        else "neither a file nor a built-in name"
    )
    close = difflib.get_close_matches(str(source), BUILTIN_NAMES, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise InputError(
        f"{source} is {what}; give a .csv, .parquet or .npz file, or one of {', '.join(BUILTIN_NAMES)}{hint}"
    )


def label_kind(y: np.ndarray) -> Kind:
    """Return the kind of labels, to read those of other files alike: "integer" or "text"."""
    return "integer" if np.asarray(y).dtype.kind in "iu" else "text"


def _load_table(
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
    train = table_dataset(source, label=label, id=id, groups=groups, drop=drop, label_kind=kind)
    if test is None:
        return train
    if source_kind(test) != "table":
        raise InputError(
            f"the training rows come from a table, the test rows from {test}; give a .csv or .parquet file"
        )
    names = column_names(test)  # ids, groups and columns to be dropped may be missing there
    test_rows = table_dataset(
        test,
        label=label,
        id=id if id in names else None,
        groups=groups if groups in names else None,
        drop=[name for name in drop if name in names],
        label_kind=label_kind(train.y) if train.y is not None else None,
    )
    missing = [str(name) for name in train.X.columns if name not in test_rows.X.columns]
    if missing:
        raise InputError(f"{test} lacks the columns {missing} that {source} has; give test rows with the same columns")
    return replace(train, test=replace(test_rows, X=test_rows.X[list(train.X.columns)]))


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


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in (*_TABLES, *_ARRAYS))
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.with_name(close[0])}?" if close else ""
