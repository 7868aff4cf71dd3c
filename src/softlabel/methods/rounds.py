"""The loop of Stochastic Label Refinery: split, train, predict the held-out folds, blend into the targets, repeat.

One short generator. Fitting, running from the command line and resuming all consume it; whatever has a state (disk, progress,
executors) is passed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from softlabel.data.folds import Fold, stochastic_folds
from softlabel.execution.executor import Executor, Resources
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.methods.cross_fit import Memory, OutOfFold, Problem, UnitStore, out_of_fold
from softlabel.seeds import Seeds
from softlabel.targets.held_out import held_out_rows
from softlabel.targets.update import update_targets
from softlabel.tasks import Task

Momentum = float | Literal["average"]


@dataclass(frozen=True)
class Settings:
    """How targets are refined: everything that changes the numbers, and nothing that does not."""

    cv: Any = 5  # as check_cv returns it
    momentum: Momentum = 0.75
    sharpen: float | None = None
    tta: str | None = None  # views averaged in out-of-fold predictions (SLR-a), as check_tta returns it
    seeds: Seeds = field(default_factory=lambda: Seeds(0))
    resources: Resources = field(default_factory=Resources)


@dataclass(frozen=True)
class Round:
    """One round: what it trained on, what its models predicted, what became of the targets.

    ``targets`` is L(r-1), ``refined`` is L(r). The models of round r were trained on targets refined r-1 times.
    """

    round: int  # r, from 1
    targets: np.ndarray  # (n, m) float32
    folds: Sequence[Fold]
    oof: np.ndarray  # (n, m) float32; guard rows: mean of the fold models; NaN where no model says anything
    refined: np.ndarray  # (n, m) float32
    watched: dict[str, np.ndarray]  # name -> (n_watched, m) float32, mean of the fold models
    seconds: float = 0.0
    warnings: tuple[tuple[str, str], ...] = ()


def refinement_rounds(
    problem: Problem,
    learners: Sequence[Learner],
    settings: Settings,
    *,
    n_rounds: int,
    first: int = 1,
    targets: np.ndarray | None = None,
    executor: Executor | None = None,
    units: UnitStore | None = None,
) -> Iterator[Round]:
    """Refine targets round by round (section II of the paper; its E step is fitting and predicting, its M step the update).

    Parameters
    ----------
    problem : Problem
        The rows, their given labels, and the guard.
    learners : sequence of Learner
        The members; their predictions are averaged.
    settings : Settings
        Folds, momentum, sharpening, test-time augmentation, seeds, threads.
    n_rounds : int
        The last round, R. With 0 nothing is yielded.
    first, targets : int and (n, m)
        Where to start: round ``first`` trains on ``targets``, L(first - 1). By default round 1 on the given labels.
    executor, units : Executor and UnitStore
        Where fits run, and where they are kept; in this process and nowhere by default.

    Yields
    ------
    Round
        Rounds ``first`` to ``n_rounds``, each when its targets are refined.
    """
    targets = problem.given if targets is None else targets
    for r in range(first, n_rounds + 1):
        folds, found = cross_fit_round(problem, learners, settings, targets, r, executor, units)
        refined = refine_once(problem.task, targets, found.oof, settings, r)  # (n, m)  the paper's M step
        yield Round(
            r, targets, folds, with_guard(problem, found), refined, found.watched, found.seconds, found.warnings
        )
        targets = refined


def closing_pass(
    problem: Problem,
    learners: Sequence[Learner],
    settings: Settings,
    targets: np.ndarray,
    n_rounds: int,
    executor: Executor | None = None,
    units: UnitStore | None = None,
) -> dict[str, np.ndarray]:
    """Predict the watched rows by models trained on the last targets, L(R).

    These are the fold models of round R + 1, at its addresses: a refinement that is later extended finds them done.
    """
    _, found = cross_fit_round(problem, learners, settings, targets, n_rounds + 1, executor, units)
    return found.watched


def split_round(problem: Problem, settings: Settings, r: int) -> list[Fold]:
    """Split the rows of round ``r``, the guard left out; raises ``InputError`` where they cannot be split so."""
    rows = np.flatnonzero(~problem.guard)
    seed = settings.seeds.integer("split", round=r)
    return stochastic_folds(problem.codes, settings.cv, groups=problem.groups, rows=rows, seed=seed, X=problem.X)


def cross_fit_round(
    problem: Problem,
    learners: Sequence[Learner],
    settings: Settings,
    targets: np.ndarray,
    r: int,
    executor: Executor | None = None,
    units: UnitStore | None = None,
) -> tuple[list[Fold], OutOfFold]:
    """Split anew for round ``r`` and predict every row out of fold: the paper's E step."""
    folds = split_round(problem, settings, r)
    found = out_of_fold(
        problem,
        learners,
        targets,
        folds,
        round=r,
        seeds=settings.seeds,
        executor=executor or InProcess(),
        resources=settings.resources,
        units=units or Memory(),
        tta=settings.tta,
    )
    return folds, found


def refine_once(task: Task, targets: np.ndarray, oof: np.ndarray, settings: Settings, r: int) -> np.ndarray:
    """Blend out-of-fold predictions into targets (equation 4).

    They are sharpened first where that is asked for; classes that a row's models never saw then keep their old mass, and rows that
    no fold held out keep their targets.
    """
    held_out = held_out_rows(oof)
    if settings.sharpen is not None:
        unseen = np.isnan(oof)
        oof = oof.copy()
        oof[held_out] = task.sharpen(np.nan_to_num(oof[held_out]), settings.sharpen)
        oof[unseen] = np.nan
    return update_targets(targets, task.fill_unseen(oof, targets), settings.momentum, round=r, held_out=held_out)


def with_guard(problem: Problem, found: OutOfFold) -> np.ndarray:
    """Return the out-of-fold predictions with the guard's rows filled in: no fold model was trained on them either."""
    if not problem.guard.any():
        return found.oof
    oof = found.oof.copy()
    oof[problem.guard] = found.watched["guard"]
    return oof
