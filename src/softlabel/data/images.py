"""Pictures of one shape as rows: taken, put below each other and read like rows of any other data."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol, Self

import numpy as np

from softlabel.errors import InputError

CHANNELS = (1, 3, 4)  # grey, RGB, RGB and opacity


class PixelStore(Protocol):
    """Where pixels lie; a store never changes, and any number of ``Images`` share it."""

    shape: tuple[int, int, int]  # (h, w, c) of one picture
    lazy: bool  # whether reading decodes

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Return (r, h, w, c) uint8, C-contiguous and new, at positions (r,) of the store."""

    def digests(self, rows: np.ndarray) -> np.ndarray:
        """Return (r, 32) uint8: the SHA-256 of what each of these pictures was made from."""


class ArrayPixels:
    """Pixels in memory.

    Parameters
    ----------
    pixels : (n, h, w, c) uint8
    digests : (n, 32) uint8 or None
        Digests of the files that the pixels were decoded from; None: of the pixels themselves.
    """

    lazy = False

    def __init__(self, pixels: np.ndarray, digests: np.ndarray | None = None) -> None:
        self.pixels, self._digests = pixels, digests
        self.shape: tuple[int, int, int] = (int(pixels.shape[1]), int(pixels.shape[2]), int(pixels.shape[3]))

    def read(self, rows: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.asarray(self.pixels)[rows])  # (r, h, w, c)

    def digests(self, rows: np.ndarray) -> np.ndarray:
        if self._digests is not None:
            return self._digests[rows]  # (r, 32)
        found = np.empty((len(rows), 32), dtype=np.uint8)  # (r, 32)
        for at, row in enumerate(rows):
            picture = np.ascontiguousarray(self.pixels[row])
            found[at] = np.frombuffer(hashlib.sha256(picture.data).digest(), dtype=np.uint8)
        return found


class MappedPixels(ArrayPixels):
    """Pixels in an .npy file, mapped into memory: what is read comes from the disk, or from the system's cache of it.

    Pickled, it is the path alone, so that sending it to another process on the same machine costs nothing.
    """

    def __init__(self, path: str, digests: np.ndarray) -> None:
        self.path = path
        super().__init__(np.load(path, mmap_mode="r", allow_pickle=False), digests)

    def __reduce__(self) -> tuple[Any, ...]:
        return MappedPixels, (self.path, self._digests)


class Images:
    """Pictures of one shape, as rows.

    What is above this floor needs only ``len``, ``shape``, ``take`` and ``concatenate`` to split and join them, and
    ``read`` to get at pixels. They are no array on purpose (there is no ``__array__``): only who asks for pixels pays.

    Parameters
    ----------
    stores : tuple of stores of pixels
        All of the same (h, w, c).
    store : (n,) int
        In which store each picture lies.
    rows : (n,) int
        At which position there.

    Raises
    ------
    InputError
        If there is no store, or two have pictures of different shapes.

    Examples
    --------
    >>> images = Images.from_array(np.zeros((10, 28, 28), dtype=np.uint8))
    >>> images.shape
    (10, 28, 28, 1)
    >>> images.take([3, 3, 1]).read().shape
    (3, 28, 28, 1)
    """

    ndim = 4
    dtype = np.dtype(np.uint8)

    def __init__(self, stores: tuple[PixelStore, ...], store: np.ndarray, rows: np.ndarray) -> None:
        shapes = sorted({one.shape for one in stores})
        if len(shapes) != 1:
            raise InputError(
                f"pictures have the shapes {' and '.join(describe(shape) for shape in shapes)}; give all of one size and "
                "with the same colours"
            )
        self._stores, self._store, self._rows = stores, store, rows

    @classmethod
    def of_store(cls, store: PixelStore, n: int) -> Self:
        """Return all n pictures of a store."""
        return cls((store,), np.zeros(n, dtype=np.int32), np.arange(n))

    @classmethod
    def from_array(cls, array: np.ndarray) -> Self:
        """Return the pictures of an array, without copying it where it can be used as it is.

        Parameters
        ----------
        array : (n, h, w) or (n, h, w, c) uint8
            c is 1 (grey), 3 (RGB) or 4 (RGB and opacity, which is laid on white). Without c they are grey.

        Raises
        ------
        InputError
            If the array has another type or shape.
        """
        array = np.asarray(array)
        if array.dtype != np.uint8:
            raise InputError(
                f"pictures are an array of {array.dtype}; give bytes from 0 to 255 (uint8), such as "
                "(255 * X).round().astype('uint8') for values from 0 to 1"
            )
        if array.ndim == 3:
            array = array[..., None]  # (n, h, w, 1)
        if array.ndim != 4 or 0 in array.shape[1:]:
            raise InputError(
                f"pictures have shape {array.shape}; give (n, height, width) or (n, height, width, colours)"
            )
        if array.shape[3] not in CHANNELS:
            first = array.shape[1] in CHANNELS
            raise InputError(
                f"pictures of shape {array.shape} would have {array.shape[3]} colours, which may be 1, 3 or 4; "
                + ("colours stand last: give X.transpose(0, 2, 3, 1)" if first else "colours stand last")
            )
        pixels = on_white(array) if array.shape[3] == 4 else np.ascontiguousarray(array)  # (n, h, w, c)
        return cls.of_store(ArrayPixels(pixels), len(pixels))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(n, h, w, c)."""
        return (len(self._rows), *self._stores[0].shape)

    @property
    def lazy(self) -> bool:
        """Whether reading decodes: then it is worth doing in other processes, ahead of its use."""
        return any(store.lazy for store in self._stores)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Images({len(self)} of {describe(self.shape[1:])}{', decoded when read' if self.lazy else ''})"

    def take(self, rows: Any) -> Images:
        """Return the pictures at positions (r,), in this order; they share the pixels, none is copied."""
        rows = np.asarray(rows)
        rows = rows.astype(np.intp) if rows.size == 0 else rows
        return Images(self._stores, self._store[rows], self._rows[rows])

    def concatenate(self, other: Images) -> Images:
        """Return these pictures with others of the same shape below them; no pixels are copied.

        Raises
        ------
        InputError
            If the others have another height, width or number of colours.
        """
        if other.shape[1:] != self.shape[1:]:
            raise InputError(
                f"pictures of {describe(other.shape[1:])} cannot stand below pictures of {describe(self.shape[1:])}; give "
                "all of one size and with the same colours"
            )
        stores = list(self._stores)
        for store in other._stores:
            if not any(store is known for known in stores):
                stores.append(store)
        position = np.array([next(at for at, known in enumerate(stores) if known is store) for store in other._stores])
        return Images(
            tuple(stores),
            np.concatenate([self._store, position[other._store].astype(np.int32)]),
            np.concatenate([self._rows, other._rows]),
        )

    def read(self, rows: Any = None) -> np.ndarray:
        """Return pixels, decoded where they are not yet.

        Parameters
        ----------
        rows : (r,) int positions or None
            Which of these pictures; None: all.

        Returns
        -------
        (r, h, w, c) uint8
            A new array, C-contiguous.

        Raises
        ------
        InputError
            If a picture that is decoded only now cannot be read any more, or has changed since it was checked.
        """
        return self._collect(rows, "read", self.shape[1:])

    def digests(self) -> np.ndarray:
        """Return (n, 32) uint8: the SHA-256 of the file that each picture came from, or of its pixels in an array."""
        return self._collect(None, "digests", (32,))

    def _collect(self, rows: Any, method: str, shape: tuple[int, ...]) -> np.ndarray:
        at = slice(None) if rows is None else np.asarray(rows, dtype=np.intp)
        store, positions = self._store[at], self._rows[at]  # (r,), (r,)
        if len(self._stores) == 1:
            return getattr(self._stores[0], method)(positions)
        found = np.empty((len(positions), *shape), dtype=np.uint8)  # (r, ...)
        for number, one in enumerate(self._stores):
            here = np.flatnonzero(store == number)
            if len(here):
                found[here] = getattr(one, method)(positions[here])
        return found


def as_images(X: Any) -> Images:
    """Return pictures as ``Images``, or refuse what are none."""
    if isinstance(X, Images):
        return X
    if isinstance(X, np.ndarray):
        return Images.from_array(X)
    raise InputError(
        f"X is a {type(X).__name__}; give pictures: Images, or an array of bytes (n, height, width, colours)"
    )


def describe(shape: tuple[int, ...]) -> str:
    """Return (h, w, c) in words: "32 x 48, 3 colours", width first as pictures are spoken of."""
    height, width, channels = shape
    return f"{width} x {height}, {channels} colour{'s' if channels > 1 else ''}"


def on_white(pixels: np.ndarray) -> np.ndarray:
    """Lay (n, h, w, 4) RGB and opacity on white: colour * opacity + 255 * (1 - opacity), rounded; (n, h, w, 3)."""
    laid = np.empty((*pixels.shape[:3], 3), dtype=np.uint8)  # (n, h, w, 3)
    for row, picture in enumerate(
        pixels
    ):  # one by one: the wider integers of all at once would take eight times the memory
        opacity = picture[..., 3:].astype(np.uint32)
        laid[row] = (picture[..., :3] * opacity + 255 * (255 - opacity) + 127) // 255
    return laid
