"""Reading labels of crops: whole stores, and those that are still being written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.errors import InputError, RunError
from softlabel.store.crop_format import (
    FORMAT_VERSION,
    RESTORE,
    CropPaths,
    shard_bounds,
    verified_array,
)
from softlabel.store.crop_shards import Crops, joined, read_shard
from softlabel.store.sealed import read_sealed

_HELD = 8  # shards that are kept in memory between two readings


class CropStore:
    """Labels of crops in a folder: boxes, flips, and the top classes of each.

    Parameters
    ----------
    folder : path

    Attributes
    ----------
    record : dict
        ``store.json``.
    classes : (k,) ndarray
        What the columns of target rows stand for.
    n_crops : int
        Of each picture.
    input_size : (height, width)
        That crops were resized to.
    pictures : (n, 32) uint8
        Digest of each picture.

    Raises
    ------
    RunError
        If the folder holds no store.
    DamagedRunError, NewerFormatError
        If it is damaged, or of a newer format.

    Examples
    --------
    >>> store = CropStore("labels")  # doctest: +SKIP
    >>> store.read([0, 7]).targets().shape  # doctest: +SKIP
    (2, 16, 10)
    """

    def __init__(self, folder: str | Path) -> None:
        self.paths = CropPaths(folder)
        if not self.paths.record.exists():
            what = "holds no labels of crops" if self.paths.root.is_dir() else "does not exist"
            raise RunError(f"{folder} {what}; give a folder that softlabel label or CropStoreWriter wrote")
        self.record: dict[str, Any] = read_sealed(self.paths.record, advice=RESTORE, newest_format=FORMAT_VERSION)
        self.classes = np.asarray(self.record["classes"])
        self.n_crops: int = self.record["n_crops"]
        height, width = self.record["input_size"]
        self.input_size: tuple[int, int] = (height, width)
        self._held: dict[int, Crops] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return CropStore, (str(self.paths.root),)

    def __repr__(self) -> str:
        return f"CropStore({str(self.paths.root)!r})"

    def __len__(self) -> int:
        """Pictures that the store is for, labelled or not yet."""
        return int(self.record["n_images"])

    @staticmethod
    def exists(folder: str | Path) -> bool:
        """Return whether a folder holds a store, whole or not."""
        return CropPaths(folder).record.exists()

    @property
    def done(self) -> bool:
        """Whether all pictures have their labels by now."""
        return len(self.paths.shard_numbers()) == self.record["n_shards"]

    @property
    def n_labelled(self) -> int:
        """Pictures that have labels by now."""
        bounds = (shard_bounds(self.record, number) for number in self.paths.shard_numbers())
        return sum(end - start for start, end in bounds)

    def labelled(self) -> np.ndarray:
        """Return which pictures (n,) have labels by now."""
        there = np.zeros(self.record["n_shards"], dtype=bool)
        there[self.paths.shard_numbers()] = True
        return there[self._place[:, 0]]

    @cached_property
    def pictures(self) -> np.ndarray:
        """Digests (n, 32) of the pictures."""
        return verified_array(self.paths.pictures, self.record["sha256"]["pictures"])

    @property
    def n_bytes(self) -> int:
        """Bytes of all its files by now."""
        return sum(path.stat().st_size for path in self.paths.root.rglob("*") if path.is_file())

    def shards(self) -> Iterator[tuple[np.ndarray, Crops]]:
        """Yield each shard that is there: positions (b,) of its pictures, and their crops; against the checksums."""
        for number in self.paths.shard_numbers():
            yield self._rows(number), read_shard(self.paths, number, len(self.classes))

    def read(self, rows: Any) -> Crops:
        """Return the crops of pictures at positions (b,), in this order.

        Raises
        ------
        InputError
            If a position is none, or a picture has no labels yet.
        DamagedRunError
            If a shard is damaged.
        """
        rows = np.asarray(rows, dtype=np.intp)  # (b,)
        if rows.ndim != 1 or (len(rows) and not (rows.min() >= 0 and rows.max() < len(self))):
            raise InputError(f"rows are {rows.tolist()[:6]}; give positions from 0 to {len(self) - 1}")
        if not len(rows):
            raise InputError("no rows are asked for; give one position or more")
        there = set(self.paths.shard_numbers())
        shard, at = self._place[rows].T  # (b,), (b,)
        numbers = np.unique(shard)
        if absent := [number for number in numbers.tolist() if number not in there]:
            raise InputError(
                f"{np.isin(shard, absent).sum()} of {len(rows)} pictures have no labels in {self.paths.root} yet ({self.n_labelled} of "
                f"{len(self)} have); {self.how_to_finish()}, or read those of labelled()"
            )
        parts = [self._shard(number) for number in numbers.tolist()]
        starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])[
            :-1
        ]  # where each shard begins among these
        return joined(parts).take(starts[np.searchsorted(numbers, shard)] + at)

    def verify(self) -> int:
        """Check every file against its checksum; return how many shards there are.

        Raises
        ------
        DamagedRunError
            At the first file that is missing, cut short or was changed: names it, and says what to do.
        """
        _ = self.pictures, self._order
        return sum(1 for _ in self.shards())

    def how_to_finish(self) -> str:
        """Return what to do about labels that are missing, for messages."""
        return "start the command that writes it again, which goes on"

    @cached_property
    def _order(self) -> np.ndarray:
        digest = self.record["sha256"].get("order")
        return np.arange(len(self)) if digest is None else verified_array(self.paths.order, digest)

    @cached_property
    def _place(self) -> np.ndarray:
        """(n, 2): the shard of each picture, and its position in it."""
        place = np.empty((len(self), 2), dtype=np.intp)  # (n, 2)
        for number in range(self.record["n_shards"]):
            start, end = shard_bounds(self.record, number)
            place[self._order[start:end], 0] = number
            place[self._order[start:end], 1] = np.arange(end - start)
        return place

    def _rows(self, number: int) -> np.ndarray:
        start, end = shard_bounds(self.record, number)
        return self._order[start:end]

    def _shard(self, number: int) -> Crops:
        if number not in self._held:
            if len(self._held) >= _HELD:
                self._held.pop(next(iter(self._held)))  # the one that was read first
            self._held[number] = read_shard(self.paths, number, len(self.classes))
        return self._held[number]
