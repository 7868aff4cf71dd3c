"""How labels become wrong, as the first round shows it: estimated once for a refinement, when it is first asked for.

The models of round 1 learnt from the given labels and knew no row's own; those of later rounds know more, and make noise look rarer than
it is. So what round 1 says holds for all rounds, and a refinement that is resumed finds it again in the predictions of that round.

Where rows can be compared, the labels of a row's neighbours are a second view of it: the two are pooled before T is estimated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from softlabel.targets.class_chances import pooled_chances
from softlabel.targets.noise_estimate import estimate_noise, sampled_rows
from softlabel.tasks import Task


class FirstNoise:
    """T[c, j] = p(given = j | true = c), of classes, or of each of several labels.

    Parameters
    ----------
    task : Task
        Of classes, grades as distributions, or several labels.
    codes : (n,) or (n, k) int
        Given labels.
    oof : (n, m)
        Out-of-fold predictions of the first round, NaN where no model says anything.
    learnt : (n,) bool
        Rows that noise is estimated from: not those of a guard or of weight 0.
    trusted : (n,) bool or None
        Rows that are right, and say nothing of the noise.
    second : function or None
        From positions of rows to a second view (n_rows, m) of them that is independent of the first; it may say None.
    """

    def __init__(
        self,
        task: Task,
        codes: np.ndarray,
        oof: np.ndarray,
        learnt: np.ndarray,
        trusted: np.ndarray | None = None,
        second: Callable[[np.ndarray], np.ndarray | None] | None = None,
    ) -> None:
        self._second = second
        self._shares: tuple[np.ndarray, np.ndarray | None] | None = None  # the rows that were asked, and the answer
        self.task, self._codes, self._oof, self._learnt = task, codes, oof, learnt
        self._trusted = np.zeros(len(codes), dtype=bool) if trusted is None else trusted
        self._found: dict[int, np.ndarray | None] = {}

    def matrix(self, label: int = 0) -> np.ndarray | None:
        """Return T (k, k), of several labels that of one (2, 2); None where the first round says nothing of it.

        Parameters
        ----------
        label : int
            Which of several labels; of classes there is only the first.
        """
        if label not in self._found:
            self._found[label] = self._estimated(label)
        return self._found[label]

    def matrices(self) -> np.ndarray | None:
        """Return T (k, k), or of several labels all of them (m, 2, 2), NaN where one is not known; None where none is."""
        if self.task.kind != "independent":
            return self.matrix()
        found = [self.matrix(label) for label in range(self._codes.shape[1])]
        if all(one is None for one in found):
            return None
        return np.stack([np.full((2, 2), np.nan) if one is None else one for one in found])

    def judged(self, label: int = 0) -> np.ndarray:
        """Return which rows (n,) the first round judged: by some model that knew the class of the given label."""
        chances, codes = question(self.task, self._oof, self._codes, label)
        return ~np.isnan(chances[np.arange(len(codes)), codes])

    def _estimated(self, label: int) -> np.ndarray | None:
        chances, codes = question(self.task, self._oof, self._codes, label)
        used = self.judged(label) & self._learnt
        if not (used & ~self._trusted).any() or len(np.unique(codes[used])) < 2:
            return None
        rows = np.flatnonzero(used)
        rows = rows[sampled_rows(len(rows))]
        pooled = np.nan_to_num(chances[rows])
        with threadpool_limits(1):  # threads would change the last bits of sums
            if (shares := self._seen_otherwise(rows)) is not None:
                others, _ = question(self.task, shares, self._codes[rows], label)
                known = ~np.isnan(others).any(axis=1)
                pooled[known] = pooled_chances(pooled[known], others[known])
            return estimate_noise(pooled, codes[rows], trusted=self._trusted[rows]).matrix

    def _seen_otherwise(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the second view of rows; asked once, for of several labels the same rows are asked for again."""
        if self._second is None:
            return None
        if self._shares is None or not np.array_equal(self._shares[0], rows):
            self._shares = rows, self._second(rows)
        return self._shares[1]


def question(task: Task, predictions: np.ndarray, codes: np.ndarray, label: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the chances (n, k) of classes and the codes (n,) of what was given; one of several labels is a question of two."""
    if task.kind != "independent":
        return predictions, codes
    return np.column_stack([1.0 - predictions[:, label], predictions[:, label]]), codes[:, label]
