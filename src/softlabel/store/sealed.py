"""JSON records that notice when they were changed by hand: one of their keys is the checksum of all others."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from softlabel.errors import DamagedRunError, NewerFormatError
from softlabel.store.atomic import write_json
from softlabel.store.json_values import canonical, plain, read_json

SEAL = "checksum"
FORMAT = "format_version"


def write_sealed(path: str | Path, record: dict[str, Any]) -> None:
    """Write a record and the checksum of it, in one file."""
    content = plain({key: value for key, value in record.items() if key != SEAL})
    write_json(path, {**content, SEAL: _seal(content)})


def read_sealed(path: str | Path, *, advice: str, newest_format: int | None = None) -> dict[str, Any]:
    """Read a record that ``write_sealed`` wrote, without its checksum.

    Parameters
    ----------
    path : path
        The file.
    advice : str
        What a user can do if it is damaged; ends the message.
    newest_format : int or None
        The newest ``format_version`` that is understood; looked at before anything else.

    Raises
    ------
    NewerFormatError
        If it is of a newer format.
    DamagedRunError
        If it is missing, no JSON, lacks its checksum, or does not agree with it.
    """
    path = Path(path)
    record = read_json(path, advice=advice)
    if not isinstance(record, dict):
        raise DamagedRunError(f"{path} holds a {type(record).__name__} where a record is expected; {advice}")
    if newest_format is not None:
        _check_format(record, path, newest_format, advice)
    seal = record.pop(SEAL, None)
    if seal != _seal(record):
        what = "lacks its checksum" if seal is None else "does not agree with its checksum"
        raise DamagedRunError(f"{path} {what} (changed by hand, or damaged); {advice}")
    return record


def _check_format(record: dict[str, Any], path: Path, newest: int, advice: str) -> None:
    version = record.get(FORMAT)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DamagedRunError(f"{path} has no {FORMAT} (got {version!r}); {advice}")
    if version > newest:
        raise NewerFormatError(
            f"{path} has format {version}, and this softlabel reads formats up to {newest}; upgrade: pip install "
            "--upgrade softlabel"
        )


def _seal(record: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(record)).hexdigest()
