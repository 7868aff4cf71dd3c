"""What the methods of instance-based label smoothing have in common: a teacher is asked, rows are smoothed, a student learns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from softlabel.learners.contract import Learner
from softlabel.learners.small_masses import keeping_masses
from softlabel.methods.history import prefixed
from softlabel.methods.instance_teacher import Answers, ask, check_held_out
from softlabel.methods.options import check_positive
from softlabel.methods.preparation import Preparation
from softlabel.methods.student import StudentMethod
from softlabel.metrics.temperature import bounded
from softlabel.targets.smoothing_amounts import Amounts
from softlabel.targets.smoothing_spread import class_averages, spread_evenly
from softlabel.tasks import Kind

_NEGLIGIBLE = 1e-6  # of a row's mass: what the sharpest similarities leave for a class is not worth a copy of the row


class InstanceSmoothing(StudentMethod):
    """A method that smooths each row's target as a teacher says.

    A derived class has the parameters ``teacher`` and ``held_out`` beside its own, and answers two questions: how much, and where to.
    """

    teacher: Any
    held_out: Any

    kinds: ClassVar[tuple[Kind, ...]] = ("distribution",)
    why_these_kinds: ClassVar[str] = (
        "what leaves a row's label goes to its other classes, and here there is no label that shares its mass with others"
    )

    def _check_options(self) -> None:
        """Refuse options that are out of range."""

    @abstractmethod
    def _amounts(self, p_y: np.ndarray, k: int) -> Amounts:
        """Return how much of each row leaves its label, given the teacher's calibrated probability (n,) of it."""

    def _spread(self, ready: Preparation, eps: np.ndarray, answers: Answers) -> np.ndarray:
        """Return the targets (n, k) in which the amounts (n,) have left the labels."""
        return spread_evenly(ready.problem.codes, eps, ready.problem.task.n_columns, ready.problem.given)

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        self._check_options()
        check_held_out(self.held_out)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        groups: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
    ) -> Self:
        """Ask the teacher, smooth, and train the student.

        Parameters
        ----------
        X : n rows
        y : (n,)
            Given labels; a teacher that is trained here learns these.
        targets : (n, k) or None
            First targets L(0) where they are soft already; what leaves them is spread as for one-hot ones.
        groups : (n,) or None
            Rows of one group are set apart from the teacher's training together.
        sample_weight : (n,) or None
            Weights of fits and scores.
        reference : (n, k) or None
            True distributions: ``history_`` says how far the targets are from them. They change nothing.
        validation : (X, y) or None
            Rows that the student scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        share = check_held_out(self.held_out)
        ready = self._prepared(X, y, targets, sample_weight, reference, groups=groups)
        problem, task = ready.problem, ready.problem.task
        answers = ask(self.teacher, share, ready)
        known = ~np.isnan(own_class(answers.probabilities, problem.codes))  # (n,) whose class the teacher has seen
        scaled = task.sharpen(bounded(task.known(answers.probabilities)), answers.temperature)  # (n, k)
        amounts = self._amounts(own_class(scaled, problem.codes), task.n_columns)
        eps = np.where(known, amounts.eps, 0.0)  # (n,) of the other rows nothing can be said
        smoothed = self._spread(ready, eps, answers)  # (n, k)
        history = [self._entry(ready, smoothed, eps, amounts.share_clamped, answers)]
        meant = np.where(smoothed >= _NEGLIGIBLE, smoothed, 0.0)
        ready = replace(ready, learners=tuple(keeping_masses(learner, meant) for learner in ready.learners))
        students = self._student(ready, smoothed, validation)
        said = task.fill_unseen(answers.probabilities, problem.given).astype(np.float32)
        self.teacher_, self.smoothing_ = answers.teacher, eps
        return self._hand_over(ready, smoothed, said, history, students)

    def _entry(
        self, ready: Preparation, smoothed: np.ndarray, eps: np.ndarray, share_clamped: float, answers: Answers
    ) -> dict[str, Any]:
        """Return the one entry of the history."""
        problem, task = ready.problem, ready.problem.task
        moved = task.differs(task.suggest(smoothed, problem.codes, problem.given), problem.codes)
        entry: dict[str, Any] = {
            "moved": int(np.count_nonzero(moved)),
            "change": float(np.mean(task.change(problem.given, smoothed))),
            "mean_smoothing": float(eps.mean()),
            "share_clamped": share_clamped,
            "teacher_temperature": answers.temperature,
        }
        counts = np.ones(len(eps), dtype=bool) if problem.sample_weight is None else problem.sample_weight > 0
        for name, rows in (("in_sample", ~answers.held_out & counts), ("held_out", answers.held_out & counts)):
            if rows.any():
                weight = None if problem.sample_weight is None else problem.sample_weight[rows]
                scores = task.scores(problem.codes[rows], task.known(answers.probabilities[rows]), weight)
                entry |= prefixed(name, scores)
        return entry | prefixed("reference", problem.reference_scores(smoothed))


def similarities(ready: Preparation, answers: Answers, temperature: float) -> np.ndarray:
    """Return s = p^(1/T) / sum p^(1/T), (n, k), of the teacher as it was trained; a class that it has not seen is similar to none."""
    task = ready.problem.task
    s = task.sharpen(bounded(task.known(answers.probabilities)), temperature)
    return np.where(np.isnan(answers.probabilities), 0.0, s)


def class_similarities(ready: Preparation, answers: Answers, temperature: float) -> np.ndarray:
    """Return for each row (n, k) the average of its class: of the rows set apart, where every class has one, else of all."""
    codes, weight = ready.problem.codes, ready.problem.sample_weight
    counts = np.ones(len(codes)) if weight is None else weight  # (n,)
    apart = counts * answers.held_out
    if len(np.unique(codes[apart > 0])) == len(np.unique(codes[counts > 0])):
        counts = apart
    s = np.maximum(similarities(ready, answers, temperature), np.finfo(np.float32).tiny)
    return np.asarray(class_averages(s, codes, counts)[codes])


def own_class(rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return what rows (n, k) have in the column of each row's label, (n,)."""
    return np.asarray(rows[np.arange(len(codes)), codes])


def check_temperature(temperature: Any) -> float:
    """Return the temperature of similarities, a number above 0."""
    what = "a number above 0 (1 is the teacher as it is, above 1 spreads more evenly)"
    return check_positive("temperature", temperature, what)
