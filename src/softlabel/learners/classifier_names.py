"""Classifiers by short names. Each is made for dense rows, or for sparse ones, which must not be centred."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softlabel.errors import MissingExtraError


def scaled(last: Any, sparse: bool) -> Any:
    """Return an estimator behind a scaler; the estimator alone for sparse rows, which centring would fill."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return last if sparse else make_pipeline(StandardScaler(), last)


def _softmax(sparse: bool) -> Any:
    from softlabel.learners.softmax_regression import SoftmaxRegression

    return SoftmaxRegression()


def _logistic(sparse: bool) -> Any:
    from sklearn.linear_model import LogisticRegression

    return scaled(LogisticRegression(max_iter=1000), sparse)


def _extra_trees(sparse: bool) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(n_estimators=100)


def _random_forest(sparse: bool) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=100)


def _hist_gradient_boosting(sparse: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier()


def _mlp(sparse: bool) -> Any:
    from sklearn.neural_network import MLPClassifier

    return scaled(MLPClassifier(), sparse)


def _knn(sparse: bool) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return scaled(KNeighborsClassifier(), sparse)


def _lightgbm(sparse: bool) -> Any:
    try:
        from lightgbm import LGBMClassifier
    except ImportError as error:
        raise MissingExtraError("lightgbm", "boost") from error
    return LGBMClassifier(n_jobs=1, verbosity=-1)  # its own default takes every core


def _xgboost(sparse: bool) -> Any:
    try:
        from xgboost import XGBClassifier
    except ImportError as error:
        raise MissingExtraError("xgboost", "boost") from error
    return XGBClassifier(n_jobs=1)


CLASSIFIERS: dict[str, Callable[[bool], Any]] = {
    "softmax": _softmax,
    "logistic": _logistic,
    "extra_trees": _extra_trees,
    "random_forest": _random_forest,
    "hist_gradient_boosting": _hist_gradient_boosting,
    "mlp": _mlp,
    "knn": _knn,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
}
