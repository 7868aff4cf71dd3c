"""One fold's work: fit a learner on the other folds' targets, predict the rows that were held out.

``fit_fold`` is picklable with everything it needs, so that it runs in any process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from softlabel.data.folds import Fold
from softlabel.data.rows import n_rows, take
from softlabel.errors import FitError, FitTypeError, InputError, SoftlabelError
from softlabel.execution.executor import Executor, Failure, Resources
from softlabel.learners.budget import short_on_purpose
from softlabel.learners.contract import Learner, seeded
from softlabel.methods.epoch_rows import epoch_rows
from softlabel.methods.final_targets import final_targets
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
    model: Any = None  # the fitted learner, where the next round goes on with it


class UnitStore(Protocol):
    """Where finished units are kept. The methods know no disk: the run directory, or a dictionary, is passed in.

    ``model`` and ``forget`` are asked for only where fold models go on from round to round.
    """

    def get(self, unit: Unit) -> UnitResult | None: ...

    def put(self, unit: Unit, result: UnitResult) -> None: ...

    def model(self, unit: Unit) -> Any:
        """Return the fitted learner of a unit, None where it is not kept."""

    def forget(self, round: int) -> None:
        """Let go of the fitted learners of a round; what they predicted stays."""


class Memory:
    """A ``UnitStore`` that keeps fitted learners, as long as the next round needs them, and nothing else.

    A fit that was done is done again if asked for.
    """

    def __init__(self) -> None:
        self._models: dict[Unit, Any] = {}

    def get(self, unit: Unit) -> UnitResult | None:
        return None

    def put(self, unit: Unit, result: UnitResult) -> None:
        if result.model is not None:
            self._models[unit] = result.model

    def model(self, unit: Unit) -> Any:
        return self._models.get(unit)

    def forget(self, round: int) -> None:
        self._models = {unit: model for unit, model in self._models.items() if unit.round != round}


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
    trusted: np.ndarray | None = None  # (n,) bool: rows whose labels are known to be right, which no round changes

    @property
    def refined(self) -> np.ndarray:
        """(n,) bool: rows whose targets the rounds may change, neither of the guard nor trusted."""
        return ~self.guard if self.trusted is None else ~(self.guard | self.trusted)

    def watched_score(self, name: str, predictions: np.ndarray) -> dict[str, float]:
        """Score predictions of watched rows; nothing where their labels are not known."""
        if name == "guard":
            return self.scores_on(self.guard, predictions)
        if name == "trusted" and self.trusted is not None:
            return self.scores_on(self.trusted, predictions)
        return self.task.scores(self.watch_codes[name], predictions) if name in self.watch_codes else {}

    def scores_on(self, rows: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
        """Score predictions (n_rows, m) of the rows of a mask (n,) against their given labels.

        Rows whose class no model knew are left out; nothing is returned where none is left, or all that are have weight 0.
        """
        codes, weight = self.codes[rows], None if self.sample_weight is None else self.sample_weight[rows]
        judged = self.task.judged(predictions, codes)
        if not judged.any() or (weight is not None and not weight[judged].any()):
            return {}
        known = self.task.known(predictions[judged])
        return self.task.scores(codes[judged], known, None if weight is None else weight[judged])

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


def continue_learner(
    learner: Any, before: Learner, X: Any, targets: np.ndarray, sample_weight: np.ndarray | None, seed: int
) -> Learner:
    """Train a fitted learner further, as a fresh copy of ``learner`` with its own seed; the fitted one is left as it is."""
    fresh: Any = seeded(learner, seed)
    beside: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
    with counting_a_fit():
        further: Learner = fresh.fit_from(before, X, targets, **beside)
        return further


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
