"""Rows with soft targets as weighted copies with hard labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softlabel.learners.row_identity import RowGroups


@dataclass(frozen=True)
class RowCopies:
    """One entry for each copy: row after row, and within a row the largest mass first.

    Attributes
    ----------
    rows : (c,) int
        Row that is copied.
    codes : (c,) int
        Class of the copy, 0 to k - 1.
    masses : (c,) float64
        Share of the row; the shares of a row sum to 1.
    n_rows : int
    """

    rows: NDArray[np.intp]
    codes: NDArray[np.intp]
    masses: NDArray[np.float64]
    n_rows: int

    @property
    def single(self) -> bool:
        """True if each row has one copy, so that the targets are hard."""
        return len(self.rows) == self.n_rows

    @property
    def groups(self) -> RowGroups:
        """The copies of each row as a group."""
        return RowGroups(self.rows, np.searchsorted(self.rows, np.arange(self.n_rows)))


def copy_rows(targets: NDArray[np.floating], min_mass: float) -> RowCopies:
    """Return the copies that stand for target rows.

    Cross entropy and every other loss that is linear in the target are the same on the copies as on the rows, but for
    the mass that is dropped.

    Parameters
    ----------
    targets : (n, k)
        Rows that sum to 1; each class has some mass.
    min_mass : float
        Masses below are dropped and the rest of the row is scaled up to 1, so that rows that are nearly certain cost
        one copy. A row keeps its largest mass in any case. A class all of whose masses lie below keeps its largest
        ones, as many as they sum to, rounded up, so that no class disappears.

    Returns
    -------
    copies : RowCopies
        At most ``min(k, 1 / min_mass)`` copies a row, apart from those of such a class.
    """
    masses = np.asarray(targets, dtype=np.float64)  # (n, k)
    n = len(masses)
    kept = (masses >= min_mass) & (masses > 0)
    kept[np.arange(n), masses.argmax(axis=1)] = True
    for c in np.flatnonzero(~kept.any(axis=0)):
        column = masses[:, c]
        kept[np.argsort(-column, kind="stable")[: int(np.ceil(column.sum()))], c] = True
    rows, codes = np.nonzero(kept)  # (c,), (c,)
    shares = masses[rows, codes]
    order = np.lexsort((codes, -shares, rows))  # row after row, largest mass first, ties by class
    rows, codes, shares = rows[order], codes[order], shares[order]
    return RowCopies(rows, codes, shares / np.bincount(rows, shares, minlength=n)[rows], n)
