"""What each candidate of a choice says of a guard: refinements beside it, and models of what comes of them.

The refinements are shorter than the one that is handed over.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from softlabel.data.rows import take
from softlabel.errors import FitError
from softlabel.execution.executor import Executor, Failure
from softlabel.learners.contract import Learner
from softlabel.methods.choice import GIVEN
from softlabel.methods.cross_fit import mean_prediction
from softlabel.methods.evidence_units import FirstRoundShared
from softlabel.methods.final_targets import FinalTargets, disputed, final_targets
from softlabel.methods.learner_fits import fit_error, fit_learner, predict_checked
from softlabel.methods.plans import Plan
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, refinement_rounds
from softlabel.methods.units import Unit, UnitResult, UnitStore
from softlabel.tasks import Task

INNER_ROUNDS = 2  # of the refinement beside a guard


@dataclass(frozen=True)
class Evidence:
    """What models of each candidate say of rows that nothing behind them has seen."""

    rows: np.ndarray  # (n_scored,) int positions
    predictions: Mapping[str, np.ndarray]  # candidate -> (n_scored, m) float32, "given" for the plain fit
    noise: Mapping[str, np.ndarray | None]  # plan -> T (k, k), of several labels (m, 2, 2); None where nothing is known
    disputed: Mapping[
        str, float
    ]  # candidate -> share of the rows with a weight that it refined whose label looked wrong


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
    refined_by: dict[tuple[Any, ...], tuple[np.ndarray, np.ndarray | None]] = {}
    for plan in plans:
        if plan.way not in refined_by:
            refined_by[plan.way] = _refined(problem, learners, plan.settings(settings), executor, units_of, plan)
        arrays = (rows[others] for rows in (refined_by[plan.way][0], problem.codes, problem.given, ~problem.refined))
        refined, codes, given, pinned = arrays
        taken[plan.name] = final_targets(plan.policy, problem.task, refined, codes, given, pinned)
        doubted = disputed(problem.task, refined, codes, given, pinned) & problem.learnt[others]
        shares[plan.name] = float(doubted.sum() / max(int((problem.refined & problem.learnt).sum()), 1))
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
    noise = {plan.name: refined_by[plan.way][1] for plan in plans}
    return Evidence(np.flatnonzero(problem.guard), {name: predictions[same[name]] for name in taken}, noise, shares)


def _refined(
    problem: Problem,
    learners: Sequence[Learner],
    settings: Settings,
    executor: Executor,
    units_of: Callable[[str], UnitStore],
    plan: Plan,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the targets (n, m) after the rounds of a plan, and the noise; round 1 is fitted once for all plans with the same teachers.

    Where all learn the given labels of rows that nothing disputes, and nothing is disputed, the next round would learn the same again.
    """
    first = f"plain-{plan.taught_by}" if plan.taught_by else "plain"
    units = FirstRoundShared(units_of(first), units_of(f"rounds-{plan.name}"))
    refined, noise, prunes = problem.given, None, plan.teacher_targets == "pruned"
    teachers = plan.teachers(learners)
    try:
        for done in refinement_rounds(
            problem, teachers, settings, n_rounds=INNER_ROUNDS, executor=executor, units=units
        ):
            refined, noise = done.refined, done.noise
            if prunes and not disputed(problem.task, refined, problem.codes, problem.given, ~problem.refined).any():
                break
    except FitError as error:  # these are none of the rounds that were asked for
        error.args = (f"while {plan.name!r} was tried, {error}",)
        raise
    return refined, None if noise is None else noise.matrices()


def _first_alike(name: str, taken: Mapping[str, FinalTargets]) -> str:
    """Return the first candidate that has the same targets and weights."""
    return next(other for other, one in taken.items() if one.equals(taken[name]))


@dataclass(frozen=True)
class _CandidateTask:
    unit: Unit
    candidate: str
    rows: np.ndarray
    targets: np.ndarray  # (n_rows, m)
    weight: np.ndarray | None  # (n_rows,)
    seed: int


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
