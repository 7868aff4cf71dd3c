"""A data set in memory, wherever it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from softlabel.data.rows import n_rows, take
from softlabel.errors import InputError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows, their given labels, and what is known beside them.

    Attributes
    ----------
    X : (n, d) data frame or array, or any object with ``len`` and ``take``
        Features only; the columns of label, id and group are not among them.
    y : (n,) int64 or str, or None
        Given labels; None where the rows were loaded to be predicted.
    ids : (n,) int64 or str
        Names of the rows; 0 .. n-1 where none were given.
    groups : (n,) int64 or str, or None
        Rows of one group never stand on both sides of a split.
    source : str
        The file or the built-in name it came from.
    test, validation : Dataset or None
        Further rows that came with it, of the same columns.
    guard : (n,) bool or None
        Rows that are set apart from the start.
    """

    X: Any
    y: np.ndarray | None
    ids: np.ndarray
    groups: np.ndarray | None = None
    source: str = ""
    test: Dataset | None = None
    validation: Dataset | None = None
    guard: np.ndarray | None = None

    def __post_init__(self) -> None:
        n = n_rows(self.X)
        for name in ("y", "ids", "groups", "guard"):
            values = getattr(self, name)
            if values is not None and len(values) != n:
                raise InputError(f"X has {n} rows and {name} has {len(values)}; each row needs one")

    def __len__(self) -> int:
        return n_rows(self.X)

    def take(self, rows: np.ndarray) -> Dataset:
        """Return these rows as a data set; its test and validation rows stay as they are."""

        def part(values: Any) -> Any:
            return None if values is None else take(values, rows)

        X, y, ids, groups, guard = (part(values) for values in (self.X, self.y, self.ids, self.groups, self.guard))
        return replace(self, X=X, y=y, ids=ids, groups=groups, guard=guard)
