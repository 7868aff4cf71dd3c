"""Ways of fitting an estimator to the entries (n, k) of several labels, each from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier

from softlabel.errors import InputError
from softlabel.learners.column_fit import column_means, fit_columns, predict_columns
from softlabel.learners.counterpart import (
    has_several_outputs,
    is_neighbours,
    is_tree,
    neighbour_counterpart,
    tree_counterpart,
    tree_lacks,
)
from softlabel.learners.nested import has_tags, nested_estimators
from softlabel.learners.pipelines import last_step
from softlabel.learners.soft_target import SoftTargetClassifier

Entries = NDArray[np.float32]
Weights = NDArray[np.float64] | None
_OF_HARD_LABELS = (
    *(MultiOutputClassifier, ClassifierChain),
    *(OneVsRestClassifier, OneVsOneClassifier, OutputCodeClassifier),
)


class EntryStrategy(Protocol):
    """One way of fitting. A strategy sees only columns of more than one value, k' of the k there are."""

    @property
    def name(self) -> str:
        """What ``SoftTargetMultilabelClassifier(strategy=...)`` calls it."""

    def lacks(self, estimator: Any) -> str | None:
        """Return what the estimator lacks for this strategy as the end of a sentence, or None if it lacks nothing."""

    def fit(
        self,
        estimator: Any,
        X: Any,
        entries: Entries,
        sample_weight: Weights,
        n_labels: int,
        before: list[Any] | None = None,
    ) -> list[Any]:
        """Fit to entries (n, k') of ``n_labels`` = k labels. ``estimator`` is a clone and may be changed.

        ``before`` is what an earlier fit returned, to go on from where the estimator can; it is not changed.
        """

    def predict(self, fitted: list[Any], X: Any, means: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return rows (n, k'); ``means`` (k',) stand where the estimator says nothing of a row."""


class NativeEntries:
    """The estimator takes entries itself."""

    name = "native"

    def lacks(self, estimator: Any) -> str | None:
        last = last_step(estimator)
        if not hasattr(last, "predict_targets"):
            return "it has no predict_targets"
        if (kind := getattr(last, "target_kind", "independent")) != "independent":
            return f"its predict_targets answers rows of kind {kind!r}"
        return None

    def fit(
        self,
        estimator: Any,
        X: Any,
        entries: Entries,
        sample_weight: Weights,
        n_labels: int,
        before: list[Any] | None = None,
    ) -> list[Any]:
        rows, earlier = entries.astype(np.float64), None if before is None else before[0]  # (n, k')
        return [fit_columns(estimator, X, rows, sample_weight, front_rows=_hard(entries), before=earlier)]

    def predict(self, fitted: list[Any], X: Any, means: NDArray[np.float64]) -> NDArray[np.float64]:
        return predict_columns(fitted[0], X, means)


class Joint:
    """One fit for all labels: a regressor with an output for each.

    The mean of entries in a leaf or among neighbours is the share of each label there, which is what trees and neighbours
    of scikit-learn predict for several labels; the regressor with the same trees or neighbours takes shares as targets too.
    """

    name = "joint"

    def lacks(self, estimator: Any) -> str | None:
        last = last_step(estimator)
        if is_tree(last):
            if last.class_weight is not None:
                return "class_weight acts on each label of its own (per_class does it)"
            return tree_lacks(last)
        if is_neighbours(last):
            return None
        if has_tags(last) and is_regressor(last):
            return (
                None
                if has_several_outputs(last)
                else "it predicts one output (wrap it: MultiOutputRegressor(estimator))"
            )
        return "it is neither trees, neighbours nor a regressor with several outputs"

    def fit(
        self,
        estimator: Any,
        X: Any,
        entries: Entries,
        sample_weight: Weights,
        n_labels: int,
        before: list[Any] | None = None,
    ) -> list[Any]:
        rows = entries.astype(np.float64)  # (n, k')
        last = last_step(estimator)
        if is_tree(last):
            # Of k labels the classifier's impurity is the mean of 2 p (1 - p), the regressor's of p (1 - p), over those k'
            # that are not constant; the others add nothing to the sum.
            counterpart = tree_counterpart(last, 2.0 * rows.shape[1] / n_labels)
        elif is_neighbours(last):
            counterpart = neighbour_counterpart(last)
        else:
            return [fit_columns(estimator, X, rows, sample_weight, before=None if before is None else before[0])]
        return [fit_columns(estimator, X, rows, sample_weight, last=counterpart, front_rows=_hard(entries))]

    def predict(self, fitted: list[Any], X: Any, means: NDArray[np.float64]) -> NDArray[np.float64]:
        return predict_columns(fitted[0], X, means)


@dataclass(frozen=True)
class PerClass:
    """One fit for each label: a :class:`SoftTargetClassifier` of the two classes without and with it, rows (1 - t, t).

    Parameters
    ----------
    min_mass : float
        Of these classifiers.
    """

    min_mass: float = 0.01
    name: str = "per_class"

    def lacks(self, estimator: Any) -> str | None:
        last = last_step(estimator)
        if isinstance(last, _OF_HARD_LABELS):
            return (
                f"it divides hard labels (give what is in it, {last.estimator!r}, which is fitted to each label anyway)"
            )
        if has_tags(last) and is_regressor(last) and not is_classifier(last) and not has_several_outputs(last):
            return "it is no classifier"
        for part in nested_estimators(estimator):
            if isinstance(part.get_params(deep=False).get("class_weight"), list):
                return "class_weight is a list; give 'balanced' or one {0: ..., 1: ...} for all labels"
        try:
            SoftTargetClassifier(estimator, min_mass=self.min_mass).chosen_strategy()
        except InputError as error:
            return str(error)
        return None

    def fit(
        self,
        estimator: Any,
        X: Any,
        entries: Entries,
        sample_weight: Weights,
        n_labels: int,
        before: list[Any] | None = None,
    ) -> list[Any]:
        # All labels with one seed, as scikit-learn's MultiOutputClassifier has it.
        fitted = []
        for number, column in enumerate(entries.T):
            one, rows = (
                SoftTargetClassifier(clone(estimator), min_mass=self.min_mass),
                np.stack([1.0 - column, column], axis=1),  # (n, 2)
            )
            fitted.append(
                one.fit(X, rows, sample_weight)
                if before is None
                else one.fit_from(before[number], X, rows, sample_weight)
            )
        return fitted

    def predict(self, fitted: list[Any], X: Any, means: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.asarray(one.predict_proba(X)[:, 1], dtype=np.float64) for one in fitted], axis=1)


# In the order in which "auto" tries them: the cheapest and most exact first.
NAMES = ("native", "joint", "per_class")


def choose_entry_strategy(estimator: Any, asked: str = "auto", min_mass: float = 0.01) -> EntryStrategy:
    """Return the strategy for an estimator, by what it can do; nothing is fitted to find out.

    Parameters
    ----------
    estimator : estimator
    asked : str
        "auto" for the first that works of native, joint, per_class; or one of these.
    min_mass : float
        For per_class.

    Raises
    ------
    InputError
        If the strategy asked for does not work, or none does; the message says what is lacking for each.
    """
    strategies: dict[str, EntryStrategy] = {
        "native": NativeEntries(),
        "joint": Joint(),
        "per_class": PerClass(min_mass),
    }
    if asked != "auto" and asked not in strategies:
        raise InputError(f"strategy={asked!r}; give 'auto' or one of {', '.join(NAMES)}")
    lacks: dict[str, str] = {}
    for name in NAMES if asked == "auto" else (asked,):
        lack = strategies[name].lacks(estimator)
        if lack is None:
            return strategies[name]
        lacks[name] = lack
    reasons = "; ".join(f"{name}: {lack}" for name, lack in lacks.items())
    kind = type(last_step(estimator)).__name__
    if asked != "auto":
        raise InputError(
            f"{kind} cannot be fitted to several labels by strategy {reasons}; strategy='auto' tries the others"
        )
    raise InputError(f"{kind} cannot be fitted to several labels: {reasons}")


def varying_columns(entries: Entries, sample_weight: Weights) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return which columns (k',) have more than one value in rows with weight, and the weighted means (k,) of all.

    The mean of a constant column is its value exactly.
    """
    seen = entries if sample_weight is None else entries[sample_weight > 0]  # (n', k)
    constant = (seen == seen[0]).all(axis=0)  # (k,)
    means = np.where(constant, seen[0], column_means(entries.astype(np.float64), sample_weight))  # (k,)
    return np.flatnonzero(~constant), means


def _hard(entries: Entries) -> NDArray[np.int64]:
    """Return what supervised transformers of a classifier's pipeline see: 0 and 1, (n, k')."""
    return (entries > 0.5).astype(np.int64)
