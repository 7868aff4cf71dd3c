"""The networks within an estimator: the estimator itself, what it wraps, or a step of a pipeline."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from softlabel.learners.torch_learner import TorchLearner


def networks_in(estimator: Any) -> dict[str, TorchLearner]:
    """Return the networks within an estimator, each by the name of the parameter that it is; "" is the estimator itself.

    >>> from sklearn.linear_model import LogisticRegression
    >>> networks_in(LogisticRegression())
    {}
    """
    if isinstance(estimator, TorchLearner):
        return {"": estimator}
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        return {}
    parts = estimator.get_params(deep=True).items()
    # A step of a pipeline stands there twice, in the list of steps and by its own name: names are of single parameters.
    return {name: part for name, part in parts if isinstance(part, TorchLearner)}


def with_network_settings(estimator: Any, **settings: Any) -> Any:
    """Return an unfitted copy of an estimator whose networks have these settings.

    >>> from softlabel import TorchClassifier
    >>> with_network_settings(TorchClassifier("mlp"), average="swa").average
    'swa'
    """
    copy = clone(estimator)
    found = {f"{name}__{key}" if name else key: value for name in networks_in(copy) for key, value in settings.items()}
    return copy.set_params(**found)
