"""Guards that take turns: which rows each holds back, and the refinement beside it.

With a guard the rows are the guard's. Without one the rows are split into folds, and each fold is the guard of refinements of its own on
the other rows (nested cross-validation).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from softlabel.data.folds import stochastic_folds
from softlabel.errors import InputError
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, split_round
from softlabel.seeds import Seeds

ROTATIONS = 4  # guards that take turns, a quarter of the rows each
INNER_FOLDS = 3  # of the refinement beside a guard
LEAST_ROWS = 60  # with a weight, for guards to take turns: fewer than 15 a guard decide nothing


def guards_of(problem: Problem, settings: Settings) -> list[np.ndarray]:
    """Return the rows of the guard, or of each guard that takes its turn: the held-out rows of one more split.

    An int ``cv`` gives four folds (or as many as it says), stratified, groups whole; a splitter or pairs give theirs. Rows of weight 0
    are in no such guard. There are none where fewer than 60 rows have a weight, or where the rows beside a guard cannot be split (too few
    groups).
    """
    if problem.guard.any():
        return [np.flatnonzero(problem.guard)]
    n, weight = len(problem.given), problem.sample_weight
    weighty = np.arange(n) if weight is None else np.flatnonzero(weight)
    if len(weighty) < LEAST_ROWS:
        return []
    by_number = isinstance(settings.cv, int)
    cv = min(ROTATIONS, settings.cv) if by_number else settings.cv
    split = {"rows": weighty if by_number else None, "groups": problem.groups, "X": problem.X}
    try:
        folds = stochastic_folds(problem.codes, cv, seed=settings.seeds.integer("choose", round=1), **split)
        held_out = [np.intersect1d(fold.held_out, weighty) for fold in folds]
        guards = [rows for rows in held_out if len(rows)]
        for number, rows in enumerate(guards, start=1):
            split_round(with_guard(problem, rows), beside(settings, n, rows, number), 1)
    except InputError:
        return []
    return guards


def beside(settings: Settings, n: int, guard: np.ndarray, number: int) -> Settings:
    """Return the settings of the refinement beside the guard of this number, which is rows (n_guard,) of n."""
    seeds = Seeds(settings.seeds.integer("choose", fold=number))
    return replace(settings, cv=inner_cv(settings.cv, n, guard), seeds=seeds)


def inner_cv(cv: Any, n: int, guard: np.ndarray) -> Any:
    """Return the folds of the refinement beside a guard, which is rows (n_guard,) of n.

    Of pairs by position those that have rows on both sides beside the guard; where fewer than two are left, 3 folds as for an int.
    """
    if isinstance(cv, int):
        return min(cv, INNER_FOLDS)
    if hasattr(cv, "test_fold"):  # PredefinedSplit holds positions of all n rows, and would be asked to split fewer
        cv = list(cv.split())
    if not isinstance(cv, list):
        return cv
    others = np.setdiff1d(np.arange(n), guard)
    sides_left = [[np.isin(others, np.arange(n)[list(side)]).any() for side in pair] for pair in cv]
    left = [pair for pair, sides in zip(cv, sides_left, strict=True) if all(sides)]
    return left if len(left) > 1 else INNER_FOLDS


def with_guard(problem: Problem, rows: np.ndarray) -> Problem:
    """Return the problem with these rows as its guard, and nothing watched."""
    guard = np.zeros(len(problem.given), dtype=bool)
    guard[rows] = True
    return replace(problem, guard=guard, watch={}, watch_codes={}, reference=None)
