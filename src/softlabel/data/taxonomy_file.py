"""A class tree in a file: a line for each node, and the columns child and parent."""

from __future__ import annotations

import csv
from pathlib import Path

from softlabel.data.table import listed
from softlabel.errors import InputError
from softlabel.targets.taxonomy import Taxonomy

_SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_taxonomy(path: str | Path) -> Taxonomy:
    """Read a class tree.

    Parameters
    ----------
    path : path
        A .csv file, or a .tsv file whose cells tabs separate, with the columns child and parent; other columns are left alone. Names are
        read to the letter. A root has an empty parent, or no line of its own.

    Raises
    ------
    InputError
        If there is no such file, it has not these columns, a line has no child, or the pairs are no tree.
    """
    path = Path(path)
    if path.suffix.lower() not in _SEPARATORS:
        raise InputError(f"{path} is no class tree; give a .csv or .tsv file with the columns child and parent")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=_SEPARATORS[path.suffix.lower()]))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give a .csv or .tsv file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no table of UTF-8 text ({error}); store it as UTF-8") from error
    names = list(rows[0]) if rows else []
    missing = [name for name in ("child", "parent") if name not in names]
    if missing:
        raise InputError(
            f"{path} has no column {' and no column '.join(map(repr, missing))}; its columns are {listed(names) or 'none'}"
        )
    nameless = [number for number, row in enumerate(rows, start=2) if not row["child"]]
    if nameless:
        raise InputError(
            f"{path} has no child in line {nameless[0]} ({len(nameless)} such lines); name one, or drop the line"
        )
    try:
        return Taxonomy((row["child"], row["parent"]) for row in rows)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
