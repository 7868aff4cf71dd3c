"""One shard of a store of labels per crop: checked, written whole, read against its checksums."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.store.arrays import read_array
from softlabel.store.atomic import write_array, write_folder
from softlabel.store.checksums import verify_file
from softlabel.store.crop_format import CropPaths
from softlabel.store.sealed import read_sealed, write_sealed
from softlabel.targets.top_classes import check_top, spread_rest


@dataclass(frozen=True)
class Crops:
    """Crops of b pictures, c of each, and what they are labelled with.

    Attributes
    ----------
    boxes : (b, c, 4) int16 or int32
        Top, left, height and width in pixels of the picture; may reach beyond it, where it is black.
    flips : (b, c) bool
        Whether left and right are swapped, after the box was cut and resized.
    class_ids : (b, c, t) unsigned integer
        The most probable classes, as positions among the classes of the store.
    probabilities : (b, c, t) float16
    k : int
        Classes in all.
    """

    boxes: np.ndarray
    flips: np.ndarray
    class_ids: np.ndarray
    probabilities: np.ndarray
    k: int

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, rows: Any) -> Crops:
        """Return the crops of pictures at positions (r,) of these."""
        return Crops(**{name: getattr(self, name)[rows] for name in _ARRAYS}, k=self.k)

    def targets(self) -> np.ndarray:
        """Return target rows (b, c, k) float32, the rest of the mass spread evenly."""
        return spread_rest(self.class_ids, self.probabilities, self.k)


_ARRAYS = tuple(field.name for field in fields(Crops) if field.name != "k")


def joined(parts: list[Crops]) -> Crops:
    """Return the crops of several shards, one after the other."""
    return Crops(**{name: np.concatenate([getattr(one, name) for one in parts]) for name in _ARRAYS}, k=parts[0].k)


def checked_crops(boxes: Any, flips: Any, class_ids: Any, probabilities: Any, n: int, record: dict[str, Any]) -> Crops:
    """Return crops of n pictures in the types that they are stored in, or refuse what cannot be stored.

    Raises
    ------
    InputError
        If shapes or types are others, a box has no area, or class ids and probabilities are none.
    """
    boxes, flips = np.asarray(boxes), np.asarray(flips)
    class_ids, probabilities = np.asarray(class_ids), np.asarray(probabilities)
    c, t, k = record["n_crops"], record["top"], len(record["classes"])
    wanted = {"boxes": (n, c, 4), "flips": (n, c), "class_ids": (n, c, t), "probabilities": (n, c, t)}
    given = {"boxes": boxes, "flips": flips, "class_ids": class_ids, "probabilities": probabilities}
    for name, shape in wanted.items():
        if given[name].shape != shape:
            raise InputError(
                f"{name} are {given[name].shape}; this shard takes {shape}: pictures, crops, and what each has"
            )
    if boxes.dtype.kind not in "iu" or flips.dtype != np.bool_:
        raise InputError(
            f"boxes are of {boxes.dtype} and flips of {flips.dtype}; give whole pixels (top, left, height, width) and booleans"
        )
    if boxes[..., 2:].min() < 1 or np.abs(boxes.astype(np.int64)).max() >= 2**31:
        raise InputError(
            "a box has a height or width below 1, or lies out of reach; give top, left, height, width in pixels"
        )
    check_top(class_ids, probabilities, k)
    narrow = boxes.min() >= -(2**15) and boxes.max() < 2**15
    return Crops(
        boxes.astype("<i2" if narrow else "<i4"),
        flips,
        class_ids.astype(np.dtype(record["class_ids"])),
        probabilities.astype("<f2"),
        k,
    )


def write_shard(paths: CropPaths, number: int, crops: Crops) -> None:
    """Put a shard in place in one step."""
    with write_folder(paths.shard(number)) as aside:
        digests = {name: write_array(aside / f"{name}.npy", getattr(crops, name)) for name in _ARRAYS}
        write_sealed(aside / paths.shard_record(number).name, {"n_images": len(crops), "sha256": digests})


def read_shard(paths: CropPaths, number: int, k: int) -> Crops:
    """Read a shard against its checksums.

    Raises
    ------
    DamagedRunError
        If a file is missing, cut short or was changed: names it, and says that the shard can be made anew.
    """
    folder = paths.shard(number)
    advice = f"delete the folder {folder} and label with the same settings again: it is made anew"
    record = read_sealed(paths.shard_record(number), advice=advice)
    arrays = {}
    for name in _ARRAYS:
        path = paths.array(number, name)
        verify_file(path, [record["sha256"][name]], advice=advice)
        arrays[name] = read_array(path, advice=advice)
    return Crops(**arrays, k=k)
