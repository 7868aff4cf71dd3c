"""The teacher of instance-based smoothing: trained on hard labels, temperature-scaled on rows set apart, or given by the caller.

It answers for all rows, most of which it was trained on. That is the method as its authors have it; what it costs beside a
refinery is that a teacher which memorises has nothing to say.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.fingerprint import fingerprint
from softlabel.data.rows import n_rows, take
from softlabel.errors import InputError
from softlabel.execution.executor import Failure
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.methods.fitted_teacher import fitted_answers, is_fitted_teacher
from softlabel.methods.guard import set_apart
from softlabel.methods.learner_fits import fit_error, fit_learner, predict_checked
from softlabel.methods.preparation import Preparation, members
from softlabel.methods.units import Unit
from softlabel.metrics.temperature import BOUNDS, fit_temperature
from softlabel.targets.encode import one_hot
from softlabel.tasks import Task


@dataclass(frozen=True, eq=False)
class InstanceTeacher:
    """A fitted teacher: ``teacher_`` of ILS1, ILS2 and ILS, to be given to another of them as ``teacher``.

    scikit-learn's ``clone`` leaves it as it is, fitted: it is a result, not a recipe.

    Attributes
    ----------
    estimator : fitted learner
    classes_ : (k,)
    temperature : float
        Fitted on rows that the teacher was not trained on; 1 where none were set apart.
    held_out : (n,) bool, or None
        Which of the rows that it was trained among were set apart; None where none were, or rows of their kind have no fingerprint.
    rows : str
        Fingerprint of these n rows, in their order: only on the same rows does ``held_out`` say anything.
    """

    estimator: Learner
    classes_: np.ndarray  # (k,)
    temperature: float
    held_out: np.ndarray | None = None  # (n,)
    rows: str = ""

    def predict_targets(self, X: Any) -> np.ndarray:
        """Return the probabilities (n, k) of the teacher as it was trained, not temperature-scaled."""
        return np.asarray(self.estimator.predict_targets(X))

    def not_trained_on(self, X: Any) -> np.ndarray:
        """Return which rows (n,) of X were set apart from the training; none of rows that are not the ones it was trained among."""
        if self.held_out is None or len(self.held_out) != n_rows(X) or _fingerprint(X) != self.rows:
            return np.zeros(n_rows(X), dtype=bool)
        return self.held_out.copy()

    def __sklearn_clone__(self) -> Self:
        return self


@dataclass(frozen=True)
class Answers:
    """What a teacher says of all rows."""

    teacher: Any  # fitted, or the (n, k) array that was given in its place
    probabilities: np.ndarray  # (n, k) float32 at temperature 1; NaN for classes that it was not trained on
    held_out: np.ndarray  # (n,) bool: rows that it was not trained on, as far as that is known
    temperature: float  # makes the probabilities calibrated ones


def ask(teacher: Any, share: float, ready: Preparation) -> Answers:
    """Return a teacher's answers for all rows.

    Parameters
    ----------
    teacher : None, estimator, fitted classifier, or array-like (n, k)
        None and an estimator that is not fitted are trained here; None is the student's own. A classifier that is fitted, and the
        probabilities (n, k) of one, are taken as they are, and as calibrated; of an ``InstanceTeacher`` the temperature is known, and
        on the rows that it was trained among also which of them it did not see.
    share : float from 0 to less than 1
        Of the rows, set apart from the teacher's training to fit its temperature.
    ready : Preparation

    Raises
    ------
    InputError
        If a teacher that was given has other classes, an array has another shape, or too few rows can be set apart.
    FitError
        If the teacher fails.
    """
    task, n = ready.problem.task, len(ready.problem.codes)
    nothing = np.zeros(n, dtype=bool)
    if _is_array(teacher):
        return Answers(teacher, task.check_predictions(teacher, n, "teacher"), nothing, 1.0)
    if not is_fitted_teacher(teacher):
        return _trained(teacher, share, ready)
    answers = fitted_answers(teacher, ready.problem.X, task)
    if isinstance(teacher, InstanceTeacher):
        return Answers(teacher, answers, teacher.not_trained_on(ready.problem.X), teacher.temperature)
    return Answers(teacher, answers, nothing, 1.0)


def check_held_out(share: Any) -> float:
    """Return the share of rows that fit the teacher's temperature, a number from 0 to less than 1."""
    if isinstance(share, (int, float, np.number)) and not isinstance(share, bool) and 0 <= share < 1:
        return float(share)
    raise InputError(
        f"held_out={share!r}; give the share of rows that fit the teacher's temperature, below 1; 0 does without one"
    )


def _trained(estimator: Any, share: float, ready: Preparation) -> Answers:
    """Train a teacher on the hard labels of all rows but those set apart, and scale its answers by these."""
    problem, task = ready.problem, ready.problem.task
    learner = ready.learners[0] if estimator is None else _single(estimator, task)
    weight = problem.sample_weight
    counts = np.ones(len(problem.codes), dtype=bool) if weight is None else weight > 0  # (n,)
    held_out = _held_out(share, ready, counts)  # (n,)
    hard = one_hot(problem.codes, task.n_columns)  # (n, k)
    seed = ready.settings.seeds.integer("fit", round=1)
    work = partial(_fit_and_answer, learner=learner, ready=ready, targets=hard, train=~held_out)
    (_, outcome), *_ = InProcess().run(work, [seed], resources=ready.settings.resources)
    if isinstance(outcome, Failure):
        raise fit_error(outcome, "the teacher's fit", Unit(1, 0, 0))
    for category, text in outcome.warnings:
        warnings.warn(text, category, stacklevel=5)
    model, answers = outcome.value
    answers = task.mark_unseen(answers, hard[~held_out & counts]).astype(np.float32)  # (n, k)
    temperature = 1.0
    if (scaled := held_out & counts).any():
        rest = None if weight is None else weight[scaled]
        temperature = fit_temperature(task.known(answers[scaled]), problem.codes[scaled], rest)
        _tell_of_bounds(temperature, int(scaled.sum()))
    rows = _fingerprint(problem.X) if held_out.any() else ""
    trained = InstanceTeacher(model, np.asarray(task.classes), temperature, held_out if rows else None, rows)
    return Answers(trained, answers, held_out, temperature)


def _tell_of_bounds(temperature: float, n: int) -> None:
    if temperature in BOUNDS:
        warnings.warn(
            f"the teacher's temperature is {temperature:g}, the {'least' if temperature < 1 else 'largest'} that is tried: the {n} rows "
            "set apart are too few, or all right, or no better than chance",
            UserWarning,
            stacklevel=5,
        )


def _fingerprint(X: Any) -> str:
    """Return a digest of rows in their order; empty for rows of a kind that has none."""
    try:
        return fingerprint(Dataset(X, None, np.arange(n_rows(X))))
    except InputError:
        return ""


def _held_out(share: float, ready: Preparation, counts: np.ndarray) -> np.ndarray:
    """Return which rows (n,) the teacher is not trained on; a class that would then have no row left keeps all of its own."""
    problem = ready.problem
    n = len(problem.codes)
    if share == 0:
        return np.zeros(n, dtype=bool)
    mask = set_apart(share, problem.codes, problem.groups, ready.settings.seeds, "calibrate")
    lost = np.setdiff1d(problem.codes[counts], problem.codes[counts & ~mask])
    back = np.isin(problem.codes, lost)  # (n,)
    if problem.groups is not None:
        back = np.isin(problem.groups, problem.groups[back])
    mask &= ~back
    if not (mask & counts).any():
        raise InputError(
            f"held_out={share} sets none of {n} rows apart without leaving a class out of the teacher's training; give more rows, "
            "a larger share, or held_out=0 (no temperature)"
        )
    return mask


def _fit_and_answer(
    seed: int, *, learner: Learner, ready: Preparation, targets: np.ndarray, train: np.ndarray
) -> tuple[Learner, np.ndarray]:
    problem = ready.problem
    weight = None if problem.sample_weight is None else problem.sample_weight[train]
    model = fit_learner(learner, take(problem.X, train), targets[train], weight, seed)
    return model, predict_checked(model, take(problem.X, np.arange(n_rows(problem.X))), problem.task)


def _single(estimator: Any, task: Task) -> Learner:
    if isinstance(estimator, (list, tuple)):
        raise InputError(
            f"teacher is a list of {len(estimator)}; give one estimator, or a table of probabilities (n, k)"
        )
    try:
        return members(estimator, task.kind)[0]
    except InputError as error:
        raise InputError(f"teacher: {error}") from error


def _is_array(teacher: Any) -> bool:
    """Return whether a teacher is a table of probabilities; a list of estimators is none."""
    if isinstance(teacher, (list, tuple)):
        return bool(teacher) and isinstance(teacher[0], (list, tuple, np.ndarray))
    return hasattr(teacher, "__array__")
