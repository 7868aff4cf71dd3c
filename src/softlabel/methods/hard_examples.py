"""Online hard example mining: each step learns from those rows of its batch that the network does worst on."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.network_student import NetworkMethod
from softlabel.targets.shares import check_portion


class HardExampleMining(NetworkMethod):
    """Train a network on the hardest share of each batch (OHEM).

    The loss of a batch is the mean over the rows with the largest losses, which hold ``share`` of the batch's weight; the others have no
    gradient in this step. Which rows are hard is seen anew in each batch.

    Rows with wrong labels are among the hardest, so the method is for data whose labels can be trusted; on others it learns the
    mistakes first.

    Parameters
    ----------
    estimator : estimator
        A ``TorchClassifier``, ``TorchMultilabelClassifier`` or ``TorchRegressor``, or a pipeline that ends in one; with no ``hardest`` of
        its own, and a loss that has a name. None, the default of all methods, is no network and is refused.
    share : float above 0, up to 1, default=0.5
        Of each batch's weight. 1 is the plain method, to the byte.
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
        One entry an epoch: its losses. ``train_loss`` is the mean over the hardest rows.
    estimator_, estimators_ : fitted learner, and a list that holds it
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the model has them.

    Raises
    ------
    InputError
        For input that cannot be used, or an estimator that is no network, chooses rows itself, or has a callable loss (a
        ``ValueError``).
    FitError
        If the training fails (a ``ValueError``).

    References
    ----------
    Shrivastava, Gupta and Girshick, Training Region-based Object Detectors with Online Hard Example Mining, CVPR 2016, section 4.2.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import HardExampleMining, TorchClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = TorchClassifier("mlp", epochs=10, optimizer="adamw", lr=0.01, device="cpu")
    >>> bool(HardExampleMining(network, share=0.7, random_state=0).fit(X, y).score(X, y) > 0.9)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        share: float = 0.5,
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
        says = "the share of each batch that counts, above 0 and up to 1 (all rows)"
        share = check_portion("share", self.share, says)
        if share == 0:
            raise InputError(f"share={self.share!r}; give {says}")
        return {"hardest": share}
