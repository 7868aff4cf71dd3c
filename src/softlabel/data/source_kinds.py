"""What a source is: a file by its suffix, a folder, or a built-in data set by its name."""

from __future__ import annotations

import difflib
from pathlib import Path

from softlabel.data.builtin import BUILTIN_NAMES
from softlabel.errors import InputError

_TABLES, _ARRAYS = (".csv", ".parquet"), (".npz",)
_ALLOWED = f"give a .csv, .parquet or .npz file, a folder of pictures, or one of {', '.join(BUILTIN_NAMES)}"


def source_kind(source: str | Path) -> str:
    """Return "table", "array", "folder" or "builtin".

    Raises
    ------
    InputError
        If ``source`` is no file of a known kind, no folder and no built-in name; says which it may be.
    """
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix in _TABLES or suffix in _ARRAYS:
        if path.is_file():
            return "table" if suffix in _TABLES else "array"
        near = _neighbours(path)
        what = f"{path} is a folder" if path.is_dir() else f"there is no file {path}"
        raise InputError(f"{what}; {_ALLOWED}{near}")
    if str(source) in BUILTIN_NAMES:
        return "builtin"
    if path.is_dir():
        return "folder"
    what = "a file of another kind" if path.is_file() else "neither a file, nor a folder, nor a built-in name"
    close = difflib.get_close_matches(str(source), BUILTIN_NAMES, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise InputError(f"{source} is {what}; {_ALLOWED}{hint}")


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in (*_TABLES, *_ARRAYS))
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.with_name(close[0])}?" if close else ""
