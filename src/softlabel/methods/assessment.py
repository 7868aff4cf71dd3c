"""What the rounds say about each label: its quality, the label they suggest instead, and since when.

The accumulator takes one round at a time and keeps three arrays, so that a resumed run adds the stored rounds and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softlabel.methods.rounds import Round, Settings, refine_once
from softlabel.targets.held_out import judged_rows, known_mass
from softlabel.targets.quality import entropy, harden_from, label_quality, margin


@dataclass(frozen=True)
class Assessment:
    """One entry a row, in the order of the rows."""

    distribution: np.ndarray  # (n, m) float32: refined targets; a guard row's as if it had been refined
    suggested: np.ndarray  # (n,) int: argmax of the mean out-of-fold prediction over the rounds
    quality: np.ndarray  # (n,) refined mass on the given label
    margin: np.ndarray  # (n,) that mass less the largest mass elsewhere; below 0 the argmax has moved
    entropy: np.ndarray  # (n,) of the refined row, in nats
    moved_in_round: (
        np.ndarray
    )  # (n,) int: the round since which the argmax has stood away from the given label; 0 if not


class Assessor:
    """Adds rounds up into an ``Assessment``.

    Parameters
    ----------
    codes : (n,) int
        Given labels.
    given : (n, m) float32
        L(0).
    guard : (n,) bool
        Rows that are never refined. Their targets stay as given, but their label is judged like any other: by what the update
        would have made of it with the fold models' mean prediction, so that qualities are comparable.
    settings : Settings
        Those of the rounds.
    """

    def __init__(self, codes: np.ndarray, given: np.ndarray, guard: np.ndarray, settings: Settings) -> None:
        self._codes, self._guard, self._settings = codes, guard, settings
        self._distribution = given
        self._oof_sum = np.zeros(given.shape)  # (n, m) float64
        self._oof_count = np.zeros(len(codes), dtype=np.int64)
        self._moved_in_round = np.zeros(len(codes), dtype=np.int64)

    def add(self, done: Round) -> None:
        """Take in the next round."""
        distribution = done.refined
        if self._guard.any():
            distribution = distribution.copy()
            shadow = refine_once(self._distribution[self._guard], done.oof[self._guard], self._settings, done.round)
            distribution[self._guard] = shadow
        self._distribution = distribution
        # Where no model knew the given label's class, none could have confirmed it: such a round says nothing of the row.
        judged = judged_rows(done.oof, self._codes)
        self._oof_sum[judged] += known_mass(done.oof[judged])
        self._oof_count += judged
        moved = harden_from(distribution, self._codes) != self._codes
        self._moved_in_round = np.where(moved, np.where(self._moved_in_round == 0, done.round, self._moved_in_round), 0)

    def assess(self) -> Assessment:
        """Return what all rounds so far say."""
        predicted = self._oof_count > 0
        mean = np.where(predicted[:, None], self._oof_sum, self._distribution)  # never judged: their own label
        return Assessment(
            distribution=self._distribution,
            suggested=harden_from(mean, self._codes),
            quality=label_quality(self._distribution, self._codes),
            margin=margin(self._distribution, self._codes),
            entropy=entropy(self._distribution),
            moved_in_round=self._moved_in_round,
        )
