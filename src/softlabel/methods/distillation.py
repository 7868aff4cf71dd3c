"""Knowledge distillation: a student learns from the given labels and from what a teacher says of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Self

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.methods.fitted_teacher import fitted_answers, is_fitted_teacher
from softlabel.methods.in_sample import InSample, LabelsInSample, label_in_sample
from softlabel.methods.preparation import Preparation, members
from softlabel.methods.self_training import check_generations
from softlabel.methods.softened_student import (
    check_softened,
    check_temperature,
    cleared,
    refuse_numbers,
    softened_student,
)
from softlabel.targets.shares import check_portion
from softlabel.targets.update import update_targets
from softlabel.tasks import Kind


class Distillation(LabelsInSample):
    """Train a teacher on the given labels, and a student on a mixture of these and the teacher's answers.

    The student's targets are ``(1 - a) L(0) + a P``, with P the teacher's predictions for the rows it was trained on. Cross entropy is
    linear in its target, so that training on the mixture is the weighted sum of both losses at temperature 1. Of grades as
    numbers the teacher's number is mixed with the given one: how the refinery paper's table III distils grades is not said, this is
    our reading.

    With ``n_generations`` above 1 each student is the teacher of the next, on the same mixture with its own answers: self-distillation.
    At another temperature T the loss of a row is ``(1 - a) CE(q, softmax(o)) + a T^2 KL(softmax(z / T) || softmax(o / T))``, q its given
    row, o the student's logits and z the teacher's, which is no cross entropy to one target: the student has to be a network.

    Parameters
    ----------
    estimator : estimator or None
        The student; whatever ``StochasticLabelRefinery`` takes. None takes the default.
    teacher : estimator, list of estimators, or None
        The teacher; of several the mean answer. None: another fit of the student's estimator, with a seed of its own. One that is
        fitted is asked as it is and costs no fit (scikit-learn's ``clone`` would forget that, unless it is wrapped in
        ``sklearn.frozen.FrozenEstimator``); one that is not fitted is trained.
    share : float from 0 to 1, default=0.5
        a, the teacher's weight. 0 is the plain method.
    temperature : float above 0, default=1.0
        T. Any other than 1 needs a network as student; any classifier may teach: softmax(z / T) is p^(1/T) / sum p^(1/T) of its
        probabilities. Numbers have no temperature.
    n_generations : int, default=1
        Students trained one after the other; the last is the one that answers.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``; the view of "ordinal" is the student's.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    random_state : int, generator or None
        Each fit has its own seed made from this.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is.
    label_distributions_ : (n, m) float32
        The targets that the last student was trained on; at another temperature than 1 the given rows mixed with the softened answers
        of its teacher.
    transduction_, suggested_labels_ : (n,) or (n, k)
        The label that each of these speaks for; the label that the last teacher's answer speaks for.
    label_quality_ : (n,) float
        How well these targets agree with the given labels, 0 to 1. Not below ``1 - share`` for classes.
    history_ : list of dict
        One entry a student: ``generation``, ``moved``, ``newly_moved``, ``change``, and ``in_sample_*``, scores of its teacher's
        answers against the given labels; ``reference_*`` where true distributions are known.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The last student.
    teachers_ : list of fitted learners
        Its teachers: those that were trained or given, or the student before it.
    epochs_ : list of dict
        One entry an epoch of the student, where it is a network: its losses.
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the student has them.

    Raises
    ------
    InputError
        For input that cannot be used (a ``ValueError``).
    FitError
        If an estimator fails (a ``ValueError``).

    References
    ----------
    Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015, section 2. Generations: Furlanello, Lipton,
    Tschannen, Itti and Anandkumar, Born-Again Neural Networks, ICML 2018, section 3.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> student = Distillation(LogisticRegression(max_iter=1000), RandomForestClassifier(20), random_state=0).fit(X, y)
    >>> student.label_distributions_.shape, bool(student.score(X, y) > 0.9)
    ((150, 3), True)
    """

    def __init__(
        self,
        estimator: Any = None,
        teacher: Any = None,
        *,
        share: float = 0.5,
        temperature: float = 1.0,
        n_generations: int = 1,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.share = share
        self.temperature = temperature
        self.n_generations = n_generations
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        share, temperature = check_share(self.share), check_temperature(self.temperature)
        check_generations(self.n_generations)
        if temperature != 1:
            refuse_numbers(temperature, kind)
            check_softened(learners[0], share, temperature)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
    ) -> Self:
        """Train the teacher, then the students.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, m) or None
            First targets L(0) where they are soft already; both train on them.
        sample_weight : (n,) or None
            Weights of fits and scores.
        reference : (n, k) or None
            True distributions: ``history_`` says how far the targets are from them. They change nothing.
        validation : (X, y) or None
            Rows that the last student scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        share, n_generations = check_share(self.share), check_generations(self.n_generations)
        temperature = check_temperature(self.temperature)
        ready = self._prepared(X, y, targets, sample_weight, reference)
        problem, history = ready.problem, list[dict[str, Any]]()
        found, lesson = self._first_teacher(ready), Lesson(ready.learners, problem.given, problem.given)
        for student in range(1, n_generations + 1):
            if student > 1:  # the student before it teaches
                found = label_in_sample(problem, lesson.learners, lesson.targets, ready.settings, student)
                cleared(found.models)
            before, lesson = lesson, _lesson(ready, found.targets, share, temperature)
            history.append(self._entry(ready, student, before.mixed, lesson.mixed, found))
        students = self._student(replace(ready, learners=lesson.learners), lesson.targets, validation)
        self.teachers_ = found.models
        return self._hand_over(ready, lesson.mixed, found.targets, history, list(cleared(students)))

    def _first_teacher(self, ready: Preparation) -> InSample:
        """Return the teacher, trained unless it is fitted already, and its answers for all rows."""
        problem, kind = ready.problem, ready.problem.task.kind
        each = list(self.teacher) if isinstance(self.teacher, (list, tuple)) else [self.teacher]
        fitted = [is_fitted_teacher(teacher) for teacher in each]
        if not any(fitted):
            learners = ready.learners if self.teacher is None else members(self.teacher, kind)
            return label_in_sample(problem, learners, problem.given, ready.settings, 1)
        if not all(fitted):
            raise InputError(
                f"{sum(fitted)} of {len(each)} teachers are fitted and the others are not; give fitted ones only, or none"
            )
        answers = [fitted_answers(teacher, problem.X, problem.task) for teacher in each]
        mean = np.asarray(np.mean(answers, axis=0, dtype=np.float64), dtype=np.float32)  # (n, m)
        return InSample(each, mean, mean)


class Lesson(NamedTuple):
    """What one student is trained with."""

    learners: tuple[Learner, ...]
    targets: np.ndarray  # (n, m) float32: what it is fitted to
    mixed: np.ndarray  # (n, m) float32: what that and the teacher's answers amount to


def _lesson(ready: Preparation, answers: np.ndarray, share: float, temperature: float) -> Lesson:
    given, task = ready.problem.given, ready.problem.task
    if temperature == 1 or share == 0:
        mixed = update_targets(given, answers, 1.0 - share)  # (n, m)
        return Lesson(ready.learners, mixed, mixed)
    student = softened_student(ready.learners[0], answers, share, temperature, ready.problem)
    return Lesson((student,), given, update_targets(given, task.sharpen(answers, temperature), 1.0 - share))


def check_share(share: Any) -> float:
    """Return the teacher's weight, a number from 0 to 1."""
    return check_portion("share", share, "the teacher's weight, from 0 (the given labels only) to 1 (its answers only)")
