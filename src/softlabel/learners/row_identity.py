"""Which positions of an expanded data set are copies of the same row, asked for from inside an estimator.

A splitter inside a search sees X and y and nothing else. Two things tell it which rows are copies:

1. The fit that is going on. While an expanded data set is fitted, its rows are known (:func:`known_rows`); where X has
   as many rows and y is the same, they are the ones. This is exact even where the data set holds equal rows of its own,
   and holds however X was transformed.
2. The rows themselves. Elsewhere (on the training part of an outer split, in another process) equal rows count as
   copies. Rows that are equal without being copies then stay together too, which does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.data.rows import n_rows
from softlabel.learners.row_keys import row_keys

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class RowGroups:
    """Positions 0 to n - 1 in g groups, numbered in the order in which they appear.

    Attributes
    ----------
    group_of : (n,)
        Group of each position.
    first : (g,)
        First position of each group, which stands for it.
    """

    group_of: Positions
    first: Positions

    @classmethod
    def of(cls, keys: NDArray[Any]) -> RowGroups:
        """Group positions with equal keys (n,)."""
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(first)  # (g,)
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        return cls(rank[inverse.reshape(-1)], first[order])

    @property
    def single(self) -> bool:
        """True if no position has a copy."""
        return len(self.first) == len(self.group_of)

    def members(self, groups: NDArray[Any]) -> Positions:
        """Return all positions of some groups, group after group in the order asked for."""
        groups = np.asarray(groups)
        groups = np.flatnonzero(groups) if groups.dtype == bool else groups.astype(np.intp)
        by_group = np.argsort(self.group_of, kind="stable")  # (n,)
        sizes = np.bincount(self.group_of, minlength=len(self.first))  # (g,)
        starts = np.cumsum(sizes) - sizes  # (g,)
        taken = sizes[groups]  # (asked,)
        offsets = np.repeat(starts[groups] - (np.cumsum(taken) - taken), taken)  # (positions,)
        return by_group[offsets + np.arange(taken.sum())]


@dataclass(frozen=True)
class _Known:
    groups: RowGroups
    labels: NDArray[Any]


_fitted_now: ContextVar[_Known | None] = ContextVar("softlabel_fitted_now", default=None)


@contextmanager
def known_rows(groups: RowGroups, labels: Any) -> Iterator[None]:
    """Make the rows of a data set known while it is fitted. The innermost data set counts."""
    token = _fitted_now.set(_Known(groups, _pattern(labels)))
    try:
        yield
    finally:
        _fitted_now.reset(token)


def known_groups(X: Any, y: Any) -> RowGroups | None:
    """Return the groups of the data set that is being fitted, if (X, y) is it."""
    known = _fitted_now.get()
    if known is None or n_rows(X) != len(known.labels):
        return None
    if y is not None and not np.array_equal(_pattern(y), known.labels):
        return None
    return known.groups


def groups_of(X: Any, y: Any = None) -> RowGroups:
    """Return which rows of X are copies of each other, by whichever of the two ways works."""
    groups = known_groups(X, y)
    return RowGroups.of(row_keys(X)) if groups is None else groups


def _pattern(y: Any) -> NDArray[Any]:
    """Return labels (n,) as codes, so that an estimator's own encoding of them (floats, one-hot rows) compares equal."""
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    return np.unique(labels.reshape(-1), return_inverse=True)[1].reshape(-1)
