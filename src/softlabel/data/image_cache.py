"""Each picture is decoded once and kept as bytes: in memory, or in a file that is mapped into it, where these have room.

Where neither has, pictures are decoded whenever they are read, which gives the same pixels. They are all decoded once
even then, so that broken ones are known before anything is trained.
"""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from softlabel.data.encoded_images import DecodedOnDemand, EncodedImages
from softlabel.data.image_decoding import UnreadableImageError, decode
from softlabel.data.image_survey import common_shape, in_order, quiet, refuse_broken, survey, warn_of_modes
from softlabel.data.images import ArrayPixels, Images, MappedPixels
from softlabel.errors import InputError, StorageError
from softlabel.store.atomic import writing

Cache = Literal["auto", "memory", "disk", "none"]
CACHES = ("auto", "memory", "disk", "none")

_SHARE_OF_MEMORY = 0.25  # of what is available; learners and processes need the rest
_SHARE_OF_DISK = 0.5  # of what is free
_VERSION = b"softlabel pixels 1"  # changes whenever ``decode`` gives other pixels for the same bytes

Shape = tuple[int, int, int]


def load_images(
    encoded: EncodedImages,
    *,
    size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
    name: str = "pictures",
) -> Images:
    """Decode all pictures, and refuse all broken ones by name.

    Parameters
    ----------
    encoded : EncodedImages
        n files or byte strings, at least one.
    size : int or None
        Side of the square that each picture is resized to and cut from; None where all have one size.
    cache : "auto", "memory", "disk" or "none"
        Where pixels are kept. "auto": in memory if they take at most a quarter of what is available (``MemAvailable`` of
        Linux and the limit of the control group; elsewhere half of what is installed); else in an .npy file if there is
        a folder for it and they take at most half of the free space; else nowhere. Results are the same.
    cache_folder : path or None
        Folder of the .npy file. Its name is a digest of the encoded pictures and the size, so a file that is there
        already is used as it is.
    name : str
        How the name of the .npy file begins.

    Returns
    -------
    Images
        (n, h, w, 3), with digests of the encoded bytes.

    Raises
    ------
    InputError
        If there is no picture, pictures are broken (all of them are named), sizes differ and no ``size`` is given, or
        ``cache="disk"`` has no folder.
    StorageError
        If ``cache="disk"`` and the disk refuses.
    MissingExtraError
        If Pillow is not installed.
    """
    _check(encoded, size, cache, cache_folder)
    with quiet():
        found = survey(encoded)
        if found.broken:
            _refuse_all_broken(encoded, size, found.broken)
    shape = common_shape(found, size)
    warn_of_modes(found)
    file = None if cache_folder is None else _cache_file(Path(cache_folder), name, found.digests, shape, size)
    with quiet():
        kept = _choose(cache, file, len(encoded), shape)
        if kept == "memory":
            return _in_memory(encoded, shape, size, found.digests)
        if kept == "disk" and file is not None:
            try:
                return _on_disk(encoded, shape, size, found.digests, file)
            except StorageError as error:
                if cache == "disk":
                    raise
                warnings.warn(f"pictures are decoded whenever they are read: {error}", stacklevel=2)
        for _ in _decoded(encoded, size):
            pass
    return Images.of_store(DecodedOnDemand(encoded, shape, size, found.digests), len(encoded))


def available_memory() -> int:
    """Return about how many bytes of memory this process may still take."""
    limits = [_installed_memory() // 2]
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        limits = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")] or limits
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError, IndexError):  # no Linux, or no limit, which is written "max"
        pass
    return min(limits)


def _installed_memory() -> int:
    import os

    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 4 << 30


def _check(encoded: EncodedImages, size: int | None, cache: str, cache_folder: str | Path | None) -> None:
    if len(encoded) == 0:
        raise InputError("there are no pictures; give at least one")
    if cache not in CACHES:
        raise InputError(f"cache={cache!r}; give one of {', '.join(CACHES)}")
    if cache == "disk" and cache_folder is None:
        raise InputError("cache='disk' needs a folder to write to; give cache_folder, or another cache")
    if size is not None and size < 1:
        raise InputError(f"image_size={size}; give the side of the square in pixels, at least 1")


def _refuse_all_broken(encoded: EncodedImages, size: int | None, broken: dict[int, str]) -> None:
    """Decode also what has a good head, so that one message names all broken pictures."""
    good = [row for row in range(len(encoded)) if row not in broken]
    seen = in_order(lambda at: _pixels(encoded, good[at], size), len(good))
    cut = {row: reason for row, reason in zip(good, seen, strict=True) if isinstance(reason, str)}
    refuse_broken(encoded, broken | cut)


def _decoded(encoded: EncodedImages, size: int | None) -> Iterator[np.ndarray]:
    """Give (h, w, 3) pixels one by one; at the end refuse all that turned out to be broken on the way.

    After the first broken picture none is given any more: the rest is only looked at.
    """
    broken: dict[int, str] = {}
    for row, seen in enumerate(in_order(lambda row: _pixels(encoded, row, size), len(encoded))):
        if isinstance(seen, str):
            broken[row] = seen
        elif not broken:
            yield seen
    refuse_broken(encoded, broken)


def _pixels(encoded: EncodedImages, row: int, size: int | None) -> np.ndarray | str:
    """Return (h, w, 3), or why there is none."""
    try:
        return decode(encoded.read(row), size)
    except UnreadableImageError as error:
        return error.reason


def _choose(cache: str, file: Path | None, n: int, shape: Shape) -> str:
    if cache != "auto":
        return cache
    needed = n * int(np.prod(shape))
    if needed <= _SHARE_OF_MEMORY * available_memory():
        return "memory"
    if file is None:
        return "none"
    return "disk" if file.exists() or needed <= _SHARE_OF_DISK * _free_space(file.parent) else "none"


def _free_space(folder: Path) -> int:
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path())
    return shutil.disk_usage(there).free


def _in_memory(encoded: EncodedImages, shape: Shape, size: int | None, digests: np.ndarray) -> Images:
    try:
        pixels = np.empty((len(encoded), *shape), dtype=np.uint8)  # (n, h, w, 3)
    except MemoryError as error:
        raise InputError(
            f"{len(encoded)} pictures of {shape[1]} x {shape[0]} do not fit in the memory; give --cache disk or none"
        ) from error
    for row, picture in enumerate(_decoded(encoded, size)):
        pixels[row] = picture
    return Images.of_store(ArrayPixels(pixels, digests), len(pixels))


def _on_disk(encoded: EncodedImages, shape: Shape, size: int | None, digests: np.ndarray, file: Path) -> Images:
    whole = (len(encoded), *shape)
    if not _holds(file, whole):
        with writing(file) as writer:
            np.lib.format.write_array_header_1_0(
                writer,
                {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False, "shape": whole},
            )
            for picture in _decoded(encoded, size):
                writer.write(picture)
    return Images.of_store(MappedPixels(str(file.absolute()), digests), len(encoded))


def _holds(file: Path, shape: tuple[int, ...]) -> bool:
    """Return whether a file is there and has all pixels."""
    try:
        there = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return False
    return there.shape == shape and there.dtype == np.uint8


def _cache_file(folder: Path, name: str, digests: np.ndarray, shape: Shape, size: int | None) -> Path:
    digest = hashlib.sha256(_VERSION + repr((shape, size)).encode())
    digest.update(np.ascontiguousarray(digests).tobytes())
    return folder / f"{name}-{digest.hexdigest()[:24]}.npy"
