"""The models that are handed over: trained on refined targets, all rows taking part."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from softlabel.data.folds import stochastic_folds
from softlabel.data.rows import as_rows, n_rows, take
from softlabel.errors import InputError
from softlabel.execution.executor import Executor, Failure
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.methods.final_targets import FinalTargets
from softlabel.methods.learner_fits import fit_error, fit_learner
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.methods.units import Unit
from softlabel.methods.views import check_tta, predict_views


@dataclass(frozen=True)
class _FinalTask:
    member: int
    fold: int
    rows: np.ndarray | None  # None: all rows
    seed: int


def left_for(problem: Problem, taken: FinalTargets) -> tuple[Problem, np.ndarray]:
    """Return the problem of the rows that take part in the final fit, and their targets."""
    if taken.weight is None:
        return problem, taken.targets
    rows, targets, weight = taken.among(np.arange(len(taken.targets)), problem.sample_weight)
    if len(rows) == len(taken.targets):
        return replace(problem, sample_weight=weight), targets
    left = replace(
        problem,
        X=take(problem.X, rows),
        codes=problem.codes[rows],
        given=problem.given[rows],
        guard=problem.guard[rows],
        groups=None if problem.groups is None else problem.groups[rows],
        trusted=None if problem.trusted is None else problem.trusted[rows],
        sample_weight=weight,
        reference=None,
    )
    return left, targets


def refit(
    problem: Problem,
    learners: Sequence[Learner],
    targets: np.ndarray,
    settings: Settings,
    executor: Executor | None = None,
    validation: tuple[Any, Any] | None = None,
) -> list[Learner]:
    """Fit each learner once on all rows, the guard's with their given labels.

    ``validation`` (X, y) are further rows and their labels, that learners which are trained in epochs score after each; they choose
    nothing.
    """
    tasks = [_FinalTask(m, 0, None, settings.seeds.integer("final", member=m)) for m in range(len(learners))]
    return _fit_all(tasks, problem, learners, targets, settings, executor, watched_rows(problem, validation))


def fit_folds(
    problem: Problem,
    learners: Sequence[Learner],
    targets: np.ndarray,
    settings: Settings,
    executor: Executor | None = None,
) -> list[Learner]:
    """Fit one model a member and fold of one more split, to be averaged: the fold models of the paper, on the last targets."""
    # Round 0 trains no model, so its address is free for the split of the final one. The guard's rows train here too.
    seed = settings.seeds.integer("split", round=0)
    folds = stochastic_folds(problem.codes, settings.cv, groups=problem.groups, seed=seed, X=problem.X)
    tasks = [
        _FinalTask(m, number, fold.train, settings.seeds.integer("final", member=m, fold=number))
        for m in range(len(learners))
        for number, fold in enumerate(folds)
    ]
    return _fit_all(tasks, problem, learners, targets, settings, executor)


def average_predictions(models: Sequence[Any], X: Any, tta: str | None = None) -> np.ndarray:
    """Return the mean prediction (n, m) of several fitted learners.

    Parameters
    ----------
    models : sequence of fitted learners
    X : n rows
    tta : str or None
        Views of each row to average as well (flip, shift, flip+shift); None is what each model does by itself.

    Raises
    ------
    InputError
        If views are asked of a model that makes none.
    """
    tta = check_tta(tta, models)
    first = predict_views(models[0], X, tta)
    if len(models) == 1:
        return first
    return np.mean([first, *(predict_views(model, X, tta) for model in models[1:])], axis=0)


def _fit_all(
    tasks: list[_FinalTask],
    problem: Problem,
    learners: Sequence[Learner],
    targets: np.ndarray,
    settings: Settings,
    executor: Executor | None,
    validation: tuple[Any, np.ndarray] | None = None,
) -> list[Learner]:
    work = partial(
        _fit_one,
        learners=tuple(learners),
        X=problem.X,
        targets=targets,
        sample_weight=problem.sample_weight,
        validation=validation,
    )
    models: dict[tuple[int, int], Learner] = {}
    complaints: dict[tuple[type[Warning], str], None] = {}
    for task, outcome in (executor or InProcess()).run(work, tasks, resources=settings.resources):
        if isinstance(outcome, Failure):
            where = f"the final fit, member {task.member}, fold {task.fold}"
            raise fit_error(outcome, where, Unit(0, task.member, task.fold))
        models[task.member, task.fold] = outcome.value
        complaints |= dict.fromkeys(outcome.warnings)
    for category, text in complaints:  # each once, in the process of whoever called
        warnings.warn(text, category, stacklevel=4)
    return [models[address] for address in sorted(models)]


def watched_rows(problem: Problem, validation: tuple[Any, Any] | None) -> tuple[Any, np.ndarray] | None:
    """Return rows to watch with their target rows, those of the labels as they stand."""
    if validation is None:
        return None
    if not isinstance(validation, tuple) or len(validation) != 2:
        raise InputError("validation is no pair; give a tuple (X, y) of rows to watch")
    return as_rows(validation[0]), problem.task.encode(np.asarray(validation[1]))


def _fit_one(
    task: _FinalTask,
    *,
    learners: tuple[Learner, ...],
    X: Any,
    targets: np.ndarray,
    sample_weight: np.ndarray | None,
    validation: tuple[Any, np.ndarray] | None,
) -> Learner:
    learner = learners[task.member]
    if task.rows is None:
        rows = take(X, np.arange(n_rows(X)))  # a copy: a learner that transforms in place must not change the caller's
        return fit_learner(learner, rows, targets, sample_weight, task.seed, validation)
    weight = None if sample_weight is None else sample_weight[task.rows]
    return fit_learner(learner, take(X, task.rows), targets[task.rows], weight, task.seed)
