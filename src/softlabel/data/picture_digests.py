"""By what a picture is known again, wherever it stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.images import as_images


def picture_digests(X: Any) -> np.ndarray:
    """Return (n, 32) uint8: the SHA-256 of the file that each picture was read from, or of its pixels in an array.

    Parameters
    ----------
    X : Images, or (n, h, w) or (n, h, w, c) uint8

    Raises
    ------
    InputError
        If X is neither.

    Examples
    --------
    >>> picture_digests(np.zeros((3, 8, 8), dtype=np.uint8)).shape
    (3, 32)
    """
    return as_images(X).digests()


def found_rows(digests: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return where each picture (r, 32) stands among known ones (n, 32): positions (r,), -1 for those that are not there.

    Of known pictures that are equal the first is taken: they look the same.
    """
    places: dict[bytes, int] = {}
    for at, digest in enumerate(known):
        places.setdefault(digest.tobytes(), at)
    return np.array([places.get(digest.tobytes(), -1) for digest in digests], dtype=np.intp)  # (r,)
