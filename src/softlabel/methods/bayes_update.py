"""``momentum="bayes"``: given label and prediction weighed by Bayes' rule instead of by a momentum.

How labels become wrong, T[c, j] = p(given = j | true = c), is estimated from the first round's out-of-fold predictions, whose models
learnt from the given labels and knew no row's own, pooled with the labels of nearest neighbours (``neighbour_view``). Then in each round

    L(r)[c] = p(true = c | prediction of round r, given label y)  proportional to  p_c(x) T[c, y].

Where labels are right T is the identity, and L(r) the given labels: nothing is refined, whatever the learner says. With a momentum a
prediction counts as much as another whether one label in a hundred is wrong or every third.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from softlabel.errors import InputError
from softlabel.methods.first_noise import FirstNoise, question
from softlabel.targets.class_chances import true_class_chances
from softlabel.targets.judged_labels import judge_by
from softlabel.targets.wrong_chance import after_label
from softlabel.tasks import Task


def bayes_suits(task: Task, given: np.ndarray) -> bool:
    """Return whether rows are chances of classes, and the first ones (n, m) plain labels: what the rule weighs.

    It has no place for grades as numbers, which are no chances, nor for votes, which say themselves how sure they are.
    """
    return task.kind != "scalar" and bool(((given == 0) | (given == 1)).all())


def bayes_targets(
    noise: FirstNoise,
    codes: np.ndarray,
    targets: np.ndarray,
    oof: np.ndarray,
    learnt: np.ndarray,
    trusted: np.ndarray | None = None,
) -> np.ndarray:
    """Return p(true | prediction, given label) of each row, (n, m) float32.

    Parameters
    ----------
    noise : FirstNoise
        How labels become wrong, as the first round shows it. Several labels are judged each on its own.
    codes : (n,) or (n, k) int
        Given labels.
    targets : (n, m) float32
        The old ones; rows that no model judged, in the first round or in this one, keep them.
    oof : (n, m)
        Out-of-fold predictions of the present round, NaN where no model says anything.
    learnt : (n,) bool
        Rows that the powers are fitted to; the others (a guard, rows of weight 0) are judged by what these say.
    trusted : (n,) bool or None
        Rows that are right: they keep their targets.

    Raises
    ------
    InputError
        Where predictions are grades as numbers.
    """
    task = noise.task
    if task.kind == "scalar":
        raise InputError(
            "momentum='bayes' weighs chances of classes, and grades as numbers have none; give a number, or take the distribution view"
        )
    right = np.zeros(len(targets), dtype=bool) if trusted is None else trusted
    refined = targets.copy()  # (n, m)
    with threadpool_limits(1):  # threads would change the last bits of sums
        if task.kind == "independent":
            for j in range(codes.shape[1]):
                chances = _chances(noise, oof, codes, learnt, right, j)  # (n, 2)
                known = ~np.isnan(chances[:, 1])
                refined[known, j] = chances[known, 1]
        else:
            chances = _chances(noise, oof, codes, learnt, right)
            known = ~np.isnan(chances).any(axis=1)
            refined[known] = chances[known]
    refined[right] = targets[right]
    return refined


def _chances(
    noise: FirstNoise, oof: np.ndarray, codes: np.ndarray, learnt: np.ndarray, right: np.ndarray, label: int = 0
) -> np.ndarray:
    """Return p(true = c | ...) (n, k); NaN in rows that nobody judged, and everywhere where nothing can be estimated."""
    oof, codes = question(noise.task, oof, codes, label)
    chances = np.full(oof.shape, np.nan)  # (n, k)
    judged = ~np.isnan(oof[np.arange(len(codes)), codes]) & noise.judged(label)
    used, T = judged & learnt, noise.matrix(label)
    if T is None or not (used & ~right).any():
        return chances
    found = judge_by(T, oof[used], codes[used], trusted=right[used], ambiguity=0.0)
    chances[used] = found.chances
    others = judged & ~learnt
    if others.any():
        before = true_class_chances(np.nan_to_num(oof[others]), T, found.noise.powers)
        chances[others] = after_label(before, codes[others], T)
    return chances
