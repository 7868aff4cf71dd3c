"""The largest entries of target rows, and rows made of them again: the rest of the mass is spread evenly."""

from __future__ import annotations

import numpy as np

from softlabel.errors import InputError

_SLACK = 1e-3  # by which a row's sum may miss 1
_BLOCK = 1 << 22  # entries that are sorted at once


def class_id_type(k: int) -> np.dtype:
    """Return the narrowest unsigned integer type that holds the ids of k classes: 0 to k - 1."""
    return np.min_scalar_type(max(k - 1, 0)).newbyteorder("<")


def top_classes(P: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``top`` most probable classes of each row, the most probable first; of equal ones the lower id.

    Parameters
    ----------
    P : (..., k) float
        Rows that sum to 1. They are not changed.
    top : int
        1 or more; k at most are kept.

    Returns
    -------
    ids : (..., t) unsigned integer, t = min(top, k)
        As wide as k needs.
    probabilities : (..., t) float16
        Rounded to the nearest: off by at most 2**-12 (.00025), so .9999 becomes 1.

    Raises
    ------
    InputError
        If an entry is negative or no finite number, or a row does not sum to 1.
    """
    if top < 1:
        raise InputError(f"top={top}; keep 1 class of a row, or more")
    if P.ndim < 1 or P.shape[-1] < 1 or P.dtype.kind != "f":
        raise InputError(f"probabilities are an array {P.shape} of {P.dtype}; give floats, a column for each class")
    k = P.shape[-1]
    rows = P.reshape(-1, k)  # (r, k)
    _refuse_no_rows(rows)
    t = min(top, k)
    ids = np.empty((len(rows), t), class_id_type(k))  # (r, t)
    step = max(_BLOCK // k, 1)
    for start in range(0, len(rows), step):
        # Stable, so that of equal probabilities the lower id comes first, whatever the machine.
        ids[start : start + step] = np.argsort(-rows[start : start + step], axis=1, kind="stable")[:, :t]
    probabilities = np.take_along_axis(rows, ids.astype(np.intp), axis=1).astype("<f2")  # (r, t)
    return ids.reshape(*P.shape[:-1], t), probabilities.reshape(*P.shape[:-1], t)


def spread_rest(ids: np.ndarray, probabilities: np.ndarray, k: int) -> np.ndarray:
    """Return rows (..., k) float32 with the probabilities of their top classes, the rest of the mass spread evenly.

    ``row[c] = p_c`` for the t classes that were kept, ``(1 - sum p) / (k - t)`` for all others. Where rounding made the kept ones
    sum to more than 1, or there are no others, the row is divided by its sum. So it sums to 1, and its largest entry is the first
    of the top: the mean of the others is never above the least that was kept.

    Parameters
    ----------
    ids, probabilities : (..., t)
        As :func:`top_classes` returns them.
    k : int
    """
    t = ids.shape[-1]
    kept = probabilities.astype(np.float64)  # (..., t)
    rest = np.clip(1.0 - kept.sum(axis=-1, keepdims=True), 0.0, None)  # (..., 1)
    rows = np.empty((*ids.shape[:-1], k))
    rows[...] = rest / (k - t) if k > t else 0.0
    np.put_along_axis(rows, ids.astype(np.intp), kept, axis=-1)
    rows /= rows.sum(axis=-1, keepdims=True)
    return rows.astype(np.float32)


def check_top(ids: np.ndarray, probabilities: np.ndarray, k: int) -> None:
    """Refuse what are no top classes of rows of k classes.

    Raises
    ------
    InputError
        If ids are no whole numbers from 0 to k - 1, occur twice in a row, or probabilities are negative, no finite numbers or sum to
        more than 1.
    """
    if ids.dtype.kind not in "iu" or probabilities.dtype.kind != "f" or ids.shape != probabilities.shape:
        raise InputError(
            f"class ids are an array {ids.shape} of {ids.dtype} and probabilities {probabilities.shape} of {probabilities.dtype}; give "
            "whole numbers and floats, one for one"
        )
    if ids.size and not (int(ids.min()) >= 0 and int(ids.max()) < k):
        raise InputError(f"class ids reach from {ids.min()} to {ids.max()}; {k} classes have ids from 0 to {k - 1}")
    ordered = np.sort(ids, axis=-1)
    if (ordered[..., 1:] == ordered[..., :-1]).any():
        raise InputError("a crop names one class twice among its top classes; name each once")
    if not np.isfinite(probabilities).all() or (probabilities < 0).any():
        raise InputError("probabilities are negative, or no finite numbers; give numbers from 0 to 1")
    if (probabilities.sum(axis=-1, dtype=np.float64) > 1 + _SLACK).any():
        raise InputError("the probabilities of a crop's top classes sum to more than 1; give probabilities, not logits")


def _refuse_no_rows(rows: np.ndarray) -> None:
    if not np.isfinite(rows).all() or (rows < 0).any():
        raise InputError("probabilities are negative, or no finite numbers; give rows from 0 to 1, not logits")
    sums = rows.sum(axis=1, dtype=np.float64)  # (r,)
    if len(sums) and np.abs(sums - 1).max() > _SLACK:
        raise InputError(
            f"the rows of probabilities sum to {sums.min():.3g} to {sums.max():.3g}; give rows that sum to 1, not logits"
        )
