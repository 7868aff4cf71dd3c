"""Label smoothing: every label gives a fixed share of its mass away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from softlabel.learners.contract import Learner
from softlabel.learners.small_masses import keeping_masses
from softlabel.methods.options import check_choice
from softlabel.methods.student import StudentMethod
from softlabel.targets.shares import check_portion
from softlabel.targets.smooth import smooth_others, smooth_uniform
from softlabel.tasks import Kind

SPREADS = ("uniform", "others")


class LabelSmoothing(StudentMethod):
    """Train a model on smoothed labels.

    The targets are ``(1 - e) L(0) + e / k``: with e = 0.1 and 5 classes .92 on the label and .02 elsewhere. With
    ``spread="others"`` the share goes to the other classes alone, ``(1 - e) L(0) + e (1 - L(0)) / (k - 1)``: .9 and .025.
    Of several labels a row each entry is a question of two classes: ``(1 - e) q + e / 2``, or ``(1 - e) q + e (1 - q)``.

    Parameters
    ----------
    estimator : estimator or None
        Whatever ``StochasticLabelRefinery`` takes. None takes the default.
    share : float from 0 to 1, default=0.1
        e, the mass that a label gives away. 0 is the plain method.
    spread : {"uniform", "others"}, default="uniform"
        Over all classes, the label's own among them, or over the others.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``; grades as distributions only.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    random_state : int, generator or None
        The fit has a seed made from this.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is.
    label_distributions_ : (n, k) float32
        The smoothed labels.
    transduction_ : (n,) or (n, k)
        The label that each speaks for: the given one, unless nearly all of its mass is given away.
    label_quality_ : (n,) float
        The mass that is left on the given label; the same in every row, so it tells rows apart only where first targets do.
    history_ : list
        Empty: nothing is refined.
    epochs_ : list of dict
        One entry an epoch of the model, where it is a network: its losses.
    estimator_, estimators_ : fitted learner, and a list that holds it
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the model has them.

    Raises
    ------
    InputError
        For input that cannot be used (a ``ValueError``).
    FitError
        If the estimator fails (a ``ValueError``).

    References
    ----------
    Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016, section 7.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> LabelSmoothing(LogisticRegression(max_iter=1000), share=0.3, random_state=0).fit(X, y).label_distributions_[0]
    array([0.8, 0.1, 0.1], dtype=float32)
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("distribution", "independent")
    why_these_kinds: ClassVar[str] = (
        "a number has no other classes to give mass to (the refinery's paper leaves it out of its ordinal table for this reason); take "
        "grades as distributions (view distribution), or another method"
    )

    def __init__(
        self,
        estimator: Any = None,
        *,
        share: float = 0.1,
        spread: str = "uniform",
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.share = share
        self.spread = spread
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        self._share()
        check_choice("spread", self.spread, SPREADS)

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
        """Smooth the labels, and train the model on them.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, k) or None
            First targets L(0) where they are soft already; they are smoothed as labels are.
        sample_weight : (n,) or None
            Weights of the fit.
        reference : (n, k) or None
            True distributions; taken for the sake of one interface, nothing is scored by them here.
        validation : (X, y) or None
            Rows that the model scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        ready, share = self._prepared(X, y, targets, sample_weight, reference), self._share()
        smoothed = smoothed_rows(ready.problem.given, share, self.spread, ready.problem.task.kind)  # (n, k)
        if share > 0:
            ready = replace(ready, learners=tuple(keeping_masses(learner, smoothed) for learner in ready.learners))
        return self._hand_over(ready, smoothed, None, [], self._student(ready, smoothed, validation))

    def _share(self) -> float:
        what = "the mass that a label gives away, from 0 (the plain method) to 1; 0.1 is usual"
        return check_portion("share", self.share, what)


def smoothed_rows(targets: np.ndarray, share: float, spread: str, kind: Kind) -> np.ndarray:
    """Return target rows (n, k) float32 that gave a share of their mass away; entries each by themselves.

    Parameters
    ----------
    targets : (n, k) float32
    share : float from 0 to 1
    spread : {"uniform", "others"}
    kind : "distribution" or "independent"

    Examples
    --------
    >>> smoothed_rows(np.array([[1.0, 0.0, 1.0]]), 0.1, "uniform", "independent")
    array([[0.95, 0.05, 0.95]], dtype=float32)
    """
    smooth = smooth_uniform if spread == "uniform" else smooth_others
    if kind == "distribution":
        return smooth(targets, share)
    questions = targets.reshape(-1, 1)  # (n k, 1): the chance of yes, beside which stands that of no
    return smooth(np.hstack([questions, 1.0 - questions]), share)[:, 0].reshape(targets.shape)
