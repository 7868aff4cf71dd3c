"""Online label smoothing: each class shares its mass as the network, where it was right, shares it."""

from __future__ import annotations

from typing import Any, ClassVar

from softlabel.learners.labelers import OnlineSmoothing
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.learned_targets import LabelsWhileTraining
from softlabel.targets.shares import check_portion
from softlabel.tasks import Kind


class OnlineLabelSmoothing(LabelsWhileTraining):
    """Train a network on labels that are smoothed class by class, by its own answers of the epoch before.

    The target of a row of class y is ``a onehot(y) + (1 - a) S[y]``. The table S (k, k) starts uniform; after each epoch its row y is the
    mean answer of the network over the rows of class y that it was right about in that epoch, and stays as it was where there was none.
    So a class gives mass to those that it resembles.

    The targets of all rows of a class are the same: a wrong label is smoothed as a right one, and no label is suggested.

    Parameters
    ----------
    estimator : estimator
        A ``TorchClassifier``, or a pipeline that ends in one, with no ``labeler`` of its own and without mixed pictures. None, the
        default of all methods, is no network and is refused.
    share : float from 0 to 1, default=0.5
        a, the weight of the given label. 1 is the plain method, to the byte.
    task : {"multiclass", "ordinal"}, Task or None
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
    label_distributions_ : (n, k) float32
        The targets that S makes after the last epoch. Rows that did not train keep their given label.
    transduction_ : (n,)
        The label that each of these speaks for.
    label_quality_ : (n,) float
        The mass that these leave on the given labels, not below ``share``.
    history_ : list of dict
        One entry: ``moved``, ``change``; ``reference_*`` where true distributions are known.
    epochs_ : list of dict
        One entry an epoch: its losses. ``train_loss`` is that against the smoothed targets.
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
    Zhang, Jiang, Hou, Wei, Han, Li and Cheng, Delving Deep into Label Smoothing, IEEE Transactions on Image Processing 30, 2021,
    equations 4 to 8.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import OnlineLabelSmoothing, TorchClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = TorchClassifier("mlp", epochs=10, optimizer="adamw", lr=0.01, device="cpu")
    >>> smoothed = OnlineLabelSmoothing(network, random_state=0).fit(X, y)
    >>> bool(smoothed.score(X, y) > 0.9), bool((smoothed.label_quality_ >= 0.5).all())
    (True, True)
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("distribution",)
    why_these_kinds: ClassVar[str] = (
        "it shares the mass of a label among the classes that resemble it; take grades as distributions (view distribution), or "
        "another method"
    )

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
        share = check_portion(
            "share", self.share, "the weight of the given label, from 0 (none) to 1 (the plain method); 0.5 is usual"
        )
        return {"labeler": OnlineSmoothing(share=share)}
