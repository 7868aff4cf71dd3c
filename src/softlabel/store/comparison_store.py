"""One comparison directory: what it is, its cells, and what was drawn of them.

::

    comparison.json  lock  timing.jsonl  cells/slr-1a2b3c4d/symmetric-0.2/seed-0.json
    and what is made of the cells anew each time: tables and figures

A cell is written whole or not at all, and signed. Times are apart, so that equal comparisons have equal cells.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from softlabel.errors import RunError
from softlabel.store.atomic import ASIDE, remove_leftovers
from softlabel.store.json_values import plain
from softlabel.store.sealed import FORMAT, read_sealed, write_sealed
from softlabel.store.timing import append_line, read_lines

FORMAT_VERSION = 1
_RESTORE = "restore it from a copy, or compare in another folder"
_AGAIN = "delete it and start the same command again: it is computed anew"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.=-]+")


class ComparisonPaths:
    """The layout of a comparison; no other file knows a name in it."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    @property
    def record(self) -> Path:
        """What the comparison is: configuration, fingerprint of the data, task, versions."""
        return self.root / "comparison.json"

    @property
    def lock(self) -> Path:
        """Who owns it at the moment."""
        return self.root / "lock"

    @property
    def timing(self) -> Path:
        """How long each cell took."""
        return self.root / "timing.jsonl"

    @property
    def cells(self) -> Path:
        """The folder of all cells."""
        return self.root / "cells"

    @property
    def image_cache(self) -> Path:
        """The folder of decoded pictures; there only while something is computed."""
        return self.root / "image-cache"

    def cell(self, corruption: str, seed: int, method: str) -> Path:
        """Return the file of one cell."""
        return self.cells / file_name(method) / file_name(corruption) / f"seed-{seed}.json"


class ComparisonStore:
    """Reads and writes a comparison directory; knows no method, and does not lock."""

    def __init__(self, paths: ComparisonPaths, record: dict[str, Any]) -> None:
        self.paths = paths
        self._record = record
        self._times: dict[str, dict[str, float]] | None = None

    @classmethod
    def create(cls, root: str | Path, record: Mapping[str, Any]) -> Self:
        """Start a comparison in a folder that is new or empty.

        Raises
        ------
        RunError
            If the folder holds something already.
        """
        paths = ComparisonPaths(root)
        if paths.root.exists() and not paths.root.is_dir():
            raise RunError(f"{paths.root} is a file; give a folder for the comparison, which may be new")
        ours = (paths.lock.name, paths.image_cache.name)
        others = [
            entry.name
            for entry in (paths.root.iterdir() if paths.root.is_dir() else ())
            if entry.name not in ours and not entry.name.startswith(ASIDE)
        ]
        if others:
            raise RunError(
                f"{paths.root} is not empty and holds no comparison (it has {', '.join(sorted(others)[:3])}); nothing is written "
                "there: choose a new or an empty folder"
            )
        store = cls(paths, {})
        store.update_record(**record)
        return store

    @classmethod
    def open(cls, root: str | Path) -> Self:
        """Open a comparison to read it, or to go on with it.

        Raises
        ------
        RunError
            If there is none.
        NewerFormatError, DamagedRunError
            If its record is of a newer format; is damaged or was changed by hand.
        """
        paths = ComparisonPaths(root)
        if not paths.record.exists():
            raise RunError(f"{paths.root} holds no comparison ({paths.record.name} is missing); give the folder of one")
        return cls(paths, read_sealed(paths.record, advice=_RESTORE, newest_format=FORMAT_VERSION))

    @staticmethod
    def exists(root: str | Path) -> bool:
        """Return whether a folder holds a comparison (damaged or not)."""
        return ComparisonPaths(root).record.exists()

    @property
    def root(self) -> Path:
        """The folder of the comparison."""
        return self.paths.root

    @property
    def record(self) -> dict[str, Any]:
        """A copy of what ``comparison.json`` says."""
        return copy.deepcopy(self._record)

    def update_record(self, **changes: Any) -> None:
        """Change entries of ``comparison.json``, all in one step; nothing is written where nothing changes."""
        changed = plain({FORMAT: FORMAT_VERSION, **self._record, **changes})
        if changed != self._record:
            write_sealed(self.paths.record, changed)
            self._record = changed

    def remove_leftovers(self) -> int:
        """Remove what killed writers left behind; only for the owner of the lock."""
        return remove_leftovers(self.root)

    def get_cell(self, corruption: str, seed: int, method: str) -> tuple[dict[str, Any], dict[str, float]] | None:
        """Return the record of a cell and its times; None where it was not computed yet.

        Raises
        ------
        DamagedRunError
            If it was changed by hand, or is damaged; it names the file.
        """
        path = self.paths.cell(corruption, seed, method)
        if not path.exists():
            return None
        return read_sealed(path, advice=_AGAIN), self._known_times().get(self._key(path), {})

    def put_cell(
        self, corruption: str, seed: int, method: str, record: Mapping[str, Any], times: Mapping[str, float]
    ) -> None:
        """Store a cell; its times first, so that no stored cell lacks them."""
        path = self.paths.cell(corruption, seed, method)
        known = self._known_times()
        append_line(self.paths.timing, {"cell": self._key(path), **times})
        known[self._key(path)] = dict(times)
        write_sealed(path, dict(record))

    def _key(self, path: Path) -> str:
        return path.relative_to(self.paths.cells).as_posix()

    def _known_times(self) -> dict[str, dict[str, float]]:
        if self._times is None:
            self._times = {str(line.pop("cell")): line for line in read_lines(self.paths.timing) if "cell" in line}
        return self._times


def file_name(text: str) -> str:
    """Return a name for a file or folder that tells what it is for, with a digest where the text itself could be no such name."""
    plain_text = _NOT_IN_NAMES.sub("-", text)[:60].strip(".-")
    if plain_text == text:
        return text
    return f"{plain_text}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
