"""How long things took: a JSON record a line, in the one file that may differ between equal runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from softlabel.errors import StorageError
from softlabel.store.atomic import storage_error
from softlabel.store.json_values import plain


def append_line(path: str | Path, entry: Mapping[str, Any]) -> None:
    """Add a record as one line. It goes straight to its place: a line that is cut short costs one measurement.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    line = json.dumps(plain(dict(entry)), ensure_ascii=False, allow_nan=False).encode() + b"\n"
    try:
        with open(path, "ab+") as file:
            if file.tell() > 0:
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line  # a killed writer left part of a line
            file.write(line)
    except OSError as error:
        raise storage_error(path, error) from error


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    """Return all records; parts of lines, left by a killed writer, are passed over. No file, no records."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror or error}); check its permissions") from error
    entries = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries
