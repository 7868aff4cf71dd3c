"""Evidence for a choice: models of each candidate, asked about rows that no model and no refinement behind them has seen.

With a guard the rows are the guard's. Without one guards take turns: the rows are split into folds, and each fold is the guard of
refinements of its own on the other rows, until enough rows have been scored or nothing is left to decide (nested cross-validation).
The refinements beside a guard are shorter than the one that is handed over.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from softlabel.data.folds import stochastic_folds
from softlabel.data.rows import take
from softlabel.errors import InputError
from softlabel.execution.executor import Executor, Failure
from softlabel.learners.contract import Learner
from softlabel.methods.choice import GIVEN, Choice, choose
from softlabel.methods.cross_fit import (
    Problem,
    Unit,
    UnitResult,
    UnitStore,
    fit_error,
    fit_learner,
    mean_prediction,
    predict_checked,
)
from softlabel.methods.evidence_units import FirstRoundShared, Kept
from softlabel.methods.final_targets import FinalTargets, disputed, final_targets
from softlabel.methods.plans import Plan, plans_of
from softlabel.methods.rounds import Settings, refinement_rounds, split_round
from softlabel.seeds import Seeds
from softlabel.tasks import Task

ROTATIONS = 4  # guards that take turns, a quarter of the rows each
INNER_FOLDS = 3  # of the refinement beside a guard
INNER_ROUNDS = 2  # of it
LEAST_ROWS = 60  # with a weight, for guards to take turns: fewer than 15 a guard decide nothing
LEAST_SCORED = 500  # rows before a rotation may end early: a standard error means something then


@dataclass(frozen=True)
class Evidence:
    """What models of each candidate say of rows that nothing behind them has seen."""

    rows: np.ndarray  # (n_scored,) int positions
    predictions: Mapping[str, np.ndarray]  # candidate -> (n_scored, m) float32, "given" for the plain fit
    disputed: Mapping[str, float]  # candidate -> share of the refined rows whose label looked wrong


def rotating_evidence(
    problem: Problem,
    learners: Sequence[Learner],
    students: Sequence[Learner],
    settings: Settings,
    plans: Sequence[Plan],
    *,
    executor: Executor,
    units_of: Callable[[str], UnitStore] | None = None,
    seen: Callable[[Choice], None] | None = None,
) -> Choice | None:
    """Choose among plans, by the guard or by guards that take turns until the choice is sure or all rows have been scored.

    None where there is no guard, and none can be made: there is no evidence.

    Parameters
    ----------
    problem : Problem
    learners, students : sequences of Learner
        Who labels, and who learns in the end; the predictions of several students are averaged.
    settings : Settings
        Those of the refinement; here an int ``cv`` is 3 folds, and there are 2 rounds, however many are made in the end: so a
        refinement that is extended has the same evidence.
    plans : sequence of Plan
    executor : Executor
    units_of : function or None
        From a name ("1-plain", "2-pruned by bayes") to where those fits are kept; in memory by default.
    seen : function or None
        Told of the choice after each guard.

    Raises
    ------
    FitError
        If a learner fails.
    """
    parts: list[Evidence] = []
    choice = None
    for number, rows in enumerate(guards_of(problem, settings), start=1):
        part, part_settings = _with_guard(problem, rows), _beside(settings, len(problem.given), rows, number)
        kept: dict[str, UnitStore] = {}

        def units(name: str, number: int = number, kept: dict[str, UnitStore] = kept) -> UnitStore:
            if name not in kept:
                kept[name] = Kept() if units_of is None else units_of(f"{number}-{name}")
            return kept[name]

        parts.append(guard_evidence(part, learners, students, part_settings, plans, executor=executor, units_of=units))
        choice = choose_by(problem, _joined(parts))
        if seen is not None:
            seen(choice)
        if sum(len(one.rows) for one in parts) >= LEAST_SCORED and choice.sure:
            break
    return choice


def guard_evidence(
    problem: Problem,
    learners: Sequence[Learner],
    students: Sequence[Learner],
    settings: Settings,
    plans: Sequence[Plan],
    *,
    executor: Executor,
    units_of: Callable[[str], UnitStore],
) -> Evidence:
    """Refine the rows beside a guard in each way, fit each candidate on them, and predict the guard."""
    others = np.flatnonzero(~problem.guard)  # learnt from: pruning leaves each class its best rows among these
    taken, shares = {GIVEN: FinalTargets(problem.given[others])}, {GIVEN: 0.0}
    refined_by: dict[tuple[Any, ...], np.ndarray] = {}
    for plan in plans:
        if plan.way not in refined_by:
            refined_by[plan.way] = _refined(problem, learners, plan.settings(settings), executor, units_of, plan)
        arrays = (rows[others] for rows in (refined_by[plan.way], problem.codes, problem.given, ~problem.refined))
        refined, codes, given, pinned = arrays
        taken[plan.name] = final_targets(plan.policy, problem.task, refined, codes, given, pinned)
        doubted = disputed(problem.task, refined, codes, given, pinned)
        shares[plan.name] = float(doubted.sum() / max(int(problem.refined.sum()), 1))
    tasks = [
        _CandidateTask(
            Unit(1, member, 0),
            name,
            *one.among(others, None if problem.sample_weight is None else problem.sample_weight[others]),
            settings.seeds.integer("final", member=member),
        )
        for name, one in taken.items()
        for member in range(len(students))
    ]
    # Candidates that came to the same rows and targets are one.
    same = {name: _first_alike(name, taken) for name in taken}
    tasks = [task for task in tasks if same[task.candidate] == task.candidate]
    predictions = _predict_all(tasks, problem, students, settings, executor, units_of)
    return Evidence(np.flatnonzero(problem.guard), {name: predictions[same[name]] for name in taken}, shares)


def _refined(
    problem: Problem,
    learners: Sequence[Learner],
    settings: Settings,
    executor: Executor,
    units_of: Callable[[str], UnitStore],
    plan: Plan,
) -> np.ndarray:
    """Return the targets (n, m) after the rounds of a plan; round 1 is fitted once for all plans whose teachers train as long.

    Where all learn the given labels of rows that nothing disputes, and nothing is disputed, the next round would learn the same again.
    """
    units = FirstRoundShared(units_of("plain-short" if plan.short else "plain"), units_of(f"rounds-{plan.name}"))
    refined, prunes = problem.given, plan.teacher_targets == plan.policy == "pruned"
    for done in refinement_rounds(problem, learners, settings, n_rounds=INNER_ROUNDS, executor=executor, units=units):
        refined = done.refined
        if prunes and not disputed(problem.task, refined, problem.codes, problem.given, ~problem.refined).any():
            break
    return refined


def evidence_fits(problem: Problem, learners: Sequence[Learner], settings: Settings, n_students: int) -> int:
    """Return how many fits a choice takes at most."""
    plans, guards = plans_of(settings, learners), guards_of(problem, settings)
    n_folds = min(settings.cv, INNER_FOLDS) if isinstance(settings.cv, int) else max(INNER_FOLDS, len(guards))
    first = len({plan.short for plan in plans})  # shared by all plans whose teachers train as long
    rounds = first + (INNER_ROUNDS - 1) * len({plan.way for plan in plans})
    return len(guards) * (rounds * n_folds * len(learners) + (1 + len(plans)) * n_students)


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
            split_round(_with_guard(problem, rows), _beside(settings, n, rows, number), 1)
    except InputError:
        return []
    return guards


def _beside(settings: Settings, n: int, guard: np.ndarray, number: int) -> Settings:
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


def choose_by(problem: Problem, evidence: Evidence) -> Choice:
    """Choose on evidence."""
    rows = evidence.rows
    return choose(
        problem.task,
        problem.codes[rows],
        evidence.predictions,
        noise_rates=evidence.disputed,
        trusted=None if problem.trusted is None else problem.trusted[rows],
        sample_weight=None if problem.sample_weight is None else problem.sample_weight[rows],
    )


def _joined(parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence of several guards as one."""
    names = list(parts[0].predictions)
    return Evidence(
        np.concatenate([part.rows for part in parts]),
        {name: np.concatenate([part.predictions[name] for part in parts]) for name in names},
        {name: float(np.mean([part.disputed[name] for part in parts])) for name in names},
    )


def _first_alike(name: str, taken: Mapping[str, FinalTargets]) -> str:
    """Return the first candidate that has the same targets and weights."""
    return next(other for other, one in taken.items() if _alike(one, taken[name]))


def _alike(one: FinalTargets, other: FinalTargets) -> bool:
    weights = [np.ones(len(part.targets)) if part.weight is None else part.weight for part in (one, other)]
    return np.array_equal(weights[0], weights[1]) and np.array_equal(one.targets, other.targets)


@dataclass(frozen=True)
class _CandidateTask:
    unit: Unit
    candidate: str
    rows: np.ndarray
    targets: np.ndarray  # (n_rows, m)
    weight: np.ndarray | None  # (n_rows,)
    seed: int


def _with_guard(problem: Problem, rows: np.ndarray) -> Problem:
    guard = np.zeros(len(problem.given), dtype=bool)
    guard[rows] = True
    return replace(problem, guard=guard, watch={}, watch_codes={}, reference=None)


def _predict_all(
    tasks: Sequence[_CandidateTask],
    problem: Problem,
    learners: Sequence[Learner],
    settings: Settings,
    executor: Executor,
    units_of: Callable[[str], UnitStore],
) -> dict[str, np.ndarray]:
    """Return the mean prediction of the members for the guard, by candidate."""
    found: dict[tuple[str, Unit], UnitResult] = {}
    for task in tasks:
        if (result := units_of(f"fit-{task.candidate}").get(task.unit)) is not None:
            found[task.candidate, task.unit] = result
    missing = [task for task in tasks if (task.candidate, task.unit) not in found]
    work = partial(
        _fit_candidate,
        learners=tuple(learners),
        X=problem.X,
        guard_rows=np.flatnonzero(problem.guard),
        task_kind=problem.task,
    )
    failures: list[tuple[_CandidateTask, Failure]] = []
    complaints: dict[tuple[type[Warning], str], None] = {}
    for task, outcome in executor.run(work, missing, resources=settings.resources) if missing else ():
        if isinstance(outcome, Failure):
            failures.append((task, outcome))
            continue
        complaints |= dict.fromkeys(outcome.warnings)
        found[task.candidate, task.unit] = outcome.value
        units_of(f"fit-{task.candidate}").put(task.unit, outcome.value)
    if failures:
        task, failure = min(failures, key=lambda one: (one[0].candidate, one[0].unit))
        raise fit_error(failure, f"the fit that tries {task.candidate!r} for the final targets", task.unit)
    for category, text in complaints:
        warnings.warn(text, category, stacklevel=4)
    by_candidate: dict[str, list[np.ndarray]] = {}
    for task in tasks:
        by_candidate.setdefault(task.candidate, []).append(found[task.candidate, task.unit].held_out)
    return {name: mean_prediction(rows) for name, rows in by_candidate.items()}


def _fit_candidate(
    task: _CandidateTask, *, learners: tuple[Learner, ...], X: Any, guard_rows: np.ndarray, task_kind: Task
) -> UnitResult:
    start = time.perf_counter()
    model = fit_learner(learners[task.unit.member], take(X, task.rows), task.targets, task.weight, task.seed)
    predictions = predict_checked(model, take(X, guard_rows), task_kind)  # (n_guard, m)
    return UnitResult(predictions.astype(np.float32), seconds=time.perf_counter() - start)
