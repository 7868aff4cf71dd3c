"""Strategy ``regress``: a regressor with several outputs, one for each class.

The mean of target rows in a leaf or among neighbours is itself a target row, so that the regressor with the same
trees or neighbours is the classifier, made to take soft targets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier, is_regressor
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)
from sklearn.neural_network import MLPRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor
from sklearn.utils import get_tags

from softlabel.learners.class_weights import tilted
from softlabel.learners.continued import going_on
from softlabel.learners.nested import has_tags
from softlabel.learners.weight_support import fit_weighted

_TREES: dict[type, type] = {
    RandomForestClassifier: RandomForestRegressor,
    ExtraTreesClassifier: ExtraTreesRegressor,
    DecisionTreeClassifier: DecisionTreeRegressor,
    ExtraTreeClassifier: ExtraTreeRegressor,
}
_NEIGHBOURS: dict[type, type] = {
    KNeighborsClassifier: KNeighborsRegressor,
    RadiusNeighborsClassifier: RadiusNeighborsRegressor,
}


class Regress:
    """Fit the multi-output counterpart of a classifier, or a multi-output regressor that was given as such."""

    name = "regress"

    def lacks(self, estimator: Any) -> str | None:
        kind = type(estimator)
        if kind in _TREES:
            return tree_lacks(estimator)
        if kind in _NEIGHBOURS:
            return None
        if not has_tags(estimator):
            return "it is no regressor with several outputs"
        if is_classifier(estimator):
            return "it has no regressor with the same trees or neighbours"
        if is_regressor(estimator) and has_several_outputs(estimator):
            return None
        return "it is no regressor with several outputs"

    def fit(
        self,
        estimator: Any,
        X: Any,
        targets: NDArray[np.float32],
        sample_weight: NDArray[np.float64] | None,
        before: Any = None,
    ) -> Any:
        if before is not None:
            estimator = going_on(estimator, before)
        rows = targets.astype(np.float64)  # (n, k)
        if is_tree(estimator):
            rows, sample_weight = tilted(rows, sample_weight, estimator.class_weight)
            return fit_weighted(tree_counterpart(estimator, rows.shape[1]), X, rows, sample_weight)
        if is_neighbours(estimator):
            # A neighbour's vote is linear in its row: scaled rows vote with their weight, and predictions are
            # normalised.
            votes = rows if sample_weight is None else rows * sample_weight[:, None]  # (n, k)
            return neighbour_counterpart(estimator).fit(X, votes)
        return fit_weighted(estimator, X, rows, sample_weight)

    def predict(self, fitted: Any, X: Any) -> NDArray[Any]:
        rows = np.clip(np.nan_to_num(np.asarray(fitted.predict(X), dtype=np.float64)), 0.0, None)  # (n, k)
        sums = rows.sum(axis=1, keepdims=True)  # (n, 1)
        return np.divide(rows, sums, out=np.zeros_like(rows), where=sums > 0)


def is_tree(estimator: Any) -> bool:
    """Return whether a tree or a forest of scikit-learn's, not of a subclass, classifies."""
    return type(estimator) in _TREES


def is_neighbours(estimator: Any) -> bool:
    """Return whether neighbours of scikit-learn's, not of a subclass, classify."""
    return type(estimator) in _NEIGHBOURS


def tree_counterpart(classifier: Any, ratio: float) -> Any:
    """Return the regressor that grows the same trees on rows of masses as the classifier does on labels.

    The squared error of k outputs is the mean over the outputs of their variances: 1/k sum_c p_c (1 - p_c), which is
    the Gini impurity 1 - sum_c p_c^2 divided by k. Splits are therefore the same (save where two are exactly as good
    and rounding decides), and ``min_impurity_decrease`` and ``ccp_alpha``, which are in units of the impurity, are
    divided by k. ``max_features`` stays the classifier's, whose default differs from the regressor's.

    Parameters
    ----------
    classifier : tree or forest
    ratio : float
        The classifier's impurity in units of the regressor's: k for the masses of k classes.
    """
    counterpart = _TREES[type(classifier)]
    settings = _shared(classifier, counterpart)
    settings["criterion"] = "squared_error"
    settings["min_impurity_decrease"] = classifier.min_impurity_decrease / ratio
    settings["ccp_alpha"] = classifier.ccp_alpha / ratio
    return counterpart(**settings)


def neighbour_counterpart(classifier: Any) -> Any:
    """Return the regressor with the same neighbours.

    ``outlier_label`` has no counterpart: a row without neighbours is predicted as the mean target.
    """
    counterpart = _NEIGHBOURS[type(classifier)]
    return counterpart(**_shared(classifier, counterpart))


def _shared(classifier: Any, counterpart: type) -> dict[str, Any]:
    valid = counterpart().get_params(deep=False)
    return {name: value for name, value in classifier.get_params(deep=False).items() if name in valid}


def tree_lacks(estimator: Any) -> str | None:
    """Say which setting of a tree or forest has no counterpart, or None."""
    if estimator.criterion != "gini":
        return f"criterion={estimator.criterion!r} has no counterpart for regression (only 'gini' has)"
    if isinstance(estimator.class_weight, str) and estimator.class_weight != "balanced":
        return f"class_weight={estimator.class_weight!r} is drawn anew for each tree"
    if estimator.monotonic_cst is not None:
        return "monotonic_cst works for one output only"
    return None


def has_several_outputs(estimator: Any) -> bool:
    """Return whether a regressor can be fitted to several columns at once."""
    # A search says nothing about outputs in its own tags; what it searches over does.
    inner = getattr(estimator, "estimator", None)
    if isinstance(estimator, MLPRegressor):  # takes several outputs, though its tags do not say so
        return True
    return bool(get_tags(estimator).target_tags.multi_output) or (inner is not None and has_several_outputs(inner))
