"""ILS2: where the mass that leaves a label goes to depends on what a teacher finds similar."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.methods.instance_smoothing import InstanceSmoothing, check_temperature, class_similarities, similarities
from softlabel.methods.instance_teacher import Answers
from softlabel.methods.options import check_choice
from softlabel.methods.preparation import Preparation
from softlabel.targets.smoothing_amounts import Amounts, check_amount
from softlabel.targets.smoothing_spread import spread_by_similarity


class ILS2(InstanceSmoothing):
    """Instance-based label smoothing, where to: every row is smoothed as much, towards what a teacher finds similar.

    ``q_y = 1 - eps`` and ``q_j = eps s_ij / sum over j' != y of s_ij'`` on each other class, with ``s = softmax(z / T)`` of the
    teacher's logits z, which is p^(1/T) / sum of its probabilities. The formula is that of the authors' code.

    Parameters
    ----------
    estimator : estimator or None
        The student; whatever ``StochasticLabelRefinery`` takes. None takes the default.
    teacher : estimator, fitted classifier, array-like (n, k), or None
        None: another fit of the student's estimator, with a seed of its own; an estimator that is not fitted is trained in its place.
        A classifier that is fitted, or the probabilities (n, k) of one, columns in the order of the classes, are taken as they are and
        cost no fit: ``teacher_`` of another of these methods with its temperature, any other as calibrated.
    eps : float from 0 to 1, default=0.1
        How much leaves each label. The middle of the authors' grid .01, .05, .1, .15, .2. 0 is the plain method.
    temperature : float above 0, default=4.0
        T, which acts on the teacher as it was trained, not on its calibrated answers. The middle of the authors' grid 1, 2, 4, 8, 16.
        Large ones spread evenly, as ``smooth_others`` does.
    similarity : {"row", "class"}, default="row"
        Whose answers s is: the row's own, or the average of the rows of its class, as in the authors' older code: there of rows
        beside the training ones, here of those set apart, or of all where a class has none there.
    held_out : float from 0 to less than 1, default=0.2
        Share of the rows that a teacher trained here does not learn: they fit its temperature. 0: all rows train it, and its
        temperature is 1.
    task : {"multiclass", "ordinal"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``; grades in the distribution view.
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
    label_distributions_ : (n, k) float32
        The targets that the student was trained on.
    smoothing_ : (n,) float64
        How much left each row's label.
    transduction_, suggested_labels_ : (n,)
        The label that each of these targets speaks for; the label that the teacher's answer speaks for.
    label_quality_ : (n,) float
        How well these targets agree with the given labels, 0 to 1.
    history_ : list of dict
        One entry: ``moved``, ``change``, ``mean_smoothing``, ``share_clamped`` (rows whose amount was cut to (k - 1) / k),
        ``teacher_temperature``; ``in_sample_*`` and ``held_out_*``, scores of the teacher's answers for the rows it was trained on and
        for the others, unscaled; ``reference_*`` where true distributions are known.
    teacher_ : InstanceTeacher, or what was given as ``teacher``
        Fitted; another of these methods takes it as its ``teacher``.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The student.
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
        If the teacher or the student fails (a ``ValueError``).

    References
    ----------
    Maher and Kull, Instance-based Label Smoothing For Better Calibrated Classification Networks, ICMLA 2021.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> student = ILS2(LogisticRegression(max_iter=1000), random_state=0).fit(X, y)
    >>> student.label_distributions_.min(axis=1).max() < 0.05  # the more similar of the other two gets more
    np.True_
    """

    def __init__(
        self,
        estimator: Any = None,
        teacher: Any = None,
        *,
        eps: float = 0.1,
        temperature: float = 4.0,
        similarity: str = "row",
        held_out: float = 0.2,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.eps = eps
        self.temperature = temperature
        self.similarity = similarity
        self.held_out = held_out
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _check_options(self) -> None:
        check_amount("eps", self.eps, 1.0)
        check_temperature(self.temperature)
        check_choice("similarity", self.similarity, ("row", "class"))

    def _amounts(self, p_y: np.ndarray, k: int) -> Amounts:
        return Amounts(np.full(len(p_y), float(self.eps)), 0.0)

    def _spread(self, ready: Preparation, eps: np.ndarray, answers: Answers) -> np.ndarray:
        kind = similarities if self.similarity == "row" else class_similarities
        s = kind(ready, answers, self.temperature)  # (n, k)
        return spread_by_similarity(ready.problem.codes, eps, s, ready.problem.given)
