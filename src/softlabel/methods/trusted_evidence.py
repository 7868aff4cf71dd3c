"""What wrong labels do not spoil: rows that no round refines, and what they say of models whose targets were.

Rows of the guard carry labels as wrong as all others, but no model of a fold learnt from them, and no round changed them. Trusted rows
carry right labels, and are predicted out of fold like all rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from softlabel.methods.problem import Problem
from softlabel.targets.noise_estimate import sampled_rows
from softlabel.targets.trusted_chances import trusted_chances
from softlabel.targets.trusted_noise import TrustedNoise, noise_from_chances

ENOUGH_TRUSTED = 30  # trusted rows that may choose without a guard: an accuracy of theirs is known to a tenth

ChoosesBy = Literal["guard", "evidence", "trusted"]


def chooses_by(problem: Problem) -> ChoosesBy | None:
    """Return which rows choose the round: ``guard``, ``trusted``, both together as ``evidence``, or None where nothing may.

    Guard rows and trusted rows count together; trusted rows alone where there is no guard and they are at least
    ``ENOUGH_TRUSTED``.
    """
    n_trusted = 0 if problem.trusted is None else int(problem.trusted.sum())
    if problem.guard.any():
        return "evidence" if n_trusted else "guard"
    return "trusted" if n_trusted >= ENOUGH_TRUSTED else None


def evidence_scores(problem: Problem, watched: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Score what is watched of guard rows and trusted rows as one set; nothing where it is not both.

    A row of both counts once. Each row weighs the same, or its ``sample_weight``.
    """
    if problem.trusted is None or chooses_by(problem) != "evidence" or not {"guard", "trusted"} <= watched.keys():
        return {}
    rows = problem.guard | problem.trusted  # (n,) bool
    predictions = np.full((len(rows), watched["guard"].shape[1]), np.nan, dtype=np.float32)  # (n, m)
    predictions[problem.trusted] = watched["trusted"]
    predictions[problem.guard] = watched["guard"]
    return problem.scores_on(rows, predictions[rows])


def trusted_noise(problem: Problem, oof: np.ndarray) -> TrustedNoise | list[TrustedNoise | None] | None:
    """Estimate how labels become wrong from the first round's out-of-fold predictions (n, m), as trusted rows teach to read them.

    Returns
    -------
    TrustedNoise, a list of them, or None
        For classes and for grades as distributions a matrix over all of them; of several labels one for each, over not having it and
        having it. None where predictions are numbers, which say no chances, or where there is no trusted row, or no other, of
        which a model knew the class.
    """
    if problem.trusted is None or problem.task.kind == "scalar":
        return None
    if problem.task.kind == "distribution":
        return _noise_of(oof, problem.codes, problem.trusted)
    entries = zip(oof.T, problem.codes.T, strict=True)
    return [_noise_of(np.stack([1.0 - p, p], axis=1), has, problem.trusted) for p, has in entries]


def _noise_of(oof: np.ndarray, codes: np.ndarray, trusted: np.ndarray) -> TrustedNoise | None:
    judged = ~np.isnan(oof[np.arange(len(codes)), codes])  # (n,) bool
    if not (judged & trusted).any() or not (judged & ~trusted).any():
        return None
    others = np.flatnonzero(judged & ~trusted)
    others = others[sampled_rows(len(others))]
    rows = np.r_[np.flatnonzero(judged & trusted), others]
    chances = trusted_chances(oof[rows], trusted[rows], codes[rows])  # (n_rows, k)
    return noise_from_chances(chances[-len(others) :], codes[others])
