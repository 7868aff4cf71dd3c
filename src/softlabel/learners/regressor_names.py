"""Regressors by short names, for grades as numbers. They bear the names of the classifiers that are fitted alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softlabel.errors import MissingExtraError
from softlabel.learners.classifier_names import scaled


def _ridge(sparse: bool) -> Any:
    from sklearn.linear_model import Ridge

    return scaled(Ridge(), sparse)


def _extra_trees(sparse: bool) -> Any:
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(n_estimators=100)


def _random_forest(sparse: bool) -> Any:
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(n_estimators=100)


def _hist_gradient_boosting(sparse: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor()


def _mlp(sparse: bool) -> Any:
    from sklearn.neural_network import MLPRegressor

    return scaled(MLPRegressor(), sparse)


def _knn(sparse: bool) -> Any:
    from sklearn.neighbors import KNeighborsRegressor

    return scaled(KNeighborsRegressor(), sparse)


def _lightgbm(sparse: bool) -> Any:
    try:
        from lightgbm import LGBMRegressor
    except ImportError as error:
        raise MissingExtraError("lightgbm", "boost") from error
    return LGBMRegressor(n_jobs=1, verbosity=-1)  # its own default takes every core


def _xgboost(sparse: bool) -> Any:
    try:
        from xgboost import XGBRegressor
    except ImportError as error:
        raise MissingExtraError("xgboost", "boost") from error
    return XGBRegressor(n_jobs=1)


REGRESSORS: dict[str, Callable[[bool], Any]] = {
    "ridge": _ridge,
    "extra_trees": _extra_trees,
    "random_forest": _random_forest,
    "hist_gradient_boosting": _hist_gradient_boosting,
    "mlp": _mlp,
    "knn": _knn,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
}
