"""Self-training: each generation learns the labels that its predecessor gives, the given ones only the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.methods.in_sample import LabelsInSample, label_in_sample
from softlabel.tasks import Kind


class SelfTraining(LabelsInSample):
    """Train generation after generation, each on its predecessor's answers for the rows that it was trained on.

    Generation 1 trains on the given labels; generation g on the answers of generation g - 1, at temperature 1 and without any
    of the given label: ``L(g) = P(g)``. That is Label Refinery on rows as they are stored. There the predecessor labels each augmented
    crop anew, which a table of rows does not have. Of grades as numbers the predecessor's number takes the label's place: how
    the paper's table III does it is not said, this is our reading.

    Without folds a model labels rows whose labels it has fitted. One that memorises them (a deep forest, a nearest neighbour) hands
    them on as they are, and all generations are alike; a smooth one hands on what it could not fit, too.

    Parameters
    ----------
    estimator : estimator or None
        Whatever ``StochasticLabelRefinery`` takes; each generation is a fresh fit with its own seed. None takes the default.
    n_generations : int, default=3
        Models trained one after the other; the last is the one that answers. 1 is the plain method.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``.
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
    label_distributions_ : (n, m) float32
        The targets that the last generation was trained on: the answers of the one before it.
    transduction_, suggested_labels_ : (n,) or (n, k)
        The label that each of these speaks for. The two are the same here.
    label_quality_ : (n,) float
        How well these targets agree with the given labels, 0 to 1.
    history_ : list of dict
        One entry a generation that labelled, so ``n_generations - 1``: ``generation``, ``moved``, ``newly_moved``, ``change``, and
        ``in_sample_*``, scores of its answers against the given labels; ``reference_*`` where true distributions are known.
    n_generations_ : int
        Models that were trained.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The last generation.
    epochs_ : list of dict
        One entry an epoch of the student, where it is a network: its losses.
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the last generation has them.

    Raises
    ------
    InputError
        For input that cannot be used (a ``ValueError``).
    FitError
        If an estimator fails (a ``ValueError``).

    References
    ----------
    Bagherinezhad, Horton, Rastegari and Farhadi, Label Refinery: Improving ImageNet Classification through Label
    Progression, 2018, section 3.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> trained = SelfTraining(LogisticRegression(max_iter=1000), n_generations=2, random_state=0).fit(X, y)
    >>> trained.label_distributions_.shape, len(trained.history_)
    ((150, 3), 1)
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_generations: int = 3,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_generations = n_generations
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        check_generations(self.n_generations)

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
        """Train all generations.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, m) or None
            First targets where they are soft already; the first generation trains on them.
        sample_weight : (n,) or None
            Weights of fits and scores.
        reference : (n, k) or None
            True distributions: ``history_`` says how far the targets are from them. They change nothing.
        validation : (X, y) or None
            Rows that the student scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        n_generations = check_generations(self.n_generations)
        ready = self._prepared(X, y, targets, sample_weight, reference)
        rows, history = ready.problem.given, list[dict[str, Any]]()  # (n, m)
        for generation in range(1, n_generations):
            found = label_in_sample(ready.problem, ready.learners, rows, ready.settings, generation)
            history.append(self._entry(ready, generation, rows, found.targets, found))
            rows = found.targets
        models = self._student(ready, rows, validation)
        self.n_generations_ = n_generations
        return self._hand_over(ready, rows, rows, history, models)


def check_generations(n_generations: Any) -> int:
    """Return the number of generations, an integer from 1 up."""
    if isinstance(n_generations, bool) or not isinstance(n_generations, (int, np.integer)) or n_generations < 1:
        raise InputError(f"n_generations={n_generations!r}; give a whole number, 1 or more")
    return int(n_generations)
