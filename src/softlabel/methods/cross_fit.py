"""One fold's work: fit a learner on the other folds' targets, predict the rows that were held out.

``fit_fold`` is picklable with everything it needs, so that it runs in any process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from softlabel.data.folds import Fold
from softlabel.data.rows import n_rows, take
from softlabel.errors import FitError, InputError
from softlabel.execution.executor import Executor, Failure, Resources
from softlabel.learners.budget import short_on_purpose
from softlabel.learners.contract import Learner
from softlabel.methods.epoch_rows import epoch_rows
from softlabel.methods.final_targets import final_targets
from softlabel.methods.learner_fits import continue_learner, fit_error, fit_learner, predict_checked
from softlabel.methods.problem import Problem
from softlabel.methods.units import Unit, UnitResult, UnitStore
from softlabel.seeds import Seeds
from softlabel.targets.held_out import average_held_out
from softlabel.tasks import Task


@dataclass(frozen=True)
class _FoldTask:
    unit: Unit
    fold: Fold
    seed: int
    before: Any = None  # the fitted learner of the same fold in the round before, to go on with


@dataclass(frozen=True)
class Taught:
    """What models take of refined targets, where it is not the targets themselves."""

    policy: str
    codes: np.ndarray  # (n,) or (n, k)
    given: np.ndarray  # (n, m) float32: L(0)
    pinned: np.ndarray  # (n,) bool

    def rows(
        self, task: Task, train: np.ndarray, targets: np.ndarray, sample_weight: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return the rows among ``train`` that take part, their targets (n_rows, m) and their weights (n_rows,)."""
        taken = final_targets(
            self.policy, task, targets[train], self.codes[train], self.given[train], self.pinned[train]
        )
        weight = None if sample_weight is None else sample_weight[train]
        return taken.among(train, weight)


@dataclass(frozen=True)
class OutOfFold:
    """One round of cross-fitting."""

    oof: np.ndarray  # (n, m) float32; NaN in rows that no fold held out, and for classes that a row's models never saw
    watched: dict[str, np.ndarray]  # name -> (n_watched, m) float32: mean over the fold models
    seconds: float  # sum over the fits
    warnings: tuple[tuple[str, str], ...]


def out_of_fold(
    problem: Problem,
    learners: Sequence[Learner],
    targets: np.ndarray,
    folds: Sequence[Fold],
    *,
    round: int,
    seeds: Seeds,
    executor: Executor,
    resources: Resources,
    units: UnitStore,
    tta: str | None = None,
    go_on: bool = False,
    short: bool = False,
    teach: str = "refined",
) -> OutOfFold:
    """Predict each row by models that did not train on it (the paper's E step, section II, equations 1 to 3).

    One fit for each member and fold; the members' predictions are averaged (the paper's SLR-e), and so are those of a row
    that several folds hold out. With ``tta`` held-out rows and the guard are predicted from several views each (SLR-a),
    other watched rows are not. Units that the store already has are not fitted again. With ``go_on`` each model trains on from that of
    its member and fold in the round before, which the store has to hold. ``short`` says that learners train for less than they would need
    to converge, and are not to complain of it. ``teach`` is what models take of the targets, one of ``final_targets.POLICIES``.

    Raises
    ------
    FitError
        If a learner fails; the other fits of the round are finished and stored first.
    """
    n, m = targets.shape
    tasks = {
        Unit(round, member, number): _FoldTask(
            Unit(round, member, number), fold, seeds.integer("fit", round=round, member=member, fold=number)
        )
        for member in range(len(learners))
        for number, fold in enumerate(folds)
    }
    results = {unit: result for unit in tasks if (result := units.get(unit)) is not None}
    missing = [task for unit, task in tasks.items() if unit not in results]
    if go_on and round > 1:
        missing = [replace(task, before=_model_before(task.unit, units)) for task in missing]
    work = partial(
        fit_fold,
        learners=tuple(learners),
        X=problem.X,
        targets=targets,
        sample_weight=problem.sample_weight,
        guard_rows=np.flatnonzero(problem.guard),
        watch=problem.watch,
        task_kind=problem.task,
        tta=tta,
        keep=go_on,
        short=short,
        teach=None if teach == "refined" else Taught(teach, problem.codes, problem.given, ~problem.refined),
    )
    failures: dict[Unit, Failure] = {}
    for task, outcome in executor.run(work, missing, resources=resources) if missing else ():
        if isinstance(outcome, Failure):
            failures[task.unit] = outcome
            continue
        complaints = tuple((category.__name__, text) for category, text in outcome.warnings)
        units.put(task.unit, replace(outcome.value, warnings=complaints))
        results[task.unit] = replace(outcome.value, warnings=complaints, model=None)
    if failures:
        raise _first_failure(failures, len(tasks))
    ordered = [
        (tasks[unit].fold.held_out, results[unit]) for unit in sorted(tasks)
    ]  # sums do not depend on who came first
    names = ordered[0][1].watched
    return OutOfFold(
        average_held_out(
            [(rows, result.held_out) for rows, result in ordered], n, m, sum_to_one=problem.task.kind == "distribution"
        ),
        {name: mean_prediction([result.watched[name] for _, result in ordered]) for name in names},
        seconds=sum(result.seconds for _, result in ordered),
        warnings=tuple(dict.fromkeys(warning for _, result in ordered for warning in result.warnings)),
    )


def _model_before(unit: Unit, units: UnitStore) -> Any:
    before = units.model(unit._replace(round=unit.round - 1))
    if before is None:
        raise InputError(
            f"round {unit.round} goes on with the models of round {unit.round - 1}, and that of member {unit.member}, fold {unit.fold} "
            "is not kept; start from round 1 again"
        )
    return before


def mean_prediction(predictions: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean (n, m) float32 of several predictions, summed in float64."""
    return np.asarray(np.mean(predictions, axis=0, dtype=np.float64), dtype=np.float32)


def fit_fold(
    task: _FoldTask,
    *,
    learners: tuple[Learner, ...],
    X: Any,
    targets: np.ndarray,
    sample_weight: np.ndarray | None,
    guard_rows: np.ndarray,
    watch: Mapping[str, Any],
    task_kind: Task,
    tta: str | None = None,
    keep: bool = False,
    short: bool = False,
    teach: Taught | None = None,
) -> UnitResult:
    """Fit one member on one fold's training rows; predict its held-out rows and the watched ones."""
    start = time.perf_counter()
    train, held_out = task.fold.train, task.fold.held_out
    rows, taught, weight = (
        (train, targets[train], None if sample_weight is None else sample_weight[train])
        if teach is None
        else teach.rows(task_kind, train, targets, sample_weight)
    )
    learner = learners[task.unit.member]
    with short_on_purpose() if short else nullcontext():
        if task.before is None:
            model = fit_learner(learner, take(X, rows), taught, weight, task.seed)
        else:
            model = continue_learner(learner, task.before, take(X, rows), taught, weight, task.seed)
    predictions = predict_checked(model, take(X, held_out), task_kind, tta)  # (n_held_out, m)
    weighted = taught if weight is None else taught[weight > 0]
    # A copy for each model: one that transforms in place must not change what the next one sees.
    watched_rows = {"guard": take(X, guard_rows)} if len(guard_rows) else {}
    watched_rows |= {name: take(rows, np.arange(n_rows(rows))) for name, rows in watch.items()}
    watched = {
        name: predict_checked(model, rows, task_kind, tta if name == "guard" else None)
        for name, rows in watched_rows.items()
    }
    return UnitResult(
        task_kind.mark_unseen(predictions, weighted).astype(np.float32),
        {name: values.astype(np.float32) for name, values in watched.items()},
        loss_history=tuple(float(loss) for loss in getattr(model, "loss_history_", ())),
        history=epoch_rows(getattr(model, "history_", None)),
        seconds=time.perf_counter() - start,
        model=model if keep else None,
    )


def _first_failure(failures: dict[Unit, Failure], n_units: int) -> FitError:
    unit, failure = min(failures.items())
    others = f" ({len(failures)} of {n_units} fits of this round failed)" if len(failures) > 1 else ""
    return fit_error(failure, f"round {unit.round}, member {unit.member}, fold {unit.fold}{others}", unit)
