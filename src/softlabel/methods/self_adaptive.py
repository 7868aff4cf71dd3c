"""Self-adaptive training: one training whose targets drift towards what the network says of its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.learners.contract import Learner
from softlabel.learners.labelers import SelfAdaptive
from softlabel.learners.losses import TrustWeighted
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.learned_targets import LabelsWhileTraining
from softlabel.methods.problem import Problem
from softlabel.targets.shares import check_portion


class SelfAdaptiveTraining(LabelsWhileTraining):
    """Train a network on running averages of its own answers, which start at the given labels.

    From epoch ``start * epochs`` on each row's target moves with each answer, ``q <- m q + (1 - m) p``, and the loss is the mean
    weighted by ``max_c q_c``, the trust in the row: ``sum_i w_i l_i / sum_i w_i``. Of several labels a row each entry moves with its
    sigmoid; grades as numbers move with the predicted number, all with the weight that they were given.

    The answers are those of a network that is being trained on the row: what it has memorised by epoch ``start * epochs`` stays.

    Parameters
    ----------
    estimator : estimator
        A ``TorchClassifier``, ``TorchMultilabelClassifier`` or ``TorchRegressor``, or a pipeline that ends in one, with no ``labeler``
        of its own and without mixed pictures. None, the default of all methods, is no network and is refused.
    start : float from 0 to 1, default=0.3
        Share of the epochs that train on the given labels. 1 is the plain method. 0.3 is the paper's 60 of 200 epochs.
    momentum : float from 0 to 1, default=0.9
        m, the weight of the old target in each update, one an epoch. 1 leaves the labels as they are.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``.
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
        The targets after the last epoch. Rows that did not train keep their given label.
    transduction_, suggested_labels_ : (n,) or (n, k)
        The label that each of these speaks for; the two are the same here.
    label_quality_ : (n,) float
        How well these targets agree with the given labels, 0 to 1.
    history_ : list of dict
        One entry: ``moved``, ``change``; ``reference_*`` where true distributions are known.
    epochs_ : list of dict
        One entry an epoch: its losses. ``train_loss`` is that against the targets of the moment.
    estimator_, estimators_ : fitted learner, and a list that holds it
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the model has them.

    Raises
    ------
    InputError
        For input that cannot be used, or an estimator that is no network or has a labeler of its own (a ``ValueError``).
    FitError
        If the training fails (a ``ValueError``).

    References
    ----------
    Huang, Zhang and Zhang, Self-Adaptive Training: beyond Empirical Risk Minimization, NeurIPS 2020, algorithm 1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import SelfAdaptiveTraining, TorchClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = TorchClassifier("mlp", epochs=10, optimizer="adamw", lr=0.01, device="cpu")
    >>> adapted = SelfAdaptiveTraining(network, random_state=0).fit(X, y)
    >>> adapted.label_distributions_.shape, bool(adapted.score(X, y) > 0.9)
    ((150, 3), True)
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        start: float = 0.3,
        momentum: float = 0.9,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.start = start
        self.momentum = momentum
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _network_settings(self, network: TorchLearner) -> dict[str, Any]:
        start = check_portion(
            "start",
            self.start,
            "the share of the epochs that train on the given labels, from 0 to 1 (the plain method)",
        )
        momentum = check_portion(
            "momentum", self.momentum, "the weight of the old target in an update, from 0 to 1; 0.9 is usual"
        )
        return {"labeler": SelfAdaptive(start=start, momentum=momentum), "loss": TrustWeighted(network.loss)}

    def _said(self, problem: Problem, learned: np.ndarray, model: Learner) -> np.ndarray:
        return learned
