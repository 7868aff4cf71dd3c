"""Progressive self-distillation: one training in which the network teaches itself, epoch by epoch a little more."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.learners.contract import Learner
from softlabel.learners.labelers import Progressive
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.learned_targets import LabelsWhileTraining, fitted_network
from softlabel.methods.problem import Problem
from softlabel.targets.shares import check_portion


class ProgressiveDistillation(LabelsWhileTraining):
    """Train a network on the given labels mixed with its own answers of the epoch before (PS-KD).

    In epoch t of T the targets are ``(1 - a_t) L(0) + a_t P(t - 1)`` with ``a_t = a t / T``: the given labels in the first epoch, and
    with each epoch more of what the network said of the row the last time it saw it. Of several labels a row each entry is mixed with its
    sigmoid, grades as numbers with the predicted number.

    The answers are those of a network that is being trained on the row, as in ``Distillation`` without a second fit.

    Parameters
    ----------
    estimator : estimator
        A ``TorchClassifier``, ``TorchMultilabelClassifier`` or ``TorchRegressor``, or a pipeline that ends in one, with no ``labeler``
        of its own and without mixed pictures. None, the default of all methods, is no network and is refused.
    share : float from 0 to 1, default=0.8
        a, the weight of the answers in the last epoch. 0 is the plain method, to the byte.
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
        The label that each of these speaks for; the label that the network's answers in them speak for.
    label_quality_ : (n,) float
        How well these targets agree with the given labels, 0 to 1. Not below ``1 - share`` for classes.
    history_ : list of dict
        One entry: ``moved``, ``change``; ``reference_*`` where true distributions are known.
    epochs_ : list of dict
        One entry an epoch: its losses. ``train_loss`` is that against the targets of the epoch.
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
    Kim, Ji, Yoon and Hwang, Self-Knowledge Distillation with Progressive Refinement of Targets, ICCV 2021, equations 5 and 6.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import ProgressiveDistillation, TorchClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = TorchClassifier("mlp", epochs=10, optimizer="adamw", lr=0.01, device="cpu")
    >>> student = ProgressiveDistillation(network, random_state=0).fit(X, y)
    >>> student.label_distributions_.shape, bool(student.score(X, y) > 0.9)
    ((150, 3), True)
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        share: float = 0.8,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.share = share
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _network_settings(self, network: TorchLearner) -> dict[str, Any]:
        share = check_portion(
            "share",
            self.share,
            "the weight of the network's own answers in the last epoch, from 0 (the plain method) to 1; 0.8 is usual",
        )
        return {"labeler": Progressive(share=share)}

    def _said(self, problem: Problem, learned: np.ndarray, model: Learner) -> np.ndarray:
        """Return the answers (n, m) that the targets of the last epoch hold: those of the epoch before it."""
        network = fitted_network(model)
        if network is None or not self.share:
            return problem.given  # there were no answers, or none was listened to
        a = self.share * len(network.history_) / network.epochs  # stopped early, it has not seen all epochs
        answers = (learned - (1.0 - a) * problem.given.astype(np.float64)) / a  # (n, m)
        if problem.task.kind != "scalar":
            answers = np.maximum(answers, 0.0)  # what rounding left below
        return problem.task.check_predictions(answers, len(answers), "the training")
