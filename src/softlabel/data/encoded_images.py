"""Pictures that are not decoded yet: files, or bytes that came in a table."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from softlabel.data.image_decoding import UnreadableImageError, decode
from softlabel.errors import InputError


class EncodedImages(Protocol):
    """n encoded pictures, and the names by which messages speak of them."""

    names: Sequence[str]

    def __len__(self) -> int: ...

    def read(self, row: int) -> bytes:
        """Return the encoded bytes of one picture.

        Raises
        ------
        UnreadableImageError
            If there is nothing to read; says why.
        """


class FileImages:
    """Pictures in files.

    Parameters
    ----------
    paths : paths of n files
    names : n texts
    """

    def __init__(self, paths: Iterable[str | Path], names: Iterable[Any]) -> None:
        self.paths = [str(path) for path in paths]
        self.names: Sequence[str] = [str(name) for name in names]

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, row: int) -> bytes:
        path = Path(self.paths[row])
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # to read a pipe would be to wait forever
                raise UnreadableImageError("a folder" if path.is_dir() else "no regular file")
            return path.read_bytes()
        except FileNotFoundError as error:
            reason = "a link to a file that does not exist" if path.is_symlink() else "does not exist"
            raise UnreadableImageError(reason) from error
        except PermissionError as error:
            raise UnreadableImageError("no permission to read it") from error
        except OSError as error:
            raise UnreadableImageError(error.strerror or "the disk refused") from error


class BytesImages:
    """Pictures in memory, encoded.

    All stand in one array, since sharing one large array with other processes costs nothing, and a hundred thousand
    small ones would be copied.
    """

    def __init__(self, cells: Sequence[bytes], names: Iterable[Any]) -> None:
        self._bytes = np.frombuffer(b"".join(cells), dtype=np.uint8)  # (total,)
        self._ends = np.cumsum([len(cell) for cell in cells], dtype=np.int64)  # (n,)
        self.names: Sequence[str] = [str(name) for name in names]

    def __len__(self) -> int:
        return len(self._ends)

    def read(self, row: int) -> bytes:
        start = self._ends[row - 1] if row > 0 else 0
        return self._bytes[start : self._ends[row]].tobytes()


class DecodedOnDemand:
    """A store of pixels that decodes each picture whenever it is read.

    Parameters
    ----------
    encoded : EncodedImages
        n pictures that have been checked.
    shape : (h, w, 3)
        What each of them decodes to.
    size : int or None
        As in ``decode``.
    digests : (n, 32) uint8
        SHA-256 of each encoded picture, against which each reading is checked: results must not depend on when a file
        was read.
    """

    lazy = True

    def __init__(
        self, encoded: EncodedImages, shape: tuple[int, int, int], size: int | None, digests: np.ndarray
    ) -> None:
        self.shape = shape
        self._encoded, self._size, self._digests = encoded, size, digests

    def read(self, rows: np.ndarray) -> np.ndarray:
        pixels = np.empty((len(rows), *self.shape), dtype=np.uint8)  # (r, h, w, 3)
        for at, row in enumerate(rows.tolist()):
            try:
                data = self._encoded.read(row)
                if digest_of(data) != self._digests[row].tobytes():
                    raise UnreadableImageError("changed since it was checked")
                pixels[at] = decode(data, self._size)
            except UnreadableImageError as error:
                raise InputError(
                    f"{self._encoded.names[row]} cannot be read any more ({error.reason}); put it back as it was, and "
                    "start again"
                ) from error
        return pixels

    def digests(self, rows: np.ndarray) -> np.ndarray:
        return self._digests[rows]  # (r, 32)


def digest_of(data: bytes) -> bytes:
    """Return the SHA-256 of an encoded picture, 32 bytes."""
    return hashlib.sha256(data).digest()
