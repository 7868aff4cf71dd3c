"""Options that do not go with a source, refused before anything is read."""

from __future__ import annotations

from pathlib import Path

from softlabel.data.columns import Columns
from softlabel.data.formats import FORMATS
from softlabel.data.source_kinds import source_kind
from softlabel.errors import InputError


def refuse_size(source: str | Path, kind: str, *, pictures_named: bool) -> None:
    """Refuse to resize pictures where a source has no files of pictures."""
    if kind in ("array", "builtin") or (kind == "table" and not pictures_named):
        column = "; name its column of pictures with --image" if kind == "table" else ""
        raise InputError(
            f"{source} holds no files of pictures, so --image-size cannot resize any; leave it out{column}"
        )


def refuse_columns(source: str | Path, columns: Columns) -> None:
    """Refuse names of columns for what has none."""
    given = _given(columns, {"votes": columns.vote_columns, "reference": columns.reference_columns})
    if given:
        raise InputError(
            f"{source} is no table, so {', '.join(given)} cannot name its columns; leave {' and '.join(given)} out"
        )


def refuse_noisy(source: str | Path, columns: Columns) -> None:
    """Refuse columns of noisy labels for what has neither columns nor arrays."""
    if columns.noisy:
        raise InputError(
            f"{source} has no column of labels beside its own, so --corrupt column:{columns.noisy[0]} names none; give a .csv, "
            ".parquet or .npz file, or another corruption"
        )


def refuse_trusted(source: str | Path, columns: Columns) -> None:
    """Refuse a column of trust for what has neither columns nor arrays."""
    if columns.trusted is not None:
        raise InputError(
            f"{source} has no columns, so --trusted {columns.trusted} names none; give a .csv or .parquet file with the ids of "
            "trusted rows"
        )


def refuse_several(source: str | Path, several: bool) -> None:
    """Refuse several labels a row for what has one."""
    if several:
        raise InputError(
            f"each row of {source} has one label, so --task multilabel does not go with it; give a table with several "
            "columns of labels, one column of joined names, or an .npz file with y of shape (n, k)"
        )


def refuse_beside_format(format: str, source: str | Path, columns: Columns) -> None:
    """Refuse a format that there is not, of what is no table, or beside options that it decides."""
    if format not in FORMATS:
        raise InputError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
    if source_kind(source) != "table":
        raise InputError(f"the format {format} is that of a table, and {source} is none; give its .csv file")
    further: dict[str, object] = {"votes": columns.votes, "reference": columns.reference}
    further |= {"corrupt column:NAME": columns.noisy, "task multilabel": columns.several}
    further |= {"trusted": columns.trusted}
    given = _given(columns, further)
    if given:
        raise InputError(
            f"the format {format} says itself what {', '.join(given)} would say; leave {' and '.join(given)} out"
        )


def _given(columns: Columns, further: dict[str, object]) -> list[str]:
    """Return the options that were given, as they are written: roles of columns, and further ones."""
    roles = {name: getattr(columns, name) for name in ("label", "id", "groups", "drop", "image", "text")}
    return [f"--{name}" for name, value in (roles | further).items() if value]
