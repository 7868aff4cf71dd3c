"""Learners that go on with their own training: from a fitted one, on other targets of the same rows.

A learner of softlabel's kind that can has ``fit_from(fitted, X, targets, sample_weight=None)`` beside ``fit``: it leaves the fitted one as
it is, trains for its own whole length (epochs, iterations) beyond it, and returns itself. Networks go on from the weights, boosting adds
trees. Of scikit-learn's estimators those whose ``warm_start`` does the same are carried here. What searches a minimum (logistic
regression) finds the same one from anywhere, and the trees of a forest do not go on: these are refused by name.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor

from softlabel.learners.boosting import SoftObjective
from softlabel.learners.names import default_estimator
from softlabel.learners.pipelines import last_step

_HIST = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
_STAGES = (GradientBoostingClassifier, GradientBoostingRegressor)
_PERCEPTRONS = (MLPClassifier, MLPRegressor)
_ADDING_REGRESSORS = ("LGBMRegressor", "XGBRegressor")


def can_continue(learner: Any) -> bool:
    """Return whether a learner can go on with its own training; nothing is fitted to find out.

    Parameters
    ----------
    learner : Learner
        Unfitted; for an estimator of another kind ask of what ``as_learner`` makes of it.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.neural_network import MLPClassifier
    >>> from softlabel import SoftTargetClassifier
    >>> can_continue(SoftTargetClassifier(MLPClassifier())), can_continue(SoftTargetClassifier(LogisticRegression()))
    (True, False)
    """
    if not hasattr(learner, "chosen_strategy"):
        return hasattr(learner, "fit_from")
    last = carried(learner)
    strategy = getattr(learner.chosen_strategy(), "name", learner.chosen_strategy())  # one says its name only
    if strategy == "native":
        return hasattr(last, "fit_from")
    if strategy == "objective":
        return True
    if strategy == "per_class":  # by a classifier for each, which is boosted where it can be
        return SoftObjective().lacks(last) is None or _takes_warm_start(last)
    return _takes_warm_start(last) or (strategy == "regressor" and type(last).__name__ in _ADDING_REGRESSORS)


def carried(learner: Any) -> Any:
    """Return what is trained in a learner: of a wrapper the last step of its estimator, of others themselves."""
    if not hasattr(learner, "chosen_strategy"):
        return learner
    inner = learner.estimator
    return last_step(default_estimator(learner.target_kind) if inner is None else inner)


def going_on(estimator: Any, before: Any) -> Any:
    """Return an estimator of scikit-learn's whose ``fit`` goes on from a fitted one, for the estimator's own length beyond it.

    Parameters
    ----------
    estimator : estimator
        Unfitted: length, seed and all other settings are its.
    before : estimator of the same class, fitted
        To the same classes, and to the same rows or more of them; not changed.

    Notes
    -----
    Early stopping is off: the rows that it would set apart now were trained on before.
    """
    own = copy.deepcopy(before).set_params(**estimator.get_params(deep=False) | {"warm_start": True})
    if isinstance(own, _HIST):
        own.__class__, own._first_bins = _of_one_binning(type(own)), own._bin_mapper
        return own.set_params(max_iter=before.n_iter_ + estimator.max_iter, early_stopping=False)
    if isinstance(own, _STAGES):
        stages = len(before.estimators_) + estimator.n_estimators
        return own.set_params(n_estimators=stages, n_iter_no_change=None)
    # A perceptron stops where its loss no longer falls below the least one: that was of other targets.
    own.best_loss_, own.loss_curve_, own._no_improvement_count, own.t_ = np.inf, [], 0, 0
    return own.set_params(early_stopping=False)


def booster_beside(before: Any) -> dict[str, Any]:
    """Return what ``fit`` of a booster of numbers is given to add trees to a fitted one; nothing for other regressors."""
    if type(before).__name__ == "LGBMRegressor":
        return {"init_model": before.booster_}
    if type(before).__name__ == "XGBRegressor":
        return {"xgb_model": before.get_booster()}
    return {}


class _OneBinning:
    """Histogram boosting that goes on with the bins of its first fit.

    scikit-learn's makes bins anew in each fit, and reads the old trees' splits by their numbers of bins: where rows were left out, or
    weigh otherwise, these are other splits.
    """

    _first_bins: Any

    def _bin_data(self, X: Any, *given: Any, is_training_data: bool, **named: Any) -> Any:
        if is_training_data:
            self._bin_mapper = self._first_bins
            return np.asfortranarray(self._bin_mapper.transform(X))
        return super()._bin_data(X, *given, is_training_data=is_training_data, **named)  # type: ignore[misc]


class HistClassifierOfOneBinning(_OneBinning, HistGradientBoostingClassifier):
    """A classifier that was fitted before."""


class HistRegressorOfOneBinning(_OneBinning, HistGradientBoostingRegressor):
    """A regressor that was fitted before."""


def _of_one_binning(kind: type) -> type:
    """Return the class that goes on with the bins of a class of histogram boosting; one derived from scikit-learn's stays."""
    return {
        HistGradientBoostingClassifier: HistClassifierOfOneBinning,
        HistGradientBoostingRegressor: HistRegressorOfOneBinning,
    }.get(kind, kind)


def _takes_warm_start(estimator: Any) -> bool:
    if isinstance(estimator, _PERCEPTRONS):
        return bool(estimator.solver != "lbfgs")
    return isinstance(estimator, (*_HIST, *_STAGES))
