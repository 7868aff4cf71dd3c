"""Generation after generation: each learns the labels that its predecessor gives to the very examples it is trained on.

One short generator, as ``rounds.py`` has it for Stochastic Label Refinery: fitting and running from the command line both consume it;
where models are kept is passed in.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from softlabel.data.folds import stochastic_folds
from softlabel.data.rows import n_rows, take
from softlabel.execution.executor import Executor, Failure, within
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.methods.final_fit import watched_rows
from softlabel.methods.learner_fits import continue_learner, fit_error, fit_learner
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.methods.taught_student import Taught, Teaching, untaught
from softlabel.methods.teacher_networks import Teachers
from softlabel.methods.units import Unit


class ModelStore(Protocol):
    """Where the models of generations are kept; in memory nothing has to be."""

    def get(self, generation: int, fold: int | None) -> Any:
        """Return the fitted model of a generation, None where it is not kept; ``fold`` is None for one that all rows trained."""

    def put(self, generation: int, fold: int | None, model: Any) -> None: ...


class Forgetful:
    """A ``ModelStore`` that keeps nothing: each model is trained when it is asked for."""

    def get(self, generation: int, fold: int | None) -> Any:
        return None

    def put(self, generation: int, fold: int | None, model: Any) -> None:
        pass


@dataclass(frozen=True)
class Generation:
    """One generation: whom it learned from, and what it says.

    Generation g was trained on labels of the one before it; the first on the given ones, or on those of teachers that were given.
    """

    number: int  # g, from 1
    learned: np.ndarray  # (n, m) float32: the labels that it learned, of rows as they are stored
    teachers: Teachers  # its models: one, or one a fold
    answers: np.ndarray  # (n, m) float32: what they say of rows as they are stored; of folds out of fold
    taught_by: Teachers | None = None  # who labelled for it; None: it learned the given labels


def trained_generations(
    problem: Problem,
    learners: Sequence[Learner],
    teaching: Teaching,
    settings: Settings,
    *,
    teachers: Teachers | None = None,
    folds: bool = False,
    unlabelled: Any = None,
    validation: tuple[Any, Any] | None = None,
    executor: Executor | None = None,
    models: ModelStore | None = None,
) -> Iterator[Generation]:
    """Train one generation after the other (Label Refinery, section 3).

    Parameters
    ----------
    problem : Problem
    learners : sequence of Learner
        One a generation; the last is the student that answers in the end.
    teaching : Teaching
        How teachers label.
    settings : Settings
        Seeds, threads and folds.
    teachers : Teachers or None
        Who labels for the first generation; None: it learns the given labels.
    folds : bool
        Whether each generation but the last is one model a fold, so that rows are labelled by a model that did not train on them. Each
        generation is split anew.
    unlabelled : rows or None
        Further rows without labels, which every generation with teachers learns too.
    validation : (X, y) or None
        Rows that the last generation scores after each epoch.
    executor : Executor
        Where the models of folds are trained.
    models : ModelStore
        Where models are kept, and looked for before they are trained.

    Yields
    ------
    Generation
        Each when it is trained.

    Raises
    ------
    FitError
        If a learner fails; it names generation and fold.
    """
    models = Forgetful() if models is None else models
    watched = watched_rows(problem, validation)
    said: np.ndarray | None = None  # (n, m) by the teachers, where they were asked already
    for g, learner in enumerate(learners, start=1):
        last = g == len(learners)
        taught_by = teachers
        with within(settings.resources):  # threads change the last bits of what teachers say
            taught = teaching.taught(problem, learner, teachers, settings.seeds, g, unlabelled, last=last, said=said)
        if folds and not last:
            teachers = _one_a_fold(problem, taught, settings, g, executor or InProcess(), models)
        else:
            teachers = Teachers([_whole(problem, taught, settings, g, models, watched if last else None)])
        learned = taught.targets[: len(problem.given)]  # (n, m)
        with within(settings.resources):
            said = teachers.answers(problem.X, problem.task)  # (n, m)
        yield Generation(g, learned, teachers, np.where(np.isnan(said), learned, said), taught_by)


def trained_teachers(
    problem: Problem, learners: Sequence[Learner], settings: Settings, models: ModelStore | None = None
) -> list[Any]:
    """Train each learner on the given labels: the teachers of the first generation, where they were given untrained."""
    models, found = Forgetful() if models is None else models, list[Any]()
    for member, learner in enumerate(learners):
        taught = Taught(learner, problem.X, problem.given, problem.sample_weight, {})
        task = _Training(0, member, None, settings.seeds.integer("fit", round=0, member=member))
        found += _trained([task], problem, taught, settings, InProcess(), models, None)
    return found


@dataclass(frozen=True)
class _Training:
    generation: int
    fold: int | None  # None: it is trained on all rows
    rows: np.ndarray | None  # None: all
    seed: int


def _whole(problem: Problem, taught: Taught, settings: Settings, g: int, models: ModelStore, watched: Any) -> Any:
    """Return the model of a generation that is trained on all rows."""
    # The first generation, when it is the only one, is the plain method's final fit: the same address.
    task = _Training(g, None, None, settings.seeds.integer("final", round=g - 1))
    return _trained([task], problem, taught, settings, InProcess(), models, watched)[0]


def _one_a_fold(
    problem: Problem, taught: Taught, settings: Settings, g: int, executor: Executor, models: ModelStore
) -> Teachers:
    """Return a model for each fold, trained on the other folds, and which of them did not see each row."""
    seed = settings.seeds.integer("split", round=g)
    split = stochastic_folds(problem.codes, settings.cv, groups=problem.groups, seed=seed, X=problem.X)
    fold_of = np.full(len(problem.given), -1, dtype=np.int64)  # (n,) -1: no fold holds it out
    for number, fold in enumerate(split):
        fold_of[fold.held_out] = number
    tasks = [
        _Training(g, number, fold.train, settings.seeds.integer("fit", round=g, fold=number))
        for number, fold in enumerate(split)
    ]
    found = _trained(tasks, problem, taught, settings, executor, models, None)
    return Teachers(found, fold_of)


def _trained(
    tasks: list[_Training],
    problem: Problem,
    taught: Taught,
    settings: Settings,
    executor: Executor,
    models: ModelStore,
    watched: Any,
) -> list[Any]:
    kept = {task.fold: model for task in tasks if (model := models.get(task.generation, task.fold)) is not None}
    missing = [task for task in tasks if task.fold not in kept]
    work = partial(_fit, taught=taught, n=len(problem.given), watched=watched)
    complaints: dict[tuple[type[Warning], str], None] = {}
    failures: list[tuple[_Training, Failure]] = []
    for task, outcome in executor.run(work, missing, resources=settings.resources) if missing else ():
        if isinstance(outcome, Failure):
            failures.append((task, outcome))
            continue
        complaints |= dict.fromkeys(outcome.warnings)
        models.put(task.generation, task.fold, outcome.value)
        kept[task.fold] = outcome.value
    if failures:
        task, failure = min(failures, key=lambda one: one[0].fold or 0)
        where = f"generation {task.generation}" + (f", fold {task.fold}" if task.rows is not None else "")
        where = where if task.generation else f"the training of teacher {task.fold}"
        raise fit_error(failure, where, Unit(task.generation, 0, task.fold or 0))
    for category, text in complaints:
        warnings.warn(text, category, stacklevel=4)
    return [kept[task.fold] for task in tasks]


def _fit(task: _Training, *, taught: Taught, n: int, watched: Any) -> Any:
    """Train one model; rows of a fold are those of the n given ones that train, and all further ones."""
    rows = np.arange(n_rows(taught.X)) if task.rows is None else np.r_[task.rows, np.arange(n, n_rows(taught.X))]
    X, targets = take(taught.X, rows), taught.targets[rows]
    weight = None if taught.weight is None else taught.weight[rows]
    model = fit_learner(taught.among(rows), X, targets, weight, task.seed, watched)
    if taught.further is not None:  # what goes on from here starts with these weights
        model = continue_learner(taught.among(rows, taught.further), model, X, targets, weight, task.seed)
    return untaught(model, taught.own)
