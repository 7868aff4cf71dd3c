"""A data set in memory, wherever it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from softlabel.data.rows import n_rows, take
from softlabel.errors import InputError

_BY_ROW = ("y", "ids", "groups", "guard", "targets", "reference", "trusted")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows, their given labels, and what is known beside them.

    Attributes
    ----------
    X : (n, d) data frame or array, (n,) object array of texts, or any object with ``len`` and ``take``
        Features only; the columns of label, id and group are not among them.
    y : (n,) int64, float64 or str, (n, k) int64, or None
        Given labels; (n, k) of 0 and 1 where a row may have several; None where the rows were loaded to be predicted.
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
    label_names : (k,) str, int64 or float64, or None
        What the columns of ``y``, ``targets`` and ``reference`` stand for, where there are such columns. Classes that only
        votes name are among them, so they may be more than ``y`` has.
    targets : (n, k) float32 or None
        First targets made of votes; rows sum to 1, or are NaN where only the label is known.
    reference : (n, k) float64 or None
        True distributions, used only to score; rows of NaN where nothing is known of a row.
    trusted : (n,) bool or None
        Rows whose labels are known to be right.
    noisy_labels : mapping of names of columns to (n,) or (n, k), or None
        Labels that may be wrong where those of ``y`` are right, of the same kind and shape.
    """

    X: Any
    y: np.ndarray | None
    ids: np.ndarray
    groups: np.ndarray | None = None
    source: str = ""
    test: Dataset | None = None
    validation: Dataset | None = None
    guard: np.ndarray | None = None
    label_names: np.ndarray | None = None
    targets: np.ndarray | None = None
    reference: np.ndarray | None = None
    trusted: np.ndarray | None = None
    noisy_labels: Mapping[str, np.ndarray] | None = None

    def __post_init__(self) -> None:
        n = n_rows(self.X)
        for name in _BY_ROW:
            values = getattr(self, name)
            if values is not None and len(values) != n:
                raise InputError(f"X has {n} rows and {name} has {len(values)}; each row needs one")
        for name, values in (self.noisy_labels or {}).items():
            if len(values) != n:
                raise InputError(f"X has {n} rows and column {name!r} of labels has {len(values)}; each row needs one")
        for name in ("y", "targets", "reference"):
            values = getattr(self, name)
            if values is not None and values.ndim == 2 and self._n_names() != values.shape[1]:
                raise InputError(
                    f"{name} has {values.shape[1]} columns and label_names is {self.label_names}; each column needs a name"
                )

    def __len__(self) -> int:
        return n_rows(self.X)

    def _n_names(self) -> int:
        return 0 if self.label_names is None else len(self.label_names)

    def take(self, rows: np.ndarray) -> Dataset:
        """Return these rows as a data set; its test and validation rows stay as they are."""

        def part(values: Any) -> Any:
            return None if values is None else take(values, rows)

        noisy = None if self.noisy_labels is None else {name: part(one) for name, one in self.noisy_labels.items()}
        beside = {name: part(getattr(self, name)) for name in _BY_ROW}
        return replace(self, X=take(self.X, rows), noisy_labels=noisy, **beside)
