"""The rows of one cell: which of them train, which test, and which labels were made wrong on purpose."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from softlabel.data.pictures import pictures_in
from softlabel.data.rows import take
from softlabel.errors import InputError
from softlabel.methods.guard import set_apart
from softlabel.run.wrong_labels import asks_model, confused_rows, is_column, wrong_labels
from softlabel.seeds import Seeds
from softlabel.tasks import Task

NO_CORRUPTION = "none"

_latest: dict[str, Any] = {}  # the features of one seed, of the last source that was asked in this process
_latest_confusion: dict[str, Any] = {}  # the same of the probabilities that instance noise is drawn by


@dataclass(frozen=True)
class Parts:
    """What every method of one seed and corruption is given."""

    X: Any  # n training rows
    y: np.ndarray  # (n,) or (n, k) labels to learn from: the given ones, or some made wrong on purpose
    true_label: np.ndarray | None  # as y, where labels were made wrong
    targets: np.ndarray | None  # (n, m) first targets, where votes gave them
    reference: np.ndarray | None  # (n, k) true distributions, where they are known
    groups: np.ndarray | None  # (n,)
    X_test: Any  # v rows that choose nothing
    y_test: np.ndarray  # (v,) or (v, k) labels as they came, never made wrong
    y_watch: (
        np.ndarray
    )  # the same as wrong as the training labels, where that is known: what losses by epoch are taken against
    trusted: np.ndarray | None = (
        None  # (n,) bool: training rows whose labels are known to be right, where there are any
    )


class RowSource(Protocol):
    """Where the rows of cells come from. It is sent to other processes."""

    @property
    def task(self) -> Task: ...

    @property
    def pictures(self) -> bool:
        """Whether the rows that a learner is given are pictures."""

    def parts(self, seed: int, corruption: str) -> Parts:
        """Return the rows of one seed, their labels made wrong as asked."""

    def extras(self, fitted: Any, parts: Parts, seed: int) -> dict[str, float]:
        """Return numbers of a study of its own about a fitted method; most have none."""


@dataclass(frozen=True)
class LabelledRows:
    """Rows with their labels, and what is known beside them."""

    X: Any
    y: np.ndarray
    targets: np.ndarray | None = None
    reference: np.ndarray | None = None
    groups: np.ndarray | None = None
    noisy_labels: Mapping[str, np.ndarray] | None = None  # by the names of columns, as y
    trusted: np.ndarray | None = None  # (n,) bool

    def take(self, rows: np.ndarray) -> LabelledRows:
        """Return some of the rows."""
        beside = {name: getattr(self, name) for name in ("y", "targets", "reference", "groups", "trusted")}
        parts: dict[str, Any] = {name: None if values is None else values[rows] for name, values in beside.items()}
        noisy = {name: labels[rows] for name, labels in (self.noisy_labels or {}).items()}
        return replace(self, X=take(self.X, rows), noisy_labels=noisy or None, **parts)


@dataclass(frozen=True)
class SplitRows:
    """A data set of which each seed splits off its own test rows, or with test rows of its own.

    Attributes
    ----------
    rows : LabelledRows
    task : Task
    test : LabelledRows or None
        The same test rows for every seed; None: a share is drawn anew by each, stratified, groups whole.
    test_share : float
    features : transformer or None
        How rows become features; fitted on the training rows of each seed.
    """

    rows: LabelledRows
    task: Task
    test: LabelledRows | None = None
    test_share: float = 0.2
    features: Any = None
    name: str = field(default_factory=lambda: secrets.token_hex(8), compare=False)  # the same in every process

    @property
    def pictures(self) -> bool:
        return self.features is None and pictures_in(self.rows.X)

    def parts(self, seed: int, corruption: str) -> Parts:
        seeds = Seeds(seed)
        train, test = self._split(seeds)
        X, X_test = self._featured(train.X, test.X, seed)
        y, targets, true_label, y_watch = train.y, train.targets, None, test.y
        if corruption != NO_CORRUPTION:
            true_label = train.y
            known = self._confused(corruption, train, test, seeds)
            task = self.task
            y, targets = wrong_labels(
                corruption, train, train.y, train.targets, task, seeds, probabilities=known[0], spared=train.trusted
            )
            if test.noisy_labels or not is_column(corruption):  # test rows of a file have no such column
                y_watch, _ = wrong_labels(
                    corruption, test, test.y, None, task, seeds, probabilities=known[1], test=True
                )
        return Parts(X, y, true_label, targets, train.reference, train.groups, X_test, test.y, y_watch, train.trusted)

    def extras(self, fitted: Any, parts: Parts, seed: int) -> dict[str, float]:
        return {}

    def _split(self, seeds: Seeds) -> tuple[LabelledRows, LabelledRows]:
        if self.test is not None:
            return self.rows, self.test
        mask = set_apart(self.test_share, self.task.codes(self.rows.y), self.rows.groups, seeds, "test")
        if not mask.any() or mask.all():
            raise InputError(
                f"a test share of {self.test_share:g} of {len(mask)} rows leaves {int(mask.sum())} rows to test on and "
                f"{int((~mask).sum())} to train on; give another --test-share, or a --test file"
            )
        return self.rows.take(np.flatnonzero(~mask)), self.rows.take(np.flatnonzero(mask))

    def _confused(
        self, corruption: str, train: LabelledRows, test: LabelledRows, seeds: Seeds
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return the probabilities of training and test rows that instance noise is drawn by; no other corruption asks any."""
        if not asks_model(corruption):
            return None, None
        key = (self.name, seeds.random_state)
        if _latest_confusion.get("key") != key:  # one model for all shares and methods of a seed
            _latest_confusion.update(key=key, found=confused_rows(train, train.y, self.task, seeds, test.X))
        found: tuple[np.ndarray, np.ndarray] = _latest_confusion["found"]
        return found

    def _featured(self, X: Any, X_test: Any, seed: int) -> tuple[Any, Any]:
        if self.features is None:
            return X, X_test
        key = (self.name, seed)
        if (
            _latest.get("key") != key
        ):  # the cells of a seed follow each other: all but the first find their features made
            features = copy.deepcopy(self.features)
            _latest.update(key=key, parts=(features.fit_transform(X), features.transform(X_test)))
        made: tuple[Any, Any] = copy.deepcopy(_latest["parts"])  # a method of the user's own may change them in place
        return made
