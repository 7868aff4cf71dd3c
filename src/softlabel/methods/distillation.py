"""Knowledge distillation: a student learns from the given labels and from what a teacher says of the same rows."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.in_sample import LabelsInSample, label_in_sample
from softlabel.methods.preparation import members
from softlabel.targets.update import update_targets


class Distillation(LabelsInSample):
    """Train a teacher on the given labels, and a student on a mixture of these and the teacher's answers.

    The student's targets are ``(1 - a) L(0) + a T``, with T the teacher's predictions for the rows it was trained on. Cross entropy is
    linear in its target, so that training on the mixture is the weighted sum of both losses at temperature 1. Of grades as
    numbers the teacher's number is mixed with the given one: how the paper's table III distils grades is not said, this is
    our reading.

    Parameters
    ----------
    estimator : estimator or None
        The student; whatever ``StochasticLabelRefinery`` takes. None takes the default.
    teacher : estimator, list of estimators, or None
        The teacher; of several the mean answer. None: another fit of the student's estimator, with a seed of its own.
    share : float from 0 to 1, default=0.5
        a, the teacher's weight. 0 is the plain method.
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
        The targets that the student was trained on.
    transduction_, suggested_labels_ : (n,) or (n, k)
        The label that each of these speaks for; the label that the teacher's answer speaks for.
    label_quality_ : (n,) float
        How well these targets agree with the given labels, 0 to 1. Not below ``1 - share`` for classes.
    history_ : list of dict
        One entry: ``generation``, ``moved``, ``newly_moved``, ``change``, and ``in_sample_*``, scores of the teacher's answers
        against the labels it was trained on; ``reference_*`` where true distributions are known.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The student.
    teachers_ : list of fitted learners
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
    Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015, section 2, at temperature 1.

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
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.share = share
        self.task = task
        self.threads = threads
        self.random_state = random_state

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
        """Train the teacher, then the student.

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
            Rows that the student scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        share = check_share(self.share)
        ready = self._prepared(X, y, targets, sample_weight, reference)
        problem, settings = ready.problem, ready.settings
        teacher = self.estimator if self.teacher is None else self.teacher
        found = label_in_sample(problem, members(teacher, problem.task.kind), problem.given, settings, 1)
        mixed = update_targets(problem.given, found.targets, 1.0 - share)  # (n, m)
        students = self._student(ready, mixed, validation)
        self.teachers_ = found.models
        entry = self._entry(ready, 1, problem.given, mixed, found)
        return self._hand_over(ready, mixed, found.targets, [entry], students)


def check_share(share: Any) -> float:
    """Return the teacher's weight, a number from 0 to 1."""
    if isinstance(share, (int, float, np.number)) and not isinstance(share, bool) and 0 <= share <= 1:
        return float(share)
    raise InputError(
        f"share={share!r}; give the teacher's weight, from 0 (the given labels only) to 1 (its answers only)"
    )
