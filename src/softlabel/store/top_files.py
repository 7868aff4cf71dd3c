"""The files at the top of a run: arrays, tables and JSON by name, each with its checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.store.arrays import MapMode, read_array
from softlabel.store.atomic import write_array, write_json
from softlabel.store.checksums import Checksums
from softlabel.store.json_values import read_json
from softlabel.store.paths import RunPaths
from softlabel.store.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

RESTORE = "restore it from a copy, or start a new run in another folder"
_MADE_ANEW = ("labels.parquet", "metrics.json")  # follow from the rest of the run


class TopFiles:
    """Reads and writes named files at the top of a run directory.

    ``write_array("given", array)`` makes ``given.npy``. Reading checks the checksum first.
    """

    def __init__(self, paths: RunPaths) -> None:
        self.paths = paths

    def has(self, file_name: str) -> bool:
        """Return whether a file at the top, "given.npy" say, was stored and is there; reading it checks its content."""
        return file_name in self._checksums().names and (self.paths.root / file_name).exists()

    def write_array(self, name: str, array: np.ndarray) -> None:
        """Store an array as ``<name>.npy``."""
        path = self.paths.array(name)
        checksums = self._checksums()
        checksums.settle(path.name, write_array(path, array, lambda digest: checksums.announce(path.name, digest)))

    def read_array(self, name: str, *, mmap_mode: MapMode | None = None) -> np.ndarray:
        """Read ``<name>.npy``; mapped, it takes no memory until it is looked at."""
        path = self.paths.array(name)
        self._checksums(path.name).verify(path.name)
        return read_array(path, advice=self._advice(path.name), mmap_mode=mmap_mode)

    def write_table(self, name: str, frame: pd.DataFrame) -> None:
        """Store a data frame as ``<name>.parquet``, without its index."""
        path = self.paths.table(name)
        checksums = self._checksums()
        checksums.settle(path.name, write_table(path, frame, lambda digest: checksums.announce(path.name, digest)))

    def read_table(self, name: str) -> pd.DataFrame:
        """Read ``<name>.parquet``."""
        path = self.paths.table(name)
        self._checksums(path.name).verify(path.name)
        return read_table(path, advice=self._advice(path.name))

    def write_json(self, name: str, value: Any) -> None:
        """Store a value as ``<name>.json``; NaN and infinity become null."""
        path = self.paths.json(name)
        checksums = self._checksums()
        checksums.settle(path.name, write_json(path, value, lambda digest: checksums.announce(path.name, digest)))

    def read_json(self, name: str) -> Any:
        """Read ``<name>.json``."""
        path = self.paths.json(name)
        self._checksums(path.name).verify(path.name)
        return read_json(path, advice=self._advice(path.name))

    def _checksums(self, file_name: str = "") -> Checksums:
        return Checksums(self.paths.checksums, advice=self._advice(file_name))

    @staticmethod
    def _advice(file_name: str) -> str:
        if file_name in _MADE_ANEW:
            return "delete it and start the same command again: it is made anew"
        return RESTORE
