"""The work of one cell: fit a method on the training rows of its seed, score it on the test rows. Picklable with all it needs."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.first_loads import load_libraries
from softlabel.comparison.method_specs import MethodSpec
from softlabel.comparison.parts import Parts, RowSource
from softlabel.comparison.registry import make_method
from softlabel.comparison.scoring import compared_scores
from softlabel.data.rows import n_rows, take
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.guard import set_apart
from softlabel.metrics.recovery import label_recovery
from softlabel.seeds import Seeds
from softlabel.tasks import Task

CHOOSING_SHARE = 0.2  # of the training rows: set apart where a method has parameters to choose


@dataclass(frozen=True)
class Experiment:
    """What all cells share."""

    rows: RowSource
    methods: Mapping[str, Any]  # label -> MethodSpec, or a method of the user's own
    estimator: Any
    threads: int = 1
    curves: bool = False  # whether networks score the test rows after each epoch of their last fit; they choose nothing

    @property
    def task(self) -> Task:
        return self.rows.task


def compute_cell(cell: Cell, *, experiment: Experiment) -> CellResult:
    """Fit and score one method under one corruption with one seed.

    The clock runs while parameters are chosen and the method is fitted, not while it is scored; but rows that are watched are scored
    while it is fitted.
    """
    parts, task = experiment.rows.parts(cell.seed, cell.corruption), experiment.task
    method = experiment.methods[cell.method]
    ours = isinstance(method, MethodSpec)
    if not ours:
        parts = _copied(parts)
    load_libraries(experiment.estimator, method.name if ours else "")
    start = time.perf_counter()
    with fits_counted() as count:
        chosen = _choose(method, experiment, parts, cell.seed)
        fitted = _fit(_made(method, chosen, experiment, cell.seed), parts, watch=experiment.curves)
    seconds = time.perf_counter() - start
    predictions = np.asarray(fitted.predict_targets(parts.X_test))  # (v, m)
    task.check_predictions(predictions, n_rows(parts.X_test), f"method {cell.method!r}")  # which also rounds them
    return CellResult(
        scores=compared_scores(_task_of(fitted, task), task.codes(parts.y_test), predictions),
        recovery=_recovery(fitted, parts, task),
        reference=_reference(fitted, parts, task),
        chosen={name: chosen[name] for name in getattr(method, "grid", {})},
        epochs=_epochs(fitted, watched=experiment.curves and _takes(fitted, "validation")),
        watched=experiment.curves,
        n_fits=count.n_fits,
        extra=experiment.rows.extras(fitted, parts, cell.seed),
        seconds=seconds,
        fit_seconds=count.seconds,
    )


def _made(method: Any, parameters: Mapping[str, Any], experiment: Experiment, seed: int) -> Any:
    if isinstance(method, MethodSpec):
        return make_method(
            method,
            parameters,
            estimator=experiment.estimator,
            task=experiment.task,
            threads=experiment.threads,
            random_state=seed,
        )
    own = clone(method)
    names = own.get_params(deep=False)
    settings = {"random_state": seed, "task": experiment.task, "threads": experiment.threads}
    if names.get("estimator", "none of its own") is None:
        settings["estimator"] = experiment.estimator
    return own.set_params(**{name: value for name, value in settings.items() if name in names})


def _copied(parts: Parts) -> Parts:
    """Return rows that a method of the caller's may change in place: other methods, and the caller, must not see that."""
    X, X_test = (take(rows, np.arange(n_rows(rows))) for rows in (parts.X, parts.X_test))
    beside: dict[str, Any] = {"y": parts.y.copy(), "y_test": parts.y_test.copy(), "y_watch": parts.y_watch.copy()}
    return replace(parts, X=X, X_test=X_test, targets=None if parts.targets is None else parts.targets.copy(), **beside)


def _choose(method: Any, experiment: Experiment, parts: Parts, seed: int) -> dict[str, Any]:
    """Return the parameters that score best on rows set apart, by the labels that they were given, wrong ones included.

    The main score decides, then the NLL where there is one, then the order in which values were written.
    """
    if not isinstance(method, MethodSpec) or not method.grid:
        return dict(method.given) if isinstance(method, MethodSpec) else {}
    task = experiment.task
    mask = set_apart(CHOOSING_SHARE, task.codes(parts.y), parts.groups, Seeds(seed), "choose")
    inner, (X_held, y_held) = _inner(parts, np.flatnonzero(~mask)), (take(parts.X, mask), parts.y[mask])
    best: tuple[tuple[float, float], dict[str, Any]] | None = None
    for parameters in method.combinations():
        fitted = _fit(_made(method, parameters, experiment, seed), inner, watch=False)
        found = _task_of(fitted, task).scores(task.codes(y_held), fitted.predict_targets(X_held))
        worth = (_defined(found.get(task.main_score)), _defined(-found.get("nll", 0.0)))
        if best is None or worth > best[0]:
            best = worth, parameters
    assert best is not None  # a grid has a combination
    return best[1]


def _defined(score: float | None) -> float:
    """Return a score to compare by; one that these rows do not define (no class has both values, say) decides nothing."""
    return score if score is not None and np.isfinite(score) else -np.inf


def _inner(parts: Parts, rows: np.ndarray) -> Parts:
    """Return some of the training rows in place of all."""
    beside = {name: getattr(parts, name) for name in ("y", "true_label", "targets", "reference", "groups", "trusted")}
    inner: dict[str, Any] = {name: None if values is None else values[rows] for name, values in beside.items()}
    return replace(parts, X=take(parts.X, rows), **inner)


def _fit(method: Any, parts: Parts, *, watch: bool) -> Any:
    """Fit a method with all that is known of the rows and that it asks for."""
    beside: dict[str, Any] = {"targets": parts.targets, "groups": parts.groups}
    if parts.trusted is not None and parts.trusted.any() and not parts.trusted.all():  # of few, a split may hold none
        beside["trusted"] = parts.trusted
    if watch:
        beside["validation"] = (parts.X_test, parts.y_watch)
    return method.fit(
        parts.X,
        parts.y,
        **{name: value for name, value in beside.items() if value is not None and _takes(method, name)},
    )


def _takes(method: Any, name: str) -> bool:
    """Return whether a method's ``fit`` has a parameter of this name."""
    return name in inspect.signature(method.fit).parameters


def _epochs(fitted: Any, *, watched: bool) -> tuple[dict[str, float], ...]:
    """Return the epochs of the final fit; their ``validation_*`` are scores of test rows, and nothing else is.

    Where no test rows were watched, a network with an inner split of its own (``early_stopping``, say) calls that its validation. It is
    scored against the targets of the method, so that two methods do not compare: it is told of as ``inner_*``.
    """
    rows = tuple(getattr(fitted, "epochs_", ()))
    if watched and len(getattr(fitted, "estimators_", ())) < 2:  # models of folds watch nothing
        return rows
    return tuple({re.sub("^validation_", "inner_", name): value for name, value in row.items()} for row in rows)


def _task_of(fitted: Any, task: Task) -> Task:
    """Return the task by which a fitted method makes labels: it may have fitted thresholds between grades."""
    return getattr(fitted, "task_", task)


def _recovery(fitted: Any, parts: Parts, task: Task) -> dict[str, float] | None:
    suggested = getattr(fitted, "suggested_labels_", None)
    if parts.true_label is None or suggested is None:
        return None
    doubtful = (
        np.ones(len(parts.y), dtype=bool) if parts.trusted is None else ~parts.trusted
    )  # nobody asks about the others
    three = (parts.y, parts.true_label, np.asarray(suggested))
    given, true, said = (task.codes(labels[doubtful]).ravel() for labels in three)
    found = asdict(label_recovery(given, true, said))
    found["share_kept"] = None if found["share_spoiled"] is None else 1.0 - found["share_spoiled"]
    return {name: float(value) for name, value in found.items() if value is not None}


def _reference(fitted: Any, parts: Parts, task: Task) -> dict[str, float]:
    targets = getattr(fitted, "label_distributions_", None)
    if parts.reference is None or targets is None:
        return {}
    known = np.isfinite(parts.reference).all(axis=1)  # (n,)
    return task.reference_scores(parts.reference[known], targets[known]) if known.any() else {}
