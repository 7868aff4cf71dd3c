"""Writes that are whole or not there at all.

Everything is written beside its place under a name that nobody reads, brought to the disk, and renamed into place,
which the operating system does in one step. A writer that is killed leaves at most such a name behind; the next owner
of the folder removes it (``remove_leftovers``), and nothing ever reads half a file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from softlabel.errors import StorageError
from softlabel.store.json_values import plain

ASIDE = ".writing-"  # how the name of anything begins that is not yet whole
_ASIDE_NAME = re.compile(rf"^{re.escape(ASIDE)}[0-9a-f]{{12}}-")
_BLOCK = 1 << 20

Announce = Callable[[str], None]  # told the SHA-256 of a file that is written and about to be put in place


class HashedWriter:
    """A file that is being written, and the SHA-256 of what was written so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        """Write bytes or anything with a buffer of bytes."""
        view = memoryview(data).cast("B")
        self._digest.update(view)
        self._file.write(view)
        return len(view)

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits."""
        return self._digest.hexdigest()


@contextlib.contextmanager
def writing(path: str | Path, announce: Announce | None = None) -> Iterator[HashedWriter]:
    """Give a writer; when the block ends well the file stands at ``path``, else nothing has changed there.

    Folders on the way are made. An existing file is replaced. ``announce`` is called between writing and replacing.

    Raises
    ------
    StorageError
        If the disk refuses: full, read-only, no permission, a file where a folder is needed.
    """
    path = Path(path)
    aside = _aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(aside, "xb") as file:
            writer = HashedWriter(file)
            yield writer
            file.flush()
            os.fsync(file.fileno())
        if announce is not None:
            announce(writer.sha256)
        os.replace(aside, path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            raise storage_error(path, error) from error
        raise


@contextlib.contextmanager
def write_folder(path: str | Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well it stands at ``path`` with all that was put in it.

    An existing folder is replaced. Between the two renames that this takes there is none for an instant, never a
    mixture.
    """
    path = Path(path)
    aside = _aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir()
        yield aside
        _sync_tree(aside)
        if path.exists():
            replaced = _aside(path)
            os.replace(path, replaced)
            os.replace(aside, path)
            _remove_tree(replaced)
        else:
            os.replace(aside, path)
        _sync_folder(path.parent)
    except BaseException as error:
        _remove_tree(aside)
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            raise storage_error(path, error) from error
        raise


def write_bytes(path: str | Path, data: bytes, announce: Announce | None = None) -> str:
    """Write bytes; return their SHA-256."""
    with writing(path, announce) as writer:
        writer.write(data)
    return writer.sha256


def write_text(path: str | Path, text: str) -> str:
    """Write text as UTF-8; return the SHA-256 of the file."""
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, value: Any, announce: Announce | None = None) -> str:
    """Write JSON, indented, keys in the order given; return the SHA-256 of the file.

    NumPy numbers and arrays become plain ones. NaN and infinity, which JSON does not have, become null.
    """
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return write_bytes(path, text.encode("utf-8"), announce)


def write_array(path: str | Path, array: np.ndarray, announce: Announce | None = None) -> str:
    """Write an array in NumPy's .npy format; return the SHA-256 of the file. Equal arrays give equal files.

    Raises
    ------
    StorageError
        If the disk refuses.
    ValueError
        If the array holds Python objects: those would need pickle.
    """
    array = np.require(array, requirements="C")  # the order in memory is part of the format
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    with writing(path, announce) as writer:
        np.lib.format.write_array(writer, array, allow_pickle=False)
    return writer.sha256


def remove_file(path: str | Path) -> None:
    """Remove a file; nothing happens if there is none."""
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error


def remove_folder(path: str | Path) -> None:
    """Remove a folder with all that is in it, in one step as seen from outside; nothing happens if there is none."""
    path = Path(path)
    aside = _aside(path)
    try:
        os.replace(path, aside)
    except FileNotFoundError:
        return
    except OSError as error:
        raise storage_error(path, error) from error
    _remove_tree(aside)


def remove_leftovers(folder: str | Path) -> int:
    """Remove what killed writers left anywhere below a folder; return how many files and folders that were.

    Only for the owner of the folder: what another process is just writing looks the same.
    """
    found = [
        path for path in Path(folder).rglob(f"{ASIDE}*") if not any(p.name.startswith(ASIDE) for p in path.parents)
    ]
    for path in found:
        if path.is_dir():
            _remove_tree(path)
        else:
            path.unlink(missing_ok=True)
    return len(found)


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file, read block by block.

    Raises
    ------
    FileNotFoundError, StorageError
        If there is none; if it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions and the disk"
        ) from error
    return digest.hexdigest()


def storage_error(path: str | Path, error: OSError) -> StorageError:
    """Return an error that says what the disk refused and what to do about it, in one line."""
    reason = error.strerror or str(error)
    path = Path(*(_ASIDE_NAME.sub("", part) for part in Path(path).parts))  # the name that a reader knows
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "free some space there, or choose a folder on another disk, and start the same command again"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        advice = "choose another folder, or change the permissions of this one"
    elif error.errno in (errno.ENOTDIR, errno.EEXIST):
        advice = "a file stands where a folder is needed: choose another folder, or move that file"
    else:
        advice = "check the disk, or choose another folder"
    refused = StorageError(f"{path} could not be written ({reason}); {advice}")
    refused.errno = error.errno
    return refused


def _aside(path: Path) -> Path:
    return path.with_name(f"{ASIDE}{secrets.token_hex(6)}-{path.name}")


def _remove_tree(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; where folders cannot be opened (Windows) the system does so itself."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            _sync_folder(path)
            continue
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
    _sync_folder(folder)
