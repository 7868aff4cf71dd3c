"""How many wrong labels a refinement found and corrected, where the true ones are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from softlabel.errors import InputError


@dataclass(frozen=True)
class Recovery:
    """Counts of rows, and shares of them. A share of an empty set is None, never NaN.

    Attributes
    ----------
    n : int
        All rows.
    n_wrong : int
        Rows whose given label is not the true one.
    n_found : int
        Wrong rows whose argmax left the given label.
    n_corrected : int
        Wrong rows whose argmax is the true class.
    n_moved : int
        Rows whose argmax left the given label, right and wrong; ``n_found + n_spoiled``.
    n_spoiled : int
        Right rows whose argmax left the given label.
    share_corrected : float or None
        ``n_corrected / n_wrong``.
    share_spoiled : float or None
        ``n_spoiled / (n - n_wrong)``; the share of right rows that were kept is 1 minus this.
    precision, recall, f1 : float or None
        Of "the argmax left the given label" as a finder of wrong labels: ``n_found / n_moved``, ``n_found / n_wrong``,
        ``2 n_found / (n_moved + n_wrong)``.
    """

    n: int
    n_wrong: int
    n_found: int
    n_corrected: int
    n_moved: int
    n_spoiled: int
    share_corrected: float | None
    share_spoiled: float | None
    precision: float | None
    recall: float | None
    f1: float | None


def label_recovery(given: ArrayLike, true: ArrayLike, refined_codes: ArrayLike) -> Recovery:
    """Compare refined labels with the given and the true ones.

    Parameters
    ----------
    given, true, refined_codes : array-like (n,)
        Labels or codes; ``refined_codes`` are the argmax of the refined targets.

    Returns
    -------
    Recovery

    Raises
    ------
    InputError
        If the three are not one-dimensional of one length.

    Examples
    --------
    >>> found = label_recovery(given=[0, 0, 1, 1], true=[0, 1, 1, 2], refined_codes=[0, 1, 1, 0])
    >>> found.n_wrong, found.n_found, found.n_corrected, found.n_spoiled
    (2, 2, 1, 0)
    """
    was, is_true, now = np.asarray(given), np.asarray(true), np.asarray(refined_codes)  # (n,) each
    if was.ndim != 1 or was.shape != is_true.shape or was.shape != now.shape:
        raise InputError(
            "given, true and refined_codes must be one-dimensional of one length; "
            f"got shapes {was.shape}, {is_true.shape} and {now.shape}"
        )
    wrong = was != is_true
    moved = now != was
    n, n_wrong, n_moved = len(was), int(wrong.sum()), int(moved.sum())
    n_found = int((wrong & moved).sum())
    n_corrected = int((wrong & (now == is_true)).sum())
    n_spoiled = n_moved - n_found
    return Recovery(
        n=n,
        n_wrong=n_wrong,
        n_found=n_found,
        n_corrected=n_corrected,
        n_moved=n_moved,
        n_spoiled=n_spoiled,
        share_corrected=_share(n_corrected, n_wrong),
        share_spoiled=_share(n_spoiled, n - n_wrong),
        precision=_share(n_found, n_moved),
        recall=_share(n_found, n_wrong),
        f1=_share(2 * n_found, n_moved + n_wrong),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
