"""Confident learning: find wrong labels out of fold, prune them, and train on the rest. cleanlab judges."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from softlabel.data.folds import check_cv_unread
from softlabel.errors import InputError
from softlabel.execution.local import local_executor
from softlabel.learners.contract import Learner
from softlabel.methods.final_fit import left_for
from softlabel.methods.final_targets import FinalTargets
from softlabel.methods.history import prefixed
from softlabel.methods.label_issues import FILTERS, judge, require_cleanlab
from softlabel.methods.options import check_choice
from softlabel.methods.rounds import cross_fit_round
from softlabel.methods.student import StudentMethod
from softlabel.tasks import Kind

_LEAST_RATE = 1e-3  # as in cleanlab: no row weighs more than 1,000 others


class ConfidentLearning(StudentMethod):
    """Prune the labels that confident learning finds wrong, and train a model on the rest.

    One round of cross-fitting gives out-of-fold probabilities. A row counts as of the class of which it is surest, among those where it
    is as sure as rows with that label are on average. Counts of given label against counted class estimate how many labels of each
    kind are wrong, and of each cell off the diagonal as many rows are pruned, those first that prefer the other class most. What is
    left weighs ``1 / p(given = c | true = c)`` by its label c, so that classes that lost more rows lose no weight.

    Parameters
    ----------
    estimator : estimator or None
        Whatever ``StochasticLabelRefinery`` takes. None takes the default.
    cv : int, splitter or iterable, default=5
        Folds, as for ``StochasticLabelRefinery``; the same seed splits as its first round does.
    filter_by : str, default="prune_by_noise_rate"
        Which rows are pruned, in the words of cleanlab's ``find_label_issues``.
    min_examples_per_class : int, default=10
        A class with no more rows than that loses none, with a warning, and no other is pruned below it. The default is that of
        cleanlab's ``CleanLearning``.
    reweigh : bool, default=True
        Whether the rest is weighed by class.
    task : {"multiclass", "ordinal"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``; grades as distributions only.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    n_jobs : int, "auto" or None
        Processes that fit folds at the same time, as for ``StochasticLabelRefinery``. Results are the same for each.
    random_state : int, generator or None
        Each draw has its own seed made from this.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is.
    issues_ : (n,) bool
        Rows that were pruned.
    noise_matrix_ : (k, k) float
        The estimate of p(given = row | true = column); columns sum to 1, but those of classes without a judged row, which are 0 or NaN
        and weigh nobody.
    final_weights_ : (n,) float
        What each row weighed in the final fit; 0 where it was pruned, 1 by class where no row of the class was judged.
    out_of_fold_ : (n, k) float32
        The probabilities behind it; NaN for classes that a row's model never saw.
    label_distributions_ : (n, k) float32
        The encoded given labels, those of pruned rows too.
    transduction_ : (n,)
        The given labels.
    suggested_labels_ : (n,)
        What the out-of-fold probabilities speak for where a row was pruned, the given label elsewhere.
    label_quality_ : (n,) float
        The out-of-fold probability of the given label; for grades 1 less the expected distance, as a share of the scale.
    history_ : list of dict
        One entry: ``n_issues``, ``n_kept``, ``unjudged`` (rows whose class no model of theirs knew) and ``oof_*``, scores of the
        out-of-fold probabilities against the given labels.
    epochs_ : list of dict
        One entry an epoch of the final model, where it is a network: its losses.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The final model.
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the final model has them.

    Raises
    ------
    InputError
        For input that cannot be used (a ``ValueError``).
    FitError
        If the estimator fails (a ``ValueError``).
    MissingExtraError
        Without cleanlab: ``pip install 'softlabel[peers]'``.

    Notes
    -----
    Rows of ``sample_weight`` 0 are judged by nobody and take no part; other weights multiply those by class, and cleanlab does not
    see them. A row whose class its fold's model never saw is never pruned.

    References
    ----------
    Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR 2021, sections 3.1 and 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> wrong = np.arange(0, 150, 10)
    >>> y[wrong] = (y[wrong] + 1) % 3
    >>> cleaned = ConfidentLearning(LogisticRegression(max_iter=1000), random_state=0).fit(X, y)
    >>> bool(cleaned.issues_[wrong].mean() > 0.8), bool(np.delete(cleaned.issues_, wrong).mean() < 0.1)
    (True, True)
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("distribution",)
    why_these_kinds: ClassVar[str] = (
        "it counts how often one class is given for another, which needs one of several classes a row (grades: the distribution view); "
        "take another method"
    )

    def __init__(
        self,
        estimator: Any = None,
        *,
        cv: Any = 5,
        filter_by: str = "prune_by_noise_rate",
        min_examples_per_class: int = 10,
        reweigh: bool = True,
        task: Any = None,
        threads: int = 1,
        n_jobs: int | str | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.cv = cv
        self.filter_by = filter_by
        self.min_examples_per_class = min_examples_per_class
        self.reweigh = reweigh
        self.task = task
        self.threads = threads
        self.n_jobs = n_jobs
        self.random_state = random_state

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        check_choice("filter_by", self.filter_by, FILTERS)
        _check_least(self.min_examples_per_class)
        check_cv_unread(self.cv)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        groups: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
    ) -> Self:
        """Find wrong labels, then train the final model on the others.

        Parameters
        ----------
        X : n rows
        y : (n,)
            Given labels.
        targets : (n, k) or None
            First targets where they are soft already; models train on them, and ``y`` is what is judged.
        groups : (n,) or None
            Rows of one group are never on both sides of a split.
        sample_weight : (n,) or None
            Weights of fits.
        reference : (n, k) or None
            True distributions; taken for the sake of one interface, nothing is scored by them here.
        validation : (X, y) or None
            Rows that the final model scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        least = _check_least(self.min_examples_per_class)
        ready = self._prepared(X, y, targets, sample_weight, reference, groups=groups, cv=self.cv)
        require_cleanlab()
        problem, task = ready.problem, ready.problem.task
        _, found = cross_fit_round(
            problem, ready.learners, ready.settings, problem.given, 1, local_executor(self.n_jobs)
        )
        for category, text in found.warnings:
            warnings.warn(f"while fitting folds, {category}: {text}", UserWarning, stacklevel=2)
        judged = task.judged(found.oof, problem.codes)  # (n,)
        if problem.sample_weight is not None:
            judged &= problem.sample_weight > 0
        if not judged.any():
            raise InputError(
                "no row was predicted by a model that knows its class; give more rows a class, or fewer folds"
            )
        known = task.known(found.oof)  # (n, k)
        judgement = judge(problem.codes[judged], known[judged], self.filter_by, least)
        issues = np.zeros(len(known), dtype=bool)  # (n,)
        issues[judged] = judgement.issues
        kept = np.where(issues, 0.0, self._weights(problem.codes, judged, judgement.noise_matrix))  # (n,)
        left, targets = left_for(problem, FinalTargets(problem.given, kept))
        models = self._student(replace(ready, problem=left), targets, validation)
        self.issues_, self.noise_matrix_, self.out_of_fold_ = issues, judgement.noise_matrix, found.oof
        self.final_weights_ = kept if problem.sample_weight is None else kept * problem.sample_weight
        entry = {
            "n_issues": int(issues.sum()),
            "n_kept": int((~issues).sum()),
            "unjudged": int(np.count_nonzero(~judged)),
            **prefixed("oof", task.scores(problem.codes[judged], known[judged])),
        }
        said = np.where(issues[:, None], known, np.eye(task.n_columns)[problem.codes])  # (n, k)
        self._hand_over(ready, problem.given, said, [entry], models)
        self.label_quality_ = np.where(judged, task.quality(known, problem.codes), self.label_quality_)
        return self

    def _weights(self, codes: np.ndarray, judged: np.ndarray, noise_matrix: np.ndarray) -> np.ndarray:
        """Return what each row (n,) weighs in the final fit beside its ``sample_weight``, were none pruned."""
        if not self.reweigh:
            return np.ones(len(codes))
        kept_rate = np.nan_to_num(np.diag(noise_matrix), nan=1.0)  # (k,) p(given = c | true = c)
        by_class = 1.0 / np.maximum(kept_rate, _LEAST_RATE)
        # Of a class without a judged row nothing is known, and cleanlab's 0 there is no estimate.
        by_class[np.bincount(codes[judged], minlength=len(by_class)) == 0] = 1.0
        return np.asarray(by_class[codes])


def _check_least(least: Any) -> int:
    if isinstance(least, bool) or not isinstance(least, (int, np.integer)) or least < 0:
        raise InputError(
            f"min_examples_per_class={least!r}; give the rows that are left in each class at least, a whole number from 0"
        )
    return int(least)
