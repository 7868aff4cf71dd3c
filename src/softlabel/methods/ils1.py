"""ILS1: how much a row is smoothed depends on what a teacher thinks of its label."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.methods.instance_smoothing import InstanceSmoothing
from softlabel.methods.options import check_choice
from softlabel.targets.smoothing_amounts import (
    Amounts,
    check_amount,
    complement_amounts,
    proportional_amounts,
    quadratic_amounts,
)


class ILS1(InstanceSmoothing):
    """Instance-based label smoothing, how much: rows whose label a teacher doubts are smoothed more.

    ``q_y = 1 - eps_i`` and ``eps_i / (k - 1)`` on each other class, with ``eps_i = P2 (p_iy - P1)^2`` cut to (k - 1) / k, and p the
    teacher's temperature-scaled probabilities. The formula is inferred; ``form`` offers two of the authors' older code.

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
    form : {"quadratic", "proportional", "complement"}, default="quadratic"
        ``P2 (p - P1)^2``; ``eps p`` and ``eps (1 - p)`` of the older code.
    eps : float from 0 to 1, default=0.1
        Of the two older forms, which take no shift and no slope. The middle of the authors' grid .01, .05, .1, .15, .2.
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
    >>> student = ILS1(LogisticRegression(max_iter=1000), random_state=0).fit(X, y)
    >>> student.label_distributions_.shape, bool(student.history_[0]["mean_smoothing"] > 0)
    ((150, 3), True)
    """

    def __init__(
        self,
        estimator: Any = None,
        teacher: Any = None,
        *,
        shift: float = 0.925,
        slope: float = 1.25,
        form: str = "quadratic",
        eps: float = 0.1,
        held_out: float = 0.2,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.shift = shift
        self.slope = slope
        self.form = form
        self.eps = eps
        self.held_out = held_out
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _check_options(self) -> None:
        check_choice("form", self.form, ("quadratic", "proportional", "complement"))
        check_amount("shift", self.shift, 1.0)
        check_amount("slope", self.slope, np.inf)
        check_amount("eps", self.eps, 1.0)

    def _amounts(self, p_y: np.ndarray, k: int) -> Amounts:
        if self.form == "quadratic":
            return quadratic_amounts(p_y, self.shift, self.slope, k)
        older = proportional_amounts if self.form == "proportional" else complement_amounts
        return older(p_y, self.eps, k)
