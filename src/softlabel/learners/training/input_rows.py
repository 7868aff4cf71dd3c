"""Rows of X as tensors: pictures as uint8 (b, c, h, w), everything else as float32 (b, ...)."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from softlabel.data.images import Images
from softlabel.data.rows import n_rows, take
from softlabel.errors import InputError

_SHARE_OF_FREE_MEMORY = 0.25  # of a GPU, that the training pictures may fill


class InputRows(Protocol):
    """Training or test rows of one shape."""

    n: int
    shape: tuple[int, ...]  # of one row: (c, h, w) or (d,)
    pictures: bool

    def read(self, index: Tensor) -> Tensor:
        """Return rows (b, *shape) at positions (b,): uint8 for pictures, else float32."""


class PictureRows:
    """Rows of ``Images``; on a GPU with room for them, they are moved there once."""

    pictures = True

    def __init__(self, images: Images, device: torch.device) -> None:
        self._images, self.n = images, len(images)
        _, height, width, channels = images.shape
        self.shape: tuple[int, ...] = (channels, height, width)
        self._there: Tensor | None = None
        if device.type == "cuda" and not images.lazy:
            free = torch.cuda.mem_get_info(device)[0]
            if self.n * height * width * channels < _SHARE_OF_FREE_MEMORY * free:
                self._there = torch.from_numpy(images.read()).to(device)  # (n, h, w, c)

    def read(self, index: Tensor) -> Tensor:
        if self._there is not None:
            pixels = self._there[index.to(self._there.device)]  # (b, h, w, c)
        else:
            pixels = torch.from_numpy(self._images.read(index.numpy()))  # (b, h, w, c)
        return pixels.permute(0, 3, 1, 2)  # (b, c, h, w)


class NumberRows:
    """Rows of an array of numbers, converted once."""

    pictures = False

    def __init__(self, array: np.ndarray, device: torch.device) -> None:
        self.n, self.shape = len(array), tuple(array.shape[1:])
        values = torch.from_numpy(np.require(array, np.float32, ["C", "W"]))  # (n, ...) torch warns of read-only arrays
        free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0
        self._values = values.to(device) if values.nbytes < _SHARE_OF_FREE_MEMORY * free else values

    def read(self, index: Tensor) -> Tensor:
        return self._values[index.to(self._values.device)]  # (b, ...)


class LoadedRows:
    """Rows of any object with ``len`` and ``take(rows)`` whose parts can be made arrays, loaded batch by batch."""

    def __init__(self, X: Any) -> None:
        self._X, self.n = X, n_rows(X)
        first = _as_array(take(X, np.arange(1)), type(X).__name__)
        self.pictures = first.dtype == np.uint8 and first.ndim == 4
        self.shape = tuple(first.shape[1:] if not self.pictures else np.moveaxis(first, -1, 1).shape[1:])

    def read(self, index: Tensor) -> Tensor:
        part = _as_array(take(self._X, index.numpy()), type(self._X).__name__)
        if self.pictures:
            return torch.from_numpy(part).permute(0, 3, 1, 2)  # (b, c, h, w)
        return torch.from_numpy(np.require(part, np.float32, ["C", "W"]))


def input_rows(X: Any, device: torch.device) -> InputRows:
    """Return the rows of X for a network.

    Parameters
    ----------
    X : Images, array, data frame, or anything with ``len`` and ``take``
        uint8 arrays (n, h, w) and (n, h, w, c) are pictures; other arrays are numbers, channels first where they have
        three dimensions a row.

    Raises
    ------
    InputError
        If rows are no numbers, or not finite.
    """
    if isinstance(X, np.ndarray) and X.dtype == np.uint8 and X.ndim in (3, 4):
        X = Images.from_array(X)
    if isinstance(X, Images):
        return PictureRows(X, device)
    if isinstance(X, (np.ndarray, list, tuple)) or hasattr(X, "__array__"):
        array = _as_array(X, type(X).__name__)
        if not np.isfinite(array).all():
            raise InputError("X holds NaN or infinite values, which a network cannot learn from; fill or remove them")
        return NumberRows(array, device)
    return LoadedRows(X)


def _as_array(part: Any, kind: str) -> np.ndarray:
    array = np.asarray(part)
    if array.dtype == np.uint8 and array.ndim in (3, 4):
        return np.require(array if array.ndim == 4 else array[..., None], None, ["C", "W"])  # (b, h, w, c)
    if array.dtype.kind not in "biuf" or array.ndim < 2:
        raise InputError(
            f"rows of {kind} become an array of {array.dtype} and shape {array.shape}; a network takes numbers, one row an "
            "example, or pictures"
        )
    return array
