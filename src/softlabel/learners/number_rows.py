"""Targets that are numbers: grades, or any other quantity, one column or several."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.errors import InputError


def as_number_rows(y: Any, n_rows: int, *, name: str = "y") -> NDArray[np.float32]:
    """Return numbers as target rows (n, m), or say what is wrong with them.

    Parameters
    ----------
    y : array-like (n,) or (n, m)
        Finite numbers.
    n_rows : int
        n, the rows of X.
    name : str
        What messages call it.

    Returns
    -------
    targets : (n, m) float32
        A new array; (n,) becomes (n, 1).

    Raises
    ------
    InputError
        If ``y`` is None or holds what is no finite number, or has another number of rows than X.

    Examples
    --------
    >>> as_number_rows([0, 1.5], 2)
    array([[0. ],
           [1.5]], dtype=float32)
    """
    if y is None:
        # scikit-learn's own wording, which its estimator checks look for
        raise InputError(f"{name} is None; fitting requires y to be passed, but the target y is None")
    try:
        given = np.asarray(y)
        if given.dtype.kind == "c":
            raise InputError(f"Complex data not supported: {name} holds {given.dtype}; give real numbers")
        numbers = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name} must hold one number, or one row of numbers, for each row of X ({reason})") from error
    rows = numbers[:, None] if numbers.ndim == 1 else numbers  # (n, m)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise InputError(
            f"{name} has shape {numbers.shape}; give one number for each row of X, (n,), or columns, (n, m)"
        )
    if len(rows) != n_rows:
        raise InputError(f"{name} has {len(rows)} rows for {n_rows} rows of X; give one for each")
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and told below
        targets = rows.astype(np.float32)
    bad = np.argwhere(~np.isfinite(targets))
    if bad.size:
        row, column = bad[0]
        raise InputError(
            f"{name} has {rows[row, column]:g} in row {row}, and {len(bad)} of {targets.size} values are no finite numbers; "
            "drop these rows or give them a value"
        )
    return targets
