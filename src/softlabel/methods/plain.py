"""The plain method: a model trained on the labels as they are. What every other method is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

from softlabel.errors import InputError
from softlabel.learners.budget import ADVICE, has_length, learner_name, with_length
from softlabel.learners.contract import Learner
from softlabel.methods.options import check_positive
from softlabel.methods.student import StudentMethod
from softlabel.tasks import Kind


class Plain(StudentMethod):
    """Train a model on the given labels.

    Equivalent to ``StochasticLabelRefinery(estimator, n_rounds=0)``: the same seed gives the same model.

    ``length=3`` is the control of methods that train three times: the same total of epochs in one training (Label Refinery,
    Bagherinezhad et al. 2018, section 4).

    Parameters
    ----------
    estimator : estimator or None
        Whatever ``StochasticLabelRefinery`` takes. None takes the default.
    length : float, default=1.0
        Times the estimator's own length of training: the epochs of networks, the trees of forests, the iterations of boosting and of
        scikit-learn's perceptrons, rounded. Another number than 1 is refused where the estimator has no length, as logistic
        regression has none; see ``learners.budget``.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``.
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
    label_distributions_ : (n, m) float32
        The encoded given labels.
    transduction_ : (n,) or (n, k)
        The given labels.
    label_quality_ : (n,) float
        1 for every row whose first target is its label.
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

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(Plain(LogisticRegression(max_iter=1000), random_state=0).fit(X, y).score(X, y) > 0.9)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        length: float = 1.0,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.length = length
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        self._trained_longer(learners)

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
        """Train the model.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, m) or None
            First targets L(0) where they are soft already; the model trains on them.
        sample_weight : (n,) or None
            Weights of the fit.
        reference : (n, k) or None
            True distributions; taken for the sake of one interface, nothing is scored by them here.
        validation : (X, y) or None
            Rows that the model scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        ready = self._prepared(X, y, targets, sample_weight, reference)
        ready = replace(ready, learners=self._trained_longer(ready.learners))
        models = self._student(ready, ready.problem.given, validation)
        return self._hand_over(ready, ready.problem.given, None, [], models)

    def _trained_longer(self, learners: Sequence[Learner]) -> tuple[Learner, ...]:
        length = check_positive("length", self.length, "how many times as long to train, above 0; 1 is once")
        return tuple(learners) if length == 1 else tuple(trained_for(learner, length) for learner in learners)


def trained_for(learner: Learner, length: float) -> Learner:
    """Return a copy of a learner that trains ``length`` times as long; refuse one whose training has no length."""
    if not has_length(learner):
        raise InputError(
            f"length={length:g} changes how long a training is, and {learner_name(learner)} has no length ({ADVICE}); leave it out"
        )
    longer: Learner = with_length(learner, length)
    return longer
