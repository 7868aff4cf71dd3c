"""Whether rows are pictures, told without torch and without reading more than one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from softlabel.data.images import Images
from softlabel.data.rows import n_rows, take


def pictures_in(X: Any) -> bool:
    """Return whether rows are pictures, which augmentation changes each time that they are seen.

    Parameters
    ----------
    X : n rows
        ``Images``, uint8 arrays (n, h, w) and (n, h, w, c), and objects with ``len`` and ``take(rows)`` whose parts are such arrays are
        pictures; a network takes all others as numbers, if it takes them: rows that become no array are for other learners.
    """
    if isinstance(X, (Images, np.ndarray)):
        return isinstance(X, Images) or _bytes_of_pictures(X)
    if isinstance(X, (list, tuple)) or hasattr(X, "__array__") or sparse.issparse(X) or n_rows(X) == 0:
        return False
    try:
        first = np.asarray(take(X, np.arange(1)))
    except (TypeError, ValueError):
        return False
    return _bytes_of_pictures(first)


def _bytes_of_pictures(array: np.ndarray) -> bool:
    return array.dtype == np.uint8 and array.ndim in (3, 4)
