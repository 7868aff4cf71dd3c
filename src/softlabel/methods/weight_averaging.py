"""Stochastic weight averaging: the model is the mean of a network's weights along the end of its training."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.network_student import NetworkMethod
from softlabel.targets.shares import check_portion


class WeightAveraging(NetworkMethod):
    """Train a network on the given labels and answer by the mean of its weights over the last epochs (SWA).

    The weights after each epoch from a share ``start`` of the training on count the same. No step of the training changes, only what is
    kept of it; the statistics of batch normalisation are computed anew for the mean, in one more pass over the rows.

    The paper averages at a constant or cyclic learning rate, which keeps the weights moving. Here the schedule stays the estimator's,
    so that all methods spend the same training: one-cycle and cosine fall to nothing at the end, the last weights lie close together, and
    their mean is little more than the last of them. ``schedule="constant"``, or an early ``start``, is nearer to the paper.

    Parameters
    ----------
    estimator : estimator
        A ``TorchClassifier``, ``TorchMultilabelClassifier`` or ``TorchRegressor``, or a pipeline that ends in one; without ``average``
        and ``early_stopping``. None, the default of all methods, is no network and is refused.
    start : float from 0 to below 1, default=0.75
        Share of the epochs before the first that is averaged. Where only the last one is left this is the plain method, save for
        statistics of batch normalisation.
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
        The encoded given labels, which the method leaves as they are.
    transduction_ : (n,) or (n, k)
        The given labels.
    label_quality_ : (n,) float
        1 for every row whose first target is its label.
    history_ : list
        Empty: nothing is refined.
    epochs_ : list of dict
        One entry an epoch: the losses of the weights that train, not of their mean.
    estimator_, estimators_ : fitted learner, and a list that holds it
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the model has them.

    Raises
    ------
    InputError
        For input that cannot be used, or an estimator that is no network or chooses its weights in another way (a ``ValueError``).
    FitError
        If the training fails (a ``ValueError``).

    References
    ----------
    Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018,
    algorithm 1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import TorchClassifier, WeightAveraging
    >>> X, y = load_iris(return_X_y=True)
    >>> network = TorchClassifier("mlp", epochs=10, optimizer="adamw", lr=0.01, schedule="constant", device="cpu")
    >>> bool(WeightAveraging(network, random_state=0).fit(X, y).score(X, y) > 0.9)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        start: float = 0.75,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.start = start
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def _network_settings(self, network: TorchLearner) -> dict[str, Any]:
        says = "the share of the epochs before the first that is averaged, from 0 to below 1"
        start = check_portion("start", self.start, says)
        if start == 1:
            raise InputError(f"start={self.start!r}; give {says}")
        return {"average": "swa", "swa_start": start}
