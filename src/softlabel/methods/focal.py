"""Focal loss: a network hears less of the rows that it is already right about."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, ClassVar

from softlabel.errors import InputError
from softlabel.learners.losses import Focal
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.network_student import NetworkMethod
from softlabel.tasks import Kind


class FocalTraining(NetworkMethod):
    """Train a network with the focal loss on the given labels.

    The loss of a row is ``-sum_c q_c (1 - p_c)^gamma log p_c``: cross entropy in which each term shrinks as the network's probability
    p_c nears 1. On one-hot rows that is equation 4 of the paper; on soft rows it is our reading. Of several labels a row each entry has
    both its sides, ``-q (1 - p)^gamma log p - (1 - q) p^gamma log(1 - p)``, and a row the mean over its entries.

    Rows with wrong labels are those that a network is not right about, so they weigh more here than in plain training; in return its
    probabilities are less extreme (Mukhoti et al. 2020).

    Parameters
    ----------
    estimator : estimator
        A ``TorchClassifier`` or ``TorchMultilabelClassifier``, or a pipeline that ends in one; with no ``loss`` of its own. None, the
        default of all methods, is no network and is refused.
    gamma : float, default=2.0
        0 or more. 0 is the plain method, to rounding; 2 is the paper's.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``. Grades need the view of distributions.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    random_state : int, generator or None
        The fit has a seed made from this, the same as that of ``Plain``.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is.
    label_distributions_ : (n, m) float32
        The encoded given labels, which the method leaves as they are.
    transduction_ : (n,) or (n, k)
        The given labels.
    label_quality_ : (n,) float
        1 for every row whose first target is its label.
    history_ : list
        Empty: nothing is refined.
    epochs_ : list of dict
        One entry an epoch: its losses. ``train_loss`` is the focal loss, ``validation_loss`` the cross entropy of all methods.
    estimator_, estimators_ : fitted learner, and a list that holds it
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the model has them.

    Raises
    ------
    InputError
        For input that cannot be used, or an estimator that is no network or has a loss of its own (a ``ValueError``).
    FitError
        If the training fails (a ``ValueError``).

    References
    ----------
    Lin, Goyal, Girshick, He and Dollár, Focal Loss for Dense Object Detection, ICCV 2017, equation 4, without the class weights
    alpha of equation 5. Mukhoti et al., Calibrating Deep Neural Networks using Focal Loss, NeurIPS 2020.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import FocalTraining, TorchClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = TorchClassifier("mlp", epochs=10, optimizer="adamw", lr=0.01, device="cpu")
    >>> bool(FocalTraining(network, random_state=0).fit(X, y).score(X, y) > 0.9)
    True
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("distribution", "independent")
    why_these_kinds: ClassVar[str] = (
        "its loss weighs a row by the probability of its label, and a number has none; take grades as distributions (view "
        "distribution), or another method"
    )

    def __init__(
        self,
        estimator: Any = None,
        *,
        gamma: float = 2.0,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.gamma = gamma
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _network_settings(self, network: TorchLearner) -> dict[str, Any]:
        gamma = self.gamma
        if not isinstance(gamma, Real) or isinstance(gamma, bool) or not (math.isfinite(gamma) and gamma >= 0):
            raise InputError(f"gamma={gamma!r}; give a number of 0 (cross entropy) or more, 2 is usual")
        return {"loss": Focal(float(gamma))}
