"""Estimators by short names: the classifier, and the regressor of the same kind for grades as numbers.

Each is made for dense rows, or for sparse ones, which must not be centred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from softlabel.errors import MissingExtraError


@dataclass(frozen=True)
class Form:
    """One named estimator. Packages are imported when it is made, not before."""

    module: str
    classifier: str | None = None  # name of the class; None where there is none
    regressor: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    scales: bool = False  # whether dense rows go through a StandardScaler first
    extra: str | None = None  # of this package, where it needs one

    def made(self, kind: str, sparse: bool) -> Any:
        """Return an unfitted estimator: ``kind`` is "classifier" or "regressor"."""
        try:
            module = import_module(self.module)
        except ImportError as error:
            if self.extra is None:
                raise
            raise MissingExtraError(self.module, self.extra) from error
        last = getattr(module, getattr(self, kind))(**self.settings)
        return scaled(last) if self.scales and not sparse else last


def scaled(last: Any) -> Any:
    """Return an estimator behind a scaler."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), last)


_FORMS = {
    "softmax": Form("softlabel.learners.softmax_regression", "SoftmaxRegression"),
    "logistic": Form("sklearn.linear_model", "LogisticRegression", None, {"max_iter": 1000}, scales=True),
    "ridge": Form("sklearn.linear_model", None, "Ridge", scales=True),
    "extra_trees": Form("sklearn.ensemble", "ExtraTreesClassifier", "ExtraTreesRegressor", {"n_estimators": 100}),
    "random_forest": Form("sklearn.ensemble", "RandomForestClassifier", "RandomForestRegressor", {"n_estimators": 100}),
    "hist_gradient_boosting": Form(
        "sklearn.ensemble", "HistGradientBoostingClassifier", "HistGradientBoostingRegressor"
    ),
    "mlp": Form("sklearn.neural_network", "MLPClassifier", "MLPRegressor", scales=True),
    "knn": Form("sklearn.neighbors", "KNeighborsClassifier", "KNeighborsRegressor", scales=True),
    # The default of both takes every core.
    "lightgbm": Form("lightgbm", "LGBMClassifier", "LGBMRegressor", {"n_jobs": 1, "verbosity": -1}, extra="boost"),
    "xgboost": Form("xgboost", "XGBClassifier", "XGBRegressor", {"n_jobs": 1}, extra="boost"),
}


def _of_kind(kind: str) -> dict[str, Callable[[bool], Any]]:
    def maker(form: Form) -> Callable[[bool], Any]:
        return lambda sparse: form.made(kind, sparse)

    return {name: maker(form) for name, form in _FORMS.items() if getattr(form, kind) is not None}


CLASSIFIERS = _of_kind("classifier")
REGRESSORS = _of_kind("regressor")
