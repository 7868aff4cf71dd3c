"""What is known of encoded pictures before they are used: digests, sizes, colour modes, and which are broken."""

from __future__ import annotations

import contextlib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from softlabel.data.encoded_images import EncodedImages, digest_of
from softlabel.data.image_decoding import UnreadableImageError, inspect
from softlabel.errors import InputError

_AHEAD = 16  # blocks that are under way at once, which bounds the memory
_BLOCK = 32  # pictures that a thread takes at once: handing over one by one takes longer than decoding a small one
_MOST_THREADS = 8
_SHOWN_BROKEN = 20
_SHOWN_SIZES = 3
_LEAST_SIDE = 8

R = TypeVar("R")


@dataclass(frozen=True)
class Survey:
    """The heads of n pictures.

    Attributes
    ----------
    digests : (n, 32) uint8
        SHA-256 of the encoded bytes; zeros where broken.
    sizes : (n, 2) int64
        Width and height; zeros where broken.
    modes : list of str
        Pillow's names of how colours are stored; "" where broken.
    broken : dict
        Row and reason of pictures whose bytes or heads cannot be read. Others may still turn out to be cut short.
    """

    digests: np.ndarray
    sizes: np.ndarray
    modes: list[str]
    broken: dict[int, str]


def survey(encoded: EncodedImages) -> Survey:
    """Read all pictures once, decoding none.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    """

    def look(row: int) -> tuple[bytes, int, int, str] | str:
        try:
            data = encoded.read(row)
            return digest_of(data), *inspect(data)
        except UnreadableImageError as error:
            return error.reason

    n = len(encoded)
    digests, sizes = np.zeros((n, 32), dtype=np.uint8), np.zeros((n, 2), dtype=np.int64)
    modes, broken = [""] * n, {}
    for row, seen in enumerate(in_order(look, n)):
        if isinstance(seen, str):
            broken[row] = seen
        else:
            digests[row] = np.frombuffer(seen[0], dtype=np.uint8)
            sizes[row], modes[row] = seen[1:3], seen[3]
    return Survey(digests, sizes, modes, broken)


def refuse_broken(encoded: EncodedImages, broken: Mapping[int, str]) -> None:
    """Refuse broken pictures, all in one message.

    Raises
    ------
    InputError
        If there are any; names the first 20 and why each cannot be read.
    """
    if not broken:
        return
    named = [f"{encoded.names[row]} ({broken[row]})" for row in sorted(broken)[:_SHOWN_BROKEN]]
    more = f" and {len(broken) - _SHOWN_BROKEN} more" if len(broken) > _SHOWN_BROKEN else ""
    raise InputError(
        f"{len(broken)} of {len(encoded)} pictures cannot be read: {', '.join(named)}{more}; mend or remove them"
    )


def common_shape(found: Survey, size: int | None) -> tuple[int, int, int]:
    """Return the (h, w, 3) that all pictures decode to.

    Raises
    ------
    InputError
        If their sizes differ and no ``size`` is given; says which there are and which number would suit.
    """
    if size is not None:
        return size, size, 3
    sizes = Counter((int(width), int(height)) for width, height in found.sizes)
    if len(sizes) == 1:
        ((width, height),) = sizes
        return height, width, 3
    shown = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN_SIZES]
    listed = ", ".join(f"{count} of {width} x {height}" for (width, height), count in shown)
    more = f" and {len(sizes) - _SHOWN_SIZES} more" if len(sizes) > _SHOWN_SIZES else ""
    suits = max(int(np.median(found.sizes.min(axis=1))), _LEAST_SIDE)
    raise InputError(
        f"pictures have {len(sizes)} sizes (width x height): {listed}{more}; give --image-size N to make all N x N, such as "
        f"--image-size {suits}, the median of their shorter sides"
    )


def warn_of_modes(found: Survey) -> None:
    """Warn where pictures store colours in different ways, which may tell of a mixture that nobody meant."""
    modes = Counter(found.modes)
    if len(modes) > 1:
        listed = ", ".join(
            f"{count} {mode}" for mode, count in sorted(modes.items(), key=lambda one: (-one[1], one[0]))
        )
        warnings.warn(f"pictures have several colour modes ({listed}); all are read as RGB", stacklevel=4)


def in_order(function: Callable[[int], R], n: int) -> Iterator[R]:
    """Return function(0), ..., function(n - 1) in this order, computed by threads a little ahead.

    Decoders let other threads run, so this takes about as many cores as there are; the results do not depend on it.
    """
    import joblib

    def block(start: int) -> list[R]:
        return [function(row) for row in range(start, min(start + _BLOCK, n))]

    starts = range(0, n, _BLOCK)
    with ThreadPoolExecutor(min(_MOST_THREADS, joblib.cpu_count())) as pool:
        for first in range(0, len(starts), _AHEAD):
            for done in pool.map(block, starts[first : first + _AHEAD]):
                yield from done


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep back what Pillow warns of, which names no file; what matters of it is refused by name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\..*")
        yield
