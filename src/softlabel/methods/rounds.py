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
from softlabel.errors import InputError
from softlabel.execution.executor import Executor, Resources
from softlabel.execution.processes import InProcess
from softlabel.learners.budget import teachers_of
from softlabel.learners.contract import Learner
from softlabel.methods.bayes_update import bayes_targets
from softlabel.methods.cross_fit import OutOfFold, out_of_fold
from softlabel.methods.first_noise import FirstNoise
from softlabel.methods.neighbour_view import NeighbourView
from softlabel.methods.problem import Problem
from softlabel.methods.units import Memory, UnitStore
from softlabel.seeds import Seeds
from softlabel.targets.held_out import held_out_rows
from softlabel.targets.update import update_targets
from softlabel.tasks import Task

_FEW = 0.1  # of the rows may be of a class that no model knows before that is told: rare classes are

Momentum = float | Literal["average", "bayes"]


@dataclass(frozen=True)
class Settings:
    """How targets are refined: everything that changes the numbers, and nothing that does not."""

    cv: Any = 5  # as check_cv returns it
    momentum: Momentum = 0.75
    sharpen: float | None = None
    tta: str | None = None  # views averaged in out-of-fold predictions (SLR-a), as check_tta returns it
    teacher_targets: str = "refined"  # what fold models take of the targets from round 2 on, as a final fit does
    teacher_budget: float | None = None  # share of the final fit's training that fold models get; None: all of it
    fixed_folds: bool = False  # whether the split of round 1 is that of all rounds
    warm_start: bool = False  # whether fold models go on with their own training from round to round
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
    watched: dict[
        str, np.ndarray
    ]  # name -> (n_watched, m) float32, mean of the fold models; "trusted": those rows of oof
    noise: FirstNoise | None = None  # what round 1 says of it; None where no update asks
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
    noise: FirstNoise | None = None,
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
    first, targets, noise : int, (n, m) and FirstNoise
        Where to start: round ``first`` trains on ``targets``, L(first - 1). By default round 1 on the given labels; ``noise`` is what
        round 1 said of it, where it was made before.
    executor, units : Executor and UnitStore
        Where fits run, and where they are kept; in this process and nowhere by default.

    Yields
    ------
    Round
        Rounds ``first`` to ``n_rounds``, each when its targets are refined.
    """
    targets = problem.given if targets is None else targets
    units = Memory() if units is None else units  # one for all rounds: it holds models that the next round goes on with
    for r in range(first, n_rounds + 1):
        folds, found = cross_fit_round(problem, learners, settings, targets, r, executor, units)
        noise = first_noise(problem, learners, settings, found.oof, folds) if r == 1 else noise
        refined = refine(problem, targets, found.oof, settings, r, noise)  # (n, m)  the paper's M step
        oof, watched = with_guard(problem, found), with_trusted(problem, found)
        complaints = (
            found.warnings if r > 1 else (*found.warnings, *_told_of_unknown_classes(problem, settings, found.oof))
        )
        yield Round(r, targets, folds, oof, refined, watched, noise, found.seconds, complaints)
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
    return with_trusted(problem, found)


def split_round(problem: Problem, settings: Settings, r: int) -> list[Fold]:
    """Split the rows of round ``r``, the guard left out; raises ``InputError`` where they cannot be split so."""
    rows = np.flatnonzero(~problem.guard)
    seed = settings.seeds.integer("split", round=1 if settings.fixed_folds else r)
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
    """Split for round ``r`` and predict every row out of fold: the paper's E step.

    With a warm start the models of round r - 1 are let go of when all those of round r are there.
    """
    folds, units = split_round(problem, settings, r), Memory() if units is None else units
    if settings.warm_start and r > 1:
        _check_same_folds(folds, split_round(problem, settings, r - 1), settings.cv)
    found = out_of_fold(
        problem,
        teachers_of(learners, settings.teacher_budget),
        targets,
        folds,
        round=r,
        seeds=settings.seeds,
        executor=executor or InProcess(),
        resources=settings.resources,
        units=units,
        tta=settings.tta,
        go_on=settings.warm_start,
        short=settings.teacher_budget not in (None, 1),
        teach=settings.teacher_targets if r > 1 else "refined",  # in round 1 nothing is refined
    )
    if settings.warm_start and r > 1:
        units.forget(r - 1)
    return folds, found


def first_noise(
    problem: Problem, learners: Sequence[Learner], settings: Settings, oof: np.ndarray, folds: Sequence[Fold]
) -> FirstNoise | None:
    """Return how labels become wrong by the predictions (n, m) of round 1 on its folds; None where no update asks."""
    if settings.momentum != "bayes":
        return None
    oof = sharpened(problem.task, oof, settings)
    second = NeighbourView(problem, learners, folds, settings.seeds.integer("neighbours")).shares
    return FirstNoise(problem.task, problem.codes, oof, problem.learnt, problem.trusted, second)


def refine(
    problem: Problem, targets: np.ndarray, oof: np.ndarray, settings: Settings, r: int, noise: FirstNoise | None
) -> np.ndarray:
    """Make the next targets (n, m) of the old ones and of out-of-fold predictions: by a momentum, or by Bayes' rule.

    The guard's rows, which no fold held out, keep their targets, and so do trusted ones. Bayes' rule needs ``noise``, from round 1.
    """
    if settings.momentum != "bayes":
        return refine_once(problem.task, targets, oof, settings, r, problem.trusted)
    if noise is None:
        raise InputError("momentum='bayes' needs the predictions of round 1; start from round 1")
    held_out = held_out_rows(oof)
    now = sharpened(problem.task, oof, settings)
    refined = bayes_targets(noise, problem.codes, targets, now, problem.learnt, problem.trusted)
    return np.where((held_out & ~problem.guard)[:, None], refined, targets)


def sharpened(task: Task, oof: np.ndarray, settings: Settings) -> np.ndarray:
    """Return out-of-fold predictions sharpened where that is asked for; what is unknown stays so."""
    if settings.sharpen is None:
        return oof
    held_out, unseen = held_out_rows(oof), np.isnan(oof)
    rows = oof.copy()
    rows[held_out] = task.sharpen(np.nan_to_num(oof[held_out]), settings.sharpen)
    rows[unseen] = np.nan
    return rows


def refine_once(
    task: Task, targets: np.ndarray, oof: np.ndarray, settings: Settings, r: int, pinned: np.ndarray | None = None
) -> np.ndarray:
    """Blend out-of-fold predictions into targets (equation 4).

    They are sharpened first where that is asked for; classes that a row's models never saw then keep their old mass. Rows that no
    fold held out keep their targets, and so do those that are ``pinned`` (n,): held out like others, to be scored, but not changed.
    """
    held_out = held_out_rows(oof)
    oof = sharpened(task, oof, settings)
    changed = held_out if pinned is None else held_out & ~pinned
    assert settings.momentum != "bayes"  # which ``refine`` has dealt with
    return update_targets(targets, task.fill_unseen(oof, targets), settings.momentum, round=r, held_out=changed)


def _told_of_unknown_classes(problem: Problem, settings: Settings, oof: np.ndarray) -> tuple[tuple[str, str], ...]:
    """Return a warning where many held-out rows are of a class that none of their models met: folds hold whole classes out.

    Folds by number are stratified: without groups only classes of hardly any rows are held out whole, which is told elsewhere.
    """
    if isinstance(settings.cv, int) and problem.groups is None:
        return ()
    held_out = held_out_rows(oof) & ~problem.guard
    unknown = held_out & ~problem.task.judged(oof, problem.codes)
    if unknown.sum() <= _FEW * held_out.sum():
        return ()
    text = (
        f"the folds hold out whole classes: the class of {unknown.sum()} of {held_out.sum()} rows is known to no model that predicts them, "
        "and nothing can be said of their labels; give cv a number or KFold(shuffle=True), or groups that hold several classes each"
    )
    return (("UserWarning", text),)


def _check_same_folds(folds: Sequence[Fold], before: Sequence[Fold], cv: Any) -> None:
    """Refuse to go on with models on folds that moved: they would label rows that they were trained on."""
    same = len(folds) == len(before) and all(
        np.array_equal(new.train, old.train) and np.array_equal(new.held_out, old.held_out)
        for new, old in zip(folds, before, strict=False)
    )
    if not same:
        raise InputError(
            f"{type(cv).__name__} split the rows otherwise than in the round before, and with a warm start a model would label rows "
            "that it was trained on; give fixed_folds=True and a splitter that repeats itself"
        )


def with_guard(problem: Problem, found: OutOfFold) -> np.ndarray:
    """Return the out-of-fold predictions with the guard's rows filled in: no fold model was trained on them either."""
    if not problem.guard.any():
        return found.oof
    oof = found.oof.copy()
    oof[problem.guard] = found.watched["guard"]
    return oof


def with_trusted(problem: Problem, found: OutOfFold) -> dict[str, np.ndarray]:
    """Return predictions of watched rows by name, among them those of trusted rows: out of fold, or of the guard."""
    if problem.trusted is None:
        return found.watched
    return found.watched | {"trusted": with_guard(problem, found)[problem.trusted]}
