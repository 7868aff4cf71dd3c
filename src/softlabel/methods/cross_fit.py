"""One fold's work: fit a learner on the other folds' targets, predict the rows that were held out.

``fit_fold`` is picklable with everything it needs, so that it runs in any process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from softlabel.data.folds import Fold
from softlabel.data.rows import n_rows, take
from softlabel.errors import FitError, FitTypeError, SoftlabelError
from softlabel.execution.executor import Executor, Failure, Resources
from softlabel.learners.contract import Learner, seeded
from softlabel.methods.epoch_rows import epoch_rows
from softlabel.methods.fit_count import counting_a_fit
from softlabel.methods.views import predict_views
from softlabel.seeds import Seeds
from softlabel.targets.held_out import average_held_out
from softlabel.tasks import Task


class Unit(NamedTuple):
    """The address of one fit: the smallest piece of work that is stored, and done again only if it was not."""

    round: int
    member: int
    fold: int


@dataclass(frozen=True)
class UnitResult:
    """What one fit gave: its held-out predictions, and those for rows that are watched but never trained on."""

    held_out: np.ndarray  # (n_held_out, m) float32; NaN for what the model cannot know
    watched: Mapping[str, np.ndarray] = field(default_factory=dict)  # name -> (n_watched, m) float32
    loss_history: tuple[float, ...] = ()
    history: tuple[dict[str, float], ...] = ()  # a row an epoch: losses, accuracies, learning rate; no times
    seconds: float = 0.0
    warnings: tuple[tuple[str, str], ...] = ()  # (category, text), what the learner complained of


class UnitStore(Protocol):
    """Where finished units are kept. The methods know no disk: the run directory, or a dictionary, is passed in."""

    def get(self, unit: Unit) -> UnitResult | None: ...

    def put(self, unit: Unit, result: UnitResult) -> None: ...


class Memory:
    """A ``UnitStore`` that keeps nothing: a fit that was done is done again if asked for."""

    def get(self, unit: Unit) -> UnitResult | None:
        return None

    def put(self, unit: Unit, result: UnitResult) -> None:
        pass


@dataclass(frozen=True)
class Problem:
    """The rows to refine, and what is known of them. Nothing here changes from round to round."""

    X: Any  # n rows
    task: Task
    codes: np.ndarray  # (n,) int: the given labels as class numbers; (n, k) of 0 and 1 where a row may have several
    given: np.ndarray  # (n, m) float32: L(0)
    guard: np.ndarray  # (n,) bool: rows that never train a fold model and are never refined
    groups: np.ndarray | None = None  # (n,)
    sample_weight: np.ndarray | None = None  # (n,)
    watch: Mapping[str, Any] = field(default_factory=dict)  # name -> further rows that each fold model predicts
    # name -> (n_watched,) or (n_watched, k) codes of their labels, to score with
    watch_codes: Mapping[str, np.ndarray] = field(default_factory=dict)
    reference: np.ndarray | None = None  # (n, k) true distributions, used to score targets and for nothing else

    def watched_score(self, name: str, predictions: np.ndarray) -> dict[str, float]:
        """Score predictions of watched rows; nothing where their labels are not known."""
        if name == "guard":
            weight = None if self.sample_weight is None else self.sample_weight[self.guard]
            return self.task.scores(self.codes[self.guard], predictions, weight)
        return self.task.scores(self.watch_codes[name], predictions) if name in self.watch_codes else {}

    def reference_scores(self, targets: np.ndarray) -> dict[str, float]:
        """Return how far targets (n, m) of the refined rows are from their true distributions; nothing where none are known."""
        if self.reference is None:
            return {}
        known = ~self.guard & np.isfinite(self.reference).all(axis=1)  # (n,)
        if self.sample_weight is not None:
            known &= self.sample_weight > 0
        if not known.any():
            return {}
        weight = None if self.sample_weight is None else self.sample_weight[known]
        return self.task.reference_scores(self.reference[known], targets[known], weight)


@dataclass(frozen=True)
class _FoldTask:
    unit: Unit
    fold: Fold
    seed: int


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
) -> OutOfFold:
    """Predict each row by models that did not train on it (the paper's E step, section II, equations 1 to 3).

    One fit for each member and fold; the members' predictions are averaged (the paper's SLR-e), and so are those of a row
    that several folds hold out. With ``tta`` held-out rows and the guard are predicted from several views each (SLR-a),
    other watched rows are not. Units that the store already has are not fitted again.

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
    )
    failures: dict[Unit, Failure] = {}
    for task, outcome in executor.run(work, missing, resources=resources) if missing else ():
        if isinstance(outcome, Failure):
            failures[task.unit] = outcome
            continue
        complaints = tuple((category.__name__, text) for category, text in outcome.warnings)
        results[task.unit] = replace(outcome.value, warnings=complaints)
        units.put(task.unit, results[task.unit])
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
        {name: _mean([result.watched[name] for _, result in ordered]) for name in names},
        seconds=sum(result.seconds for _, result in ordered),
        warnings=tuple(dict.fromkeys(warning for _, result in ordered for warning in result.warnings)),
    )


def _mean(predictions: Sequence[np.ndarray]) -> np.ndarray:
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
) -> UnitResult:
    """Fit one member on one fold's training rows; predict its held-out rows and the watched ones."""
    start = time.perf_counter()
    train, held_out = task.fold.train, task.fold.held_out
    weight = None if sample_weight is None else sample_weight[train]
    model = fit_learner(learners[task.unit.member], take(X, train), targets[train], weight, task.seed)
    predictions = predict_checked(model, take(X, held_out), task_kind, tta)  # (n_held_out, m)
    weighted = targets[train] if weight is None else targets[train][weight > 0]
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
    )


def fit_learner(
    learner: Learner,
    X: Any,
    targets: np.ndarray,
    sample_weight: np.ndarray | None,
    seed: int,
    validation: tuple[Any, np.ndarray] | None = None,
) -> Learner:
    """Fit a fresh copy of a learner with its own seed; weights are passed on only where there are any.

    ``validation``, rows and their target rows, is passed on to learners that watch such rows after each epoch.
    """
    fresh = seeded(learner, seed)
    beside: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
    if validation is not None and has_fit_parameter(fresh, "validation"):
        beside["validation"] = validation
    with counting_a_fit():
        return fresh.fit(X, targets, **beside)


def predict_checked(model: Learner, X: Any, task: Task, tta: str | None = None) -> np.ndarray:
    """Predict target rows, and refuse what is no prediction: wrong shape, NaN, negative or unnormalisable rows."""
    return task.check_predictions(predict_views(model, X, tta), n_rows(X), type(model).__name__)


def fit_error(failure: Failure, where: str, unit: Unit) -> FitError:
    """Return the error that tells where a learner failed, and how; its traceback goes along as a note."""
    kind = FitTypeError if isinstance(failure.error, TypeError) else FitError
    what = "" if isinstance(failure.error, SoftlabelError) else f"{type(failure.error).__name__}: "
    text = " ".join(str(failure.error).split())  # one line, whatever the learner wrote
    error = kind(
        f"the learner failed in {where}: {what}{text}", round=unit.round or None, member=unit.member, fold=unit.fold
    )
    error.add_note(failure.traceback)
    error.__cause__ = failure.error
    return error


def _first_failure(failures: dict[Unit, Failure], n_units: int) -> FitError:
    unit, failure = min(failures.items())
    others = f" ({len(failures)} of {n_units} fits of this round failed)" if len(failures) > 1 else ""
    return fit_error(failure, f"round {unit.round}, member {unit.member}, fold {unit.fold}{others}", unit)
