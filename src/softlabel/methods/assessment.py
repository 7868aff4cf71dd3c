"""What the rounds say about each label: its quality, the label they suggest instead, and since when.

The accumulator takes one round at a time and keeps three arrays, so that a resumed run adds the stored rounds and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softlabel.methods.bayes_update import bayes_targets
from softlabel.methods.rounds import Round, Settings, refine_once, sharpened
from softlabel.tasks import Task


@dataclass(frozen=True)
class Assessment:
    """One entry a row, in the order of the rows."""

    distribution: np.ndarray  # (n, m) float32: refined targets; a guard row's as if it had been refined
    suggested: np.ndarray  # codes, (n,) or (n, k): what the mean out-of-fold prediction over the rounds speaks for
    quality: np.ndarray  # (n,) how well the refined row agrees with the given label, 0 to 1: for classes the mass on it
    margin: np.ndarray  # (n,) how far it is from speaking for another label; below 0 it has moved
    entropy: np.ndarray  # (n,) of the refined row, in nats; NaN where it is no distribution
    mean: np.ndarray  # (n, m) mean out-of-fold prediction over the rounds; NaN where no model said anything
    moved_in_round: np.ndarray  # (n,) int: the round since which it has spoken for another label; 0 if it does not


class Assessor:
    """Adds rounds up into an ``Assessment``.

    Parameters
    ----------
    task : Task
        What a row means.
    codes : (n,) or (n, k) int
        Given labels.
    given : (n, m) float32
        L(0).
    guard : (n,) bool
        Rows that are never refined. Their targets stay as given, but their label is judged like any other: by what the update
        would have made of it with the fold models' mean prediction, so that qualities are comparable.
    settings : Settings
        Those of the rounds.
    trusted : (n,) bool or None
        Rows whose labels are known to be right: nothing that a model says of them is held against them. Their quality is 1, and
        they suggest and speak for the given label.
    """

    def __init__(
        self,
        task: Task,
        codes: np.ndarray,
        given: np.ndarray,
        guard: np.ndarray,
        settings: Settings,
        trusted: np.ndarray | None = None,
    ) -> None:
        self._task, self._codes, self._guard, self._settings = task, codes, guard, settings
        self._trusted = np.zeros(len(codes), dtype=bool) if trusted is None else trusted
        self._distribution = given
        self._oof_sum = np.zeros(given.shape)  # (n, m) float64
        self._oof_count = np.zeros(given.shape, dtype=np.int64)  # (n, m)
        self._given = given
        self._moved_in_round = np.zeros(len(codes), dtype=np.int64)

    def add(self, done: Round) -> None:
        """Take in the next round."""
        distribution = done.refined
        if self._guard.any():
            distribution = distribution.copy()
            distribution[self._guard] = self._shadow(done)
        self._distribution = distribution
        # Where no model knew the given label's class, none could have confirmed it: such a round says nothing of the row.
        judged = self._task.judged(done.oof, self._codes)
        known = self._task.known(done.oof[judged])
        self._oof_sum[judged] += np.nan_to_num(known)
        self._oof_count[judged] += ~np.isnan(known)
        moved = self._task.differs(self._task.suggest(distribution, self._codes, self._given), self._codes)
        moved &= ~self._trusted  # votes, say, may speak for another label than the one that is known to be right
        self._moved_in_round = np.where(moved, np.where(self._moved_in_round == 0, done.round, self._moved_in_round), 0)

    def _shadow(self, done: Round) -> np.ndarray:
        """Return what the round would have made of the guard's rows (n_guard, m)."""
        if self._settings.momentum == "bayes":
            assert done.noise is not None  # a round by Bayes' rule has it
            now, before = sharpened(self._task, done.oof, self._settings), self._distribution
            return bayes_targets(done.noise, self._codes, before, now, ~self._guard, self._trusted)[self._guard]
        before, oof = self._distribution[self._guard], done.oof[self._guard]
        return refine_once(self._task, before, oof, self._settings, done.round, self._trusted[self._guard])

    def assess(self) -> Assessment:
        """Return what all rounds so far say."""
        count = np.maximum(self._oof_count, 1)
        # What was never judged, a row or one of its several labels, keeps its own.
        mean = np.where(self._oof_count > 0, self._oof_sum / count, self._distribution)  # (n, m)
        suggested = self._task.suggest(mean, self._codes, self._given).copy()
        suggested[self._trusted] = self._codes[self._trusted]
        quality = self._task.quality(self._distribution, self._codes, self._given)
        return Assessment(
            distribution=self._distribution,
            suggested=suggested,
            quality=np.where(self._trusted, 1.0, quality),
            margin=self._task.margin(self._distribution, self._codes, self._given),
            entropy=self._task.entropy(self._distribution),
            mean=np.where(self._oof_count > 0, mean, np.nan),
            moved_in_round=self._moved_in_round,
        )
