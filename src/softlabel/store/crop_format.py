"""What a store of labels per crop looks like on the disk: its names, its record, which pictures a shard holds.

::

    store.json  lock  pictures.npy  order.npy  shards/00000/  boxes.npy  flips.npy  class_ids.npy  probabilities.npy  shard.json

``store.json`` appears last when a store is begun, and a shard in one step when it is whole; nothing is changed after that. So
what is there can be read at any time, and how far the store is follows from which shards there are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.store.arrays import read_array
from softlabel.store.checksums import verify_file
from softlabel.store.sealed import FORMAT
from softlabel.targets.top_classes import class_id_type

FORMAT_VERSION = 1
KIND = "labels of crops"
RESTORE = "restore it from a copy, or label into another folder"


class CropPaths:
    """The layout of one store; no other file knows a name in it."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    @property
    def record(self) -> Path:
        """What the store is: format, classes, numbers of pictures and crops, where the labels come from."""
        return self.root / "store.json"

    @property
    def lock(self) -> Path:
        """Who writes at the moment."""
        return self.root / "lock"

    @property
    def pictures(self) -> Path:
        """(n, 32) uint8: the SHA-256 of each picture's file, or of its pixels."""
        return self.root / "pictures.npy"

    @property
    def order(self) -> Path:
        """(n,) int64: which pictures stand in the shards, one after the other; not there where they stand in their own order."""
        return self.root / "order.npy"

    @property
    def shards(self) -> Path:
        """The folder of all shards."""
        return self.root / "shards"

    def shard(self, number: int) -> Path:
        """Return the folder of a shard, counted from 0."""
        return self.shards / f"{number:05d}"

    def shard_record(self, number: int) -> Path:
        """Return the file of a shard's checksums."""
        return self.shard(number) / "shard.json"

    def array(self, number: int, name: str) -> Path:
        """Return an array of a shard."""
        return self.shard(number) / f"{name}.npy"

    def shard_numbers(self) -> list[int]:
        """Return the shards that are there, ascending; each of them is whole."""
        if not self.shards.is_dir():
            return []
        names = [entry.name for entry in self.shards.iterdir()]
        return sorted(int(name) for name in names if name.isdecimal() and name == f"{int(name):05d}")


def new_record(
    *,
    pictures: np.ndarray,
    order: np.ndarray | None,
    classes: Any,
    n_crops: int,
    top: int,
    input_size: tuple[int, int],
    images_per_shard: int,
    digests: dict[str, str],
    about: dict[str, Any],
) -> dict[str, Any]:
    """Return what ``store.json`` says of a store that is begun; equal stores have equal records, so there is no time in it."""
    k, n = len(classes), len(pictures)
    return {
        FORMAT: FORMAT_VERSION,
        "kind": KIND,
        "n_images": n,
        "n_crops": n_crops,
        "classes": classes,
        "top": min(top, k),
        "class_ids": class_id_type(k).name,
        "probabilities": "float16",
        "input_size": list(input_size),
        "n_shards": -(-n // images_per_shard),
        "images_per_shard": images_per_shard,
        "sha256": digests,
        **about,
    }


def shard_bounds(record: dict[str, Any], number: int) -> tuple[int, int]:
    """Return where a shard begins and ends in the order of the store: shards differ by one picture at most."""
    n, shards = record["n_images"], record["n_shards"]
    return n * number // shards, n * (number + 1) // shards


def verified_array(path: Path, digest: str) -> np.ndarray:
    """Read an array at the top of a store, against its checksum."""
    verify_file(path, [digest], advice=RESTORE)
    return read_array(path, advice=RESTORE)


def check_pictures(pictures: Any) -> np.ndarray:
    """Return digests of pictures (n, 32) uint8, or refuse what are none."""
    pictures = np.asarray(pictures)
    if pictures.dtype != np.uint8 or pictures.ndim != 2 or pictures.shape[1] != 32 or not len(pictures):
        raise InputError(
            f"pictures are an array {pictures.shape} of {pictures.dtype}; give what picture_digests(X) returns, (n, 32) bytes"
        )
    return pictures


def check_order(order: Any, n: int) -> np.ndarray | None:
    """Return an order of n pictures (n,) int64, None for their own; refuse one that leaves a picture out."""
    if order is None:
        return None
    order = np.asarray(order)
    if order.shape != (n,) or order.dtype.kind not in "iu" or not np.array_equal(np.sort(order), np.arange(n)):
        raise InputError(f"order is no order of {n} pictures; give each position from 0 to {n - 1} once, or None")
    return None if np.array_equal(order, np.arange(n)) else order.astype(np.int64)
