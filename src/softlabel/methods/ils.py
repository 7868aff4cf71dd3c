"""ILS: how much and where to, both as a teacher says."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.methods.instance_smoothing import InstanceSmoothing, check_temperature, similarities
from softlabel.methods.instance_teacher import Answers
from softlabel.methods.preparation import Preparation
from softlabel.targets.smoothing_amounts import Amounts, check_amount, quadratic_amounts
from softlabel.targets.smoothing_spread import spread_by_similarity


class ILS(InstanceSmoothing):
    """Instance-based label smoothing: rows whose label a teacher doubts are smoothed more, and towards what it finds similar.

    ``q_y = 1 - eps_i`` and ``q_j = eps_i s_ij / sum over j' != y of s_ij'``: the amounts of ``ILS1``, ``P2 (p_iy - P1)^2`` cut to
    (k - 1) / k with p calibrated, spread as by ``ILS2``, ``s = p^(1/T) / sum`` with p as the teacher was trained. That the two are
    put together so is inferred. A row that the teacher doubts much may then speak for another class than its label.

    Parameters
    ----------
    estimator : estimator or None
        The student; whatever ``StochasticLabelRefinery`` takes. None takes the default.
    teacher : estimator, fitted classifier, array-like (n, k), or None
        None: another fit of the student's estimator, with a seed of its own; an estimator that is not fitted is trained in its place.
        A classifier that is fitted, or the probabilities (n, k) of one, columns in the order of the classes, are taken as they are and
        cost no fit: ``teacher_`` of another of these methods with its temperature, any other as calibrated.
    shift : float from 0 to 1, default=0.925
        P1, the probability of a label that needs no smoothing. The middle of the authors' grid .975, .95, .925, .9, .85.
    slope : float, 0 or more, default=1.25
        P2. The middle of the authors' grid .75, 1, 1.25, 1.5, 2. 0 is the plain method.
    temperature : float above 0, default=4.0
        T of the similarities. The middle of the authors' grid 1, 2, 4, 8, 16.
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
    >>> first = ILS(LogisticRegression(max_iter=1000), random_state=0).fit(X, y)
    >>> second = ILS(LogisticRegression(max_iter=1000), first.teacher_, slope=2, random_state=0).fit(X, y)  # one fit
    >>> bool(second.history_[0]["mean_smoothing"] > first.history_[0]["mean_smoothing"])
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        teacher: Any = None,
        *,
        shift: float = 0.925,
        slope: float = 1.25,
        temperature: float = 4.0,
        held_out: float = 0.2,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.shift = shift
        self.slope = slope
        self.temperature = temperature
        self.held_out = held_out
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _check_options(self) -> None:
        check_amount("shift", self.shift, 1.0)
        check_amount("slope", self.slope, np.inf)
        check_temperature(self.temperature)

    def _amounts(self, p_y: np.ndarray, k: int) -> Amounts:
        return quadratic_amounts(p_y, self.shift, self.slope, k)

    def _spread(self, ready: Preparation, eps: np.ndarray, answers: Answers) -> np.ndarray:
        s = similarities(ready, answers, self.temperature)  # (n, k)
        return spread_by_similarity(ready.problem.codes, eps, s, ready.problem.given)
