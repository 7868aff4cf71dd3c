"""One run directory: what is in it, read and written whole, each file against its checksum."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from softlabel.errors import RunError
from softlabel.store.atomic import ASIDE, remove_leftovers, storage_error
from softlabel.store.json_values import plain
from softlabel.store.paths import RunPaths
from softlabel.store.round_files import RoundFiles
from softlabel.store.sealed import FORMAT, read_sealed, write_sealed
from softlabel.store.timing import append_line, read_lines
from softlabel.store.top_files import RESTORE, TopFiles

FORMAT_VERSION = 1


class RunStore(TopFiles, RoundFiles):
    """Reads and writes a run directory; knows no method, and does not lock (see ``RunLock``).

    Each change is whole or not there: a process may be killed at any instant. Each read checks the checksum first.
    ``DamagedRunError`` names the file and what to do; ``StorageError`` says what the disk refused.

    Parameters
    ----------
    paths : RunPaths
    record : dict
        Use ``create`` and ``open``.
    """

    def __init__(self, paths: RunPaths, record: dict[str, Any]) -> None:
        TopFiles.__init__(self, paths)
        self._record = record

    @classmethod
    def create(cls, root: str | Path, record: Mapping[str, Any]) -> Self:
        """Start a run in a folder that is new or empty.

        Parameters
        ----------
        root : path
        record : dict
            What ``run.json`` says, to which the format version is added. No time may stand in it: equal runs have equal
            records.

        Raises
        ------
        RunError
            If the folder holds something already.
        StorageError
            If the disk refuses.
        """
        paths = RunPaths(root)
        if paths.root.exists() and not paths.root.is_dir():
            raise RunError(f"{paths.root} is a file; give a folder for the run, which may be new")
        if paths.record.exists():
            raise RunError(
                f"{paths.root} holds a run already; start the same command again to go on, or choose another folder"
            )
        if others := _foreign_names(paths):
            raise RunError(
                f"{paths.root} is not empty and holds no run (it has "
                f"{', '.join(others[:3])}{', ...' if len(others) > 3 else ''}); "
                "nothing is written there: choose a new or an empty folder"
            )
        store = cls(paths, {})
        store._write_record({FORMAT: FORMAT_VERSION, **{key: value for key, value in record.items() if key != FORMAT}})
        return store

    @classmethod
    def open(cls, root: str | Path) -> Self:
        """Open a run to read it, or to go on with it.

        Raises
        ------
        RunError
            If there is no run.
        NewerFormatError, DamagedRunError
            If its record is of a newer format; is damaged or was changed by hand.
        """
        paths = RunPaths(root)
        if not paths.root.is_dir():
            what = "is a file" if paths.root.exists() else "does not exist"
            raise RunError(f"{paths.root} {what}; give the folder of a run, as --out named it when the run was made")
        if not paths.record.exists():
            raise RunError(f"{paths.root} holds no run ({paths.record.name} is missing); give the folder of a run")
        return cls(paths, read_sealed(paths.record, advice=RESTORE, newest_format=FORMAT_VERSION))

    @staticmethod
    def exists(root: str | Path) -> bool:
        """Return whether a folder holds a run (damaged or not)."""
        return RunPaths(root).record.exists()

    @property
    def root(self) -> Path:
        """The folder of the run."""
        return self.paths.root

    @property
    def record(self) -> dict[str, Any]:
        """A copy of what ``run.json`` says."""
        return copy.deepcopy(self._record)

    def update_record(self, **changes: Any) -> None:
        """Change entries of ``run.json``, all in one step."""
        self._write_record({**self._record, **changes, FORMAT: FORMAT_VERSION})

    def remove_leftovers(self) -> int:
        """Remove what killed writers left behind; only for the owner of the lock."""
        return remove_leftovers(self.root)

    def append_timing(self, entry: Mapping[str, Any]) -> None:
        """Add a record to ``timing.jsonl``."""
        append_line(self.paths.timing, entry)

    def timings(self) -> list[dict[str, Any]]:
        """Return the records of ``timing.jsonl``."""
        return read_lines(self.paths.timing)

    def _write_record(self, record: dict[str, Any]) -> None:
        record = plain(record)
        write_sealed(self.paths.record, record)
        self._record = record


def _foreign_names(paths: RunPaths) -> list[str]:
    """Return what is in a folder and not of a run that was about to begin."""
    ours = (paths.lock.name, paths.image_cache.name)
    if not paths.root.is_dir():
        return []
    try:
        names = sorted(entry.name for entry in paths.root.iterdir())
    except OSError as error:
        raise storage_error(paths.root, error) from error
    return [name for name in names if name not in ours and not name.startswith(ASIDE)]
