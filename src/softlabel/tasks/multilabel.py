"""Several labels a row, each there or not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.corrupt import Corruption, flip_entries
from softlabel.targets.entries import (
    check_entries,
    check_indicators,
    entry_change,
    entry_entropy,
    fill_unseen_entries,
    harden_entries,
    mark_unseen_entries,
    row_margin,
    row_quality,
    sharpen_entries,
    suggest_entries,
)
from softlabel.targets.instance_noise import instance_entries
from softlabel.targets.rows import as_table
from softlabel.tasks.entry_scores import entry_scores
from softlabel.tasks.gaps import mean_gaps
from softlabel.tasks.task import Kind, Rows

# Learners may round their own probabilities; an entry further outside of 0 to 1 than this is a mistake.
_PREDICTION_TOLERANCE = 1e-3


class Multilabel:
    """Any number of k labels a row: a target row is the chance of each, and need not sum to 1.

    Each entry is refined on its own. A row is as good as its worst entry: one wrong label makes a row wrong.

    Parameters
    ----------
    names : array-like (k,)
        Names of the labels, in the order of the columns.

    Raises
    ------
    InputError
        If there is no label, or one is named twice.

    Examples
    --------
    >>> task = Multilabel(["scab", "rust"])
    >>> task.harden([[0.9, 0.8], [0.1, 0.7], [0.2, 0.3]])
    array(['scab|rust', 'rust', ''], dtype=object)
    """

    name = "multilabel"
    kind: Kind = "independent"
    main_score = "mean_ap"

    def __init__(self, names: ArrayLike) -> None:
        listed = np.asarray(names)
        if listed.ndim != 1 or len(listed) == 0 or len(set(listed.tolist())) < len(listed):
            raise InputError(
                f"names of labels are {listed.tolist()}; give each of one or more labels a name of its own"
            )
        self.classes: NDArray[Any] = listed

    def __repr__(self) -> str:
        return f"Multilabel({self.classes.tolist()!r})"

    @classmethod
    def from_labels(cls, y: Any, names: ArrayLike | None = None) -> Multilabel:
        """Return the task of indicators ``y`` (n, k); labels are called by their positions where no names are given."""
        codes = check_indicators(y, name="y")
        if names is not None and len(np.asarray(names)) != codes.shape[1]:
            raise InputError(
                f"y has {codes.shape[1]} columns and there are {len(np.asarray(names))} names; give one a column"
            )
        return cls(np.arange(codes.shape[1]) if names is None else names)

    @property
    def n_columns(self) -> int:
        """k, one column for each label."""
        return len(self.classes)

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return indicators (n, k) after checking that they are 0 or 1."""
        return check_indicators(y, n_columns=self.n_columns, name="y")

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return indicators (n, k) as targets."""
        return self.codes(y).astype(np.float32)

    def check(self, targets: ArrayLike, n_rows: int) -> NDArray[np.float32]:
        """Return target rows (n_rows, k) from 0 to 1."""
        return check_entries(targets, n_rows=n_rows, n_columns=self.n_columns)

    def check_predictions(self, predictions: ArrayLike, n_rows: int, who: str) -> NDArray[np.float32]:
        """Return predictions (n_rows, k) from 0 to 1; a message starts with ``who``."""
        return check_entries(
            predictions, n_rows=n_rows, n_columns=self.n_columns, name=who, tolerance=_PREDICTION_TOLERANCE
        )

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return 1 for each entry above a half, (n, k)."""
        return harden_entries(targets)

    def labels(self, codes: ArrayLike) -> NDArray[Any]:
        """Return the names (n,) of each row's labels, joined by ``|``; an empty text where it has none."""
        names = [str(name) for name in self.classes]
        rows = ["|".join(name for name, there in zip(names, row, strict=True) if there) for row in np.asarray(codes)]
        return np.array(rows, dtype=object)

    def harden(self, targets: ArrayLike) -> NDArray[Any]:
        """Return the names (n,) of the labels that each row speaks for."""
        return self.labels(self.harden_codes(targets))

    def suggest(self, targets: ArrayLike, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.int64]:
        """Return 1 for each entry above a half, (n, k); an entry of exactly a half stays as given."""
        return suggest_entries(targets, codes)

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return mean average precision, mean AUC, F1 (macro and micro), accuracy, NLL and classwise ECE, where defined.

        Accuracy is the share of rows that are right in all entries. Entries of NaN, which no model knows, are left out.
        """
        return entry_scores(codes, predictions, sample_weight)

    def reference_scores(
        self, reference: ArrayLike, targets: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return the mean absolute and the root mean squared distance from true chances, over all entries."""
        gap = as_table(reference, "reference") - as_table(targets)  # (n, k)
        return mean_gaps(np.abs(gap).mean(axis=1), np.square(gap).mean(axis=1), sample_weight)

    def mark_unseen(self, predictions: Rows, train_targets: Rows) -> Rows:
        """Write NaN for labels that all training rows have, or none."""
        return mark_unseen_entries(predictions, train_targets)

    def fill_unseen(self, oof: Rows, old: Rows) -> Rows:
        """Let entries that no model knows keep their old value."""
        return fill_unseen_entries(oof, old)

    def judged(self, oof: Rows, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for which rows (n,) some entry was predicted."""
        return np.asarray(~np.isnan(oof).all(axis=1))

    def known(self, oof: Rows) -> Rows:
        """Return the predictions: ``scores`` leaves out what is NaN, and 0 would say that a label is absent."""
        return oof

    def sharpen(self, oof: Rows, temperature: float) -> Rows:
        """Return entries p^(1/T) / (p^(1/T) + (1-p)^(1/T))."""
        return sharpen_entries(oof, temperature)

    def change(self, before: Rows, after: Rows) -> NDArray[np.float64]:
        """Return the mean distance (n,) that the entries of each row moved."""
        return entry_change(before, after)

    def quality(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return the quality (n,) of the worst entry of each row: q where the label is given, 1 - q where it is not."""
        return row_quality(targets, codes)

    def margin(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return ``2 quality - 1`` (n,) of the worst entry; below 0 it has moved."""
        return row_margin(targets, codes)

    def entropy(self, targets: Rows) -> NDArray[np.float64]:
        """Return the sum over the entries (n,) of their binary entropies, in nats."""
        return entry_entropy(targets)

    def differs(self, codes: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return in which rows (n,) any entry differs."""
        return np.asarray((codes != others).any(axis=1))

    def corrupt(
        self,
        codes: NDArray[np.int64],
        corruption: Corruption,
        rng: np.random.Generator,
        probabilities: Rows | None = None,
    ) -> NDArray[np.int64]:
        """Return codes of which a share of all entries was flipped."""
        if corruption.kind == "pair":
            raise InputError(
                f"corruption {corruption} moves a row to another class, and rows of several labels have none; give symmetric:P, which "
                "flips a share P of all entries, or instance:P, which flips those of which a model is unsure"
            )
        if corruption.kind == "instance":
            return instance_entries(codes, corruption.share, corruption.needed(probabilities), rng)
        return flip_entries(codes, corruption.share, rng)

    def record(self) -> dict[str, Any]:
        """Return the task as plain values."""
        return {"name": self.name, "classes": self.classes.tolist()}
