"""Which estimators take ``sample_weight`` in ``fit``, and which only hand it on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from softlabel.errors import InputError


def fit_weighted(estimator: Any, X: Any, y: Any, sample_weight: NDArray[np.float64] | None) -> Any:
    """Fit and return the estimator; weights that differ are refused where they could not act.

    Raises
    ------
    InputError
        If rows have different weights and ``fit`` takes none.
    """
    if sample_weight is None:
        return estimator.fit(X, y)
    if has_fit_parameter(estimator, "sample_weight"):
        return estimator.fit(X, y, sample_weight=sample_weight)
    if np.ptp(sample_weight) == 0:
        return estimator.fit(X, y)
    raise InputError(
        f"{type(estimator).__name__} takes no sample_weight; leave the weights out or choose another estimator"
    )


# What takes weights among ``**fit_params`` and gives them to its parts.
_HANDS_ON = (
    *(BaseSearchCV, TransformedTargetRegressor),
    *(StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor),
)


def is_plain_pipeline(estimator: Any) -> bool:
    """True for scikit-learn's own Pipeline, false for subclasses that fit in their own way (resampling, say)."""
    return isinstance(estimator, Pipeline) and type(estimator).fit is Pipeline.fit


def weightless_part(estimator: Any) -> str | None:
    """Return the name of a predictor in here that takes no weights, or None if weights reach every one.

    Looks into pipelines (the last step), searches, and meta-estimators (``estimator``, ``estimators``,
    ``final_estimator``, ``regressor``): a meta-estimator that takes weights but drops them on the way to its parts would silently fit
    something else.
    """
    if is_plain_pipeline(estimator):
        return weightless_part(estimator.steps[-1][1])
    for part in _parts(estimator):
        if (name := weightless_part(part)) is not None:
            return name
    hands_on = isinstance(estimator, _HANDS_ON)
    return None if hands_on or has_fit_parameter(estimator, "sample_weight") else type(estimator).__name__


def _parts(estimator: Any) -> list[Any]:
    parts = [getattr(estimator, name, None) for name in ("estimator", "final_estimator", "regressor")]
    members = getattr(estimator, "estimators", None)
    if isinstance(members, (list, tuple)):
        parts.extend(member[1] if isinstance(member, tuple) else member for member in members)
    return [part for part in parts if hasattr(part, "fit")]
