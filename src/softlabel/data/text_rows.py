"""Rows that are texts: one Python text a row, whatever they came in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.data.rows import as_rows
from softlabel.errors import InputError


def text_rows(X: Any) -> NDArray[np.object_]:
    """Return texts as an array (n,) of ``str``; what was given is not changed.

    Parameters
    ----------
    X : (n,) array, list or series of str
        A single column (n, 1), of a data frame say, counts as texts too. An empty text is one.

    Raises
    ------
    InputError
        If X is one text instead of several, has several columns, or a row is no text (says which row holds what, and how
        many such rows there are).

    Examples
    --------
    >>> text_rows(["a film", "no film"]).shape
    (2,)
    """
    if isinstance(X, (str, bytes)):
        raise InputError(f"X is a single text, {_shown(X)}; give a list of texts, one a row")
    # A list is not left to NumPy to read, which would make texts of numbers that stand beside texts.
    given = X if isinstance(X, (list, tuple)) else as_rows(X)
    array = np.asarray(given, dtype=object)  # (n,), or (n, 1)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise InputError(
            f"X has the shape {array.shape}, and texts come one a row, (n,); give the column that holds them"
        )
    others = [row for row, text in enumerate(array) if not isinstance(text, str)]
    if others:
        also = f" (and {len(others) - 1} further rows hold no text)" if len(others) > 1 else ""
        raise InputError(
            f"X holds {_shown(array[others[0]])} ({type(array[others[0]]).__name__}) in row {others[0]}{also}; give texts (str) "
            "only: leave rows without a text out, or give '' for them"
        )
    texts = np.empty(len(array), dtype=object)  # (n,)
    texts[:] = [str(text) for text in array]  # NumPy's own texts become Python's
    return texts


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
