"""Writing labels of crops, of a teacher's or of one's own, shard by shard; a writer that is killed goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from softlabel.errors import InputError, RunConflictError, RunError
from softlabel.store.atomic import ASIDE, remove_leftovers, write_array
from softlabel.store.crop_format import (
    FORMAT_VERSION,
    RESTORE,
    CropPaths,
    check_order,
    check_pictures,
    new_record,
    shard_bounds,
    verified_array,
)
from softlabel.store.crop_shards import checked_crops, write_shard
from softlabel.store.json_values import plain
from softlabel.store.lock import RunLock
from softlabel.store.sealed import read_sealed, write_sealed
from softlabel.targets.top_classes import top_classes


class CropStoreWriter:
    """Writes a store of labels per crop; what is written can be read while it goes on.

    Parameters
    ----------
    folder : path
        New, empty, or a store that was begun with these very settings: it is gone on with.
    pictures : (n, 32) uint8
        What :func:`~softlabel.learners.picture_digests.picture_digests` returns of the pictures: by it they are found again, in
        whatever order and selection.
    classes : (k,) labels
        What the columns of probabilities stand for.
    n_crops : int
        Of each picture.
    input_size : (height, width)
        That crops are resized to.
    top : int, default=5
        Classes that are kept of each crop; the rest of the mass is spread evenly over the others.
    images_per_shard : int, default=256
        Pictures of the largest shard; all shards are equally large, to one picture.
    order : (n,) int, optional
        In which the pictures stand in the shards. A shuffled one makes a sample of all pictures of each shard.
    about : mapping, optional
        What else is to be known of the labels, as plain values: recipe, seed, teacher. A store with other values is another one.

    Raises
    ------
    RunConflictError
        On entry, if the folder holds a store with other settings: they are named.
    RunError, RunLockedError, DamagedRunError, NewerFormatError, StorageError
        On entry, if the folder holds something else, is being written by another process, is damaged, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from softlabel import CropStore, CropStoreWriter, picture_digests
    >>> X = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    >>> folder = tempfile.mkdtemp()
    >>> settings = dict(pictures=picture_digests(X), classes=["cat", "dog"], n_crops=2, input_size=(8, 8))
    >>> with CropStoreWriter(folder, **settings) as writer:
    ...     for rows in writer.missing():
    ...         boxes = np.tile([0, 0, 4, 4], (len(rows), 2, 1))  # (b, c, 4)
    ...         flips = np.zeros((len(rows), 2), dtype=bool)
    ...         writer.write(rows, boxes, flips, np.full((len(rows), 2, 2), 0.5))
    >>> CropStore(folder).read([4]).targets()
    array([[[0.5, 0.5],
            [0.5, 0.5]]], dtype=float32)
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        pictures: np.ndarray,
        classes: Sequence[Any] | np.ndarray,
        n_crops: int,
        input_size: tuple[int, int],
        top: int = 5,
        images_per_shard: int = 256,
        order: np.ndarray | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        for name, value in {"n_crops": n_crops, "top": top, "images_per_shard": images_per_shard}.items():
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise InputError(f"{name}={value!r}; give a whole number, 1 or more")
        names = np.asarray(classes).tolist()
        if not names or len(set(names)) != len(names):
            raise InputError(f"classes are {names[:6]}; give each class once, in the order of the columns")
        if len(input_size) != 2 or min(input_size) < 1:
            raise InputError(f"input_size={input_size!r}; give (height, width) in pixels")
        self.paths = CropPaths(folder)
        self._pictures = check_pictures(pictures)
        self._order = check_order(order, len(self._pictures))
        self._settings = {
            "classes": names,
            "n_crops": int(n_crops),
            "top": int(top),
            "input_size": (int(input_size[0]), int(input_size[1])),
            "images_per_shard": int(images_per_shard),
            "about": plain(dict(about or {})),
        }
        self._lock = RunLock(self.paths.lock)
        self._record: dict[str, Any] | None = None

    def __enter__(self) -> Self:
        refuse_foreign(self.paths)
        self._lock.acquire()
        try:
            self._record = self._gone_on_with() if self.paths.record.exists() else self._begun()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._record = None
        self._lock.release()

    @property
    def n_missing(self) -> int:
        """Pictures that have no labels yet."""
        return sum(len(rows) for rows in self.missing())

    def missing(self) -> Iterator[np.ndarray]:
        """Yield the positions (b,) of the pictures of each shard that is not there yet; write each before asking for the next."""
        record = self._opened()
        there = set(self.paths.shard_numbers())
        for number in range(record["n_shards"]):
            if number not in there:
                yield self._rows(number)

    def write(self, rows: np.ndarray, boxes: Any, flips: Any, probabilities: Any) -> None:
        """Write one shard.

        Parameters
        ----------
        rows : (b,) int
            As :meth:`missing` gave them.
        boxes : (b, c, 4) int
            Top, left, height and width of each crop in pixels of the picture.
        flips : (b, c) bool
            Whether it is mirrored, after it was cut.
        probabilities : (b, c, k) float
            Rows that sum to 1.

        Raises
        ------
        InputError
            If rows are no shard of this store, or an array cannot be stored.
        StorageError
            If the disk refuses.
        """
        self.write_top(rows, boxes, flips, *top_classes(np.asarray(probabilities), self._opened()["top"]))

    def write_top(self, rows: np.ndarray, boxes: Any, flips: Any, class_ids: Any, probabilities: Any) -> None:
        """Write one shard of which the top classes are known: ids and probabilities (b, c, t); otherwise as :meth:`write`."""
        record = self._opened()
        number = self._number_of(np.asarray(rows))
        write_shard(self.paths, number, checked_crops(boxes, flips, class_ids, probabilities, len(rows), record))

    def _opened(self) -> dict[str, Any]:
        if self._record is None:
            raise RunError(
                f"{self.paths.root} is not open for writing; write within `with CropStoreWriter(...) as writer:`"
            )
        return self._record

    def _begun(self) -> dict[str, Any]:
        remove_leftovers(self.paths.root)
        digests = {"pictures": write_array(self.paths.pictures, self._pictures)}
        if self._order is not None:
            digests["order"] = write_array(self.paths.order, self._order)
        record = self._wanted(digests)
        write_sealed(self.paths.record, record)
        return record

    def _gone_on_with(self) -> dict[str, Any]:
        record = read_sealed(self.paths.record, advice=RESTORE, newest_format=FORMAT_VERSION)
        remove_leftovers(self.paths.root)
        wanted = plain(self._wanted(record["sha256"]))
        differences = [
            f"{key} was {_shown(record.get(key))}, now {_shown(wanted.get(key))}"
            for key in sorted(record.keys() | wanted.keys())
            if record.get(key) != wanted.get(key) and key != "n_shards"
        ]
        if not differences:
            if not np.array_equal(verified_array(self.paths.pictures, record["sha256"]["pictures"]), self._pictures):
                differences.append("the pictures changed")
            before = record["sha256"].get("order")
            order = None if before is None else verified_array(self.paths.order, before)
            if not _same(order, self._order):
                differences.append("the order of the pictures changed")
        if differences:
            raise RunConflictError(
                f"{self.paths.root} holds other labels: {'; '.join(differences)}. Give another folder, or the same settings to go on"
            )
        return record

    def _wanted(self, digests: dict[str, str]) -> dict[str, Any]:
        return new_record(pictures=self._pictures, order=self._order, digests=digests, **self._settings)

    def _rows(self, number: int) -> np.ndarray:
        start, end = shard_bounds(self._opened(), number)
        return np.arange(start, end) if self._order is None else self._order[start:end]

    def _number_of(self, rows: np.ndarray) -> int:
        """Return which shard holds these rows, found by the first of them."""
        first = int(rows[0]) if rows.ndim == 1 and len(rows) else -1
        number = self._firsts.get(first, -1)
        if number < 0 or not np.array_equal(self._rows(number), rows):
            raise InputError(
                f"{len(rows)} rows are no shard of {self.paths.root}; give those that missing() gives, in their order"
            )
        return number

    @cached_property
    def _firsts(self) -> dict[int, int]:
        return {int(self._rows(number)[0]): number for number in range(self._opened()["n_shards"])}


def refuse_foreign(paths: CropPaths) -> None:
    """Refuse to write where something other than a store is.

    Raises
    ------
    RunError
    """
    if paths.root.exists() and not paths.root.is_dir():
        raise RunError(f"{paths.root} is a file; give a folder for the labels, which may be new")
    if not paths.root.exists() or paths.record.exists():
        return
    own = {paths.lock.name, paths.pictures.name, paths.order.name}  # of a writer that was killed as it began
    others = sorted(
        entry.name for entry in paths.root.iterdir() if entry.name not in own and not entry.name.startswith(ASIDE)
    )
    if others:
        raise RunError(
            f"{paths.root} is not empty and holds no labels of crops (it has {', '.join(others[:3])}"
            f"{', ...' if len(others) > 3 else ''}); nothing is written there: choose a new or an empty folder"
        )


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b)


def _shown(value: Any) -> str:
    text = "not given" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
