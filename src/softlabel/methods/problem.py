"""The rows that are refined, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softlabel.tasks import Task


@dataclass(frozen=True)
class Problem:
    """The rows to refine, and what is known of them. Nothing here changes from round to round."""

    X: Any  # n rows
    task: Task
    codes: np.ndarray  # (n,) int: the given labels as class numbers; (n, k) of 0 and 1 where a row may have several
    given: np.ndarray  # (n, m) float32: L(0)
    guard: np.ndarray  # (n,) bool: rows that never train a fold model and are never refined
    groups: np.ndarray | None = None  # (n,)
    sample_weight: np.ndarray | None = None  # (n,)
    watch: Mapping[str, Any] = field(default_factory=dict)  # name -> further rows that each fold model predicts
    # name -> (n_watched,) or (n_watched, k) codes of their labels, to score with
    watch_codes: Mapping[str, np.ndarray] = field(default_factory=dict)
    reference: np.ndarray | None = None  # (n, k) true distributions, used to score targets and for nothing else
    trusted: np.ndarray | None = None  # (n,) bool: rows whose labels are known to be right, which no round changes

    @property
    def refined(self) -> np.ndarray:
        """(n,) bool: rows whose targets the rounds may change, neither of the guard nor trusted."""
        return ~self.guard if self.trusted is None else ~(self.guard | self.trusted)

    @property
    def learnt(self) -> np.ndarray:
        """(n,) bool: rows that fold models learn from, not of the guard and of a weight above 0."""
        return ~self.guard if self.sample_weight is None else ~self.guard & (self.sample_weight > 0)

    def watched_score(self, name: str, predictions: np.ndarray) -> dict[str, float]:
        """Score predictions of watched rows; nothing where their labels are not known."""
        if name == "guard":
            return self.scores_on(self.guard, predictions)
        if name == "trusted" and self.trusted is not None:
            return self.scores_on(self.trusted, predictions)
        return self.task.scores(self.watch_codes[name], predictions) if name in self.watch_codes else {}

    def scores_on(self, rows: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
        """Score predictions (n_rows, m) of the rows of a mask (n,) against their given labels.

        Rows whose class no model knew are left out; nothing is returned where none is left, or all that are have weight 0.
        """
        codes, weight = self.codes[rows], None if self.sample_weight is None else self.sample_weight[rows]
        judged = self.task.judged(predictions, codes)
        if not judged.any() or (weight is not None and not weight[judged].any()):
            return {}
        known = self.task.known(predictions[judged])
        return self.task.scores(codes[judged], known, None if weight is None else weight[judged])

    def reference_scores(self, targets: np.ndarray) -> dict[str, float]:
        """Return how far targets (n, m) of the refined rows are from their true distributions; nothing where none are known."""
        if self.reference is None:
            return {}
        known = ~self.guard & np.isfinite(self.reference).all(axis=1)  # (n,)
        if self.sample_weight is not None:
            known &= self.sample_weight > 0
        if not known.any():
            return {}
        weight = None if self.sample_weight is None else self.sample_weight[known]
        return self.task.reference_scores(self.reference[known], targets[known], weight)
