"""Strategy ``objective``: LightGBM and XGBoost with a soft cross entropy in place of their own multiclass objective.

With p the softmax of the scores and q the target row, the loss of a row is ``- sum_c q_c log p_c``; its gradient is
``p - q`` and the diagonal of its Hessian ``p (1 - p)``, the same as on labels with q for the one-hot row. Boosting
starts from the logarithm of the mean target, the best constant score. On one-hot targets the trees are therefore
those of the libraries' own multiclass objectives.

Two classes get two scores here as well, one tree each a round; the libraries' own binary objective has one. The two
models are as good, but not equal. XGBoost starts from the shares of the classes since 3.1 (from equal scores before).
LightGBM draws the columns of ``colsample_bytree`` once more when its objective is replaced, and its ``dart`` drops the
start with the first tree, so that with these the trees are others than its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from softlabel.data.rows import n_rows
from softlabel.errors import MissingExtraError
from softlabel.learners.class_weights import tilted

_OBJECTIVES = {
    "LGBMClassifier": (None, "multiclass", "softmax", "binary"),
    "XGBClassifier": (None, "multi:softprob", "multi:softmax", "binary:logistic"),
}
_OBJECTIVE_ALIASES = ("objective_type", "app", "application", "loss")
# LightGBM refuses a metric of one output beside several scores; none is needed without a validation set.
_SET_HERE = {"metric", "metrics", "metric_types", "num_class", "num_classes", "objective", "class_weight"}


class SoftBoosting(BaseEstimator):
    """A fitted booster whose scores are added to a constant start, and to those of the one that it went on from.

    Attributes
    ----------
    model : lightgbm.LGBMModel or xgboost.XGBModel, fitted, or None where no tree could be grown
    start : (k,) float64
        Scores that boosting started from, which the booster itself does not keep.
    before : SoftBoosting or None
        What the booster went on from; the start is then its.
    """

    def __init__(self, model: Any, start: NDArray[np.float64], before: SoftBoosting | None = None) -> None:
        self.model = model
        self.start = start
        self.before = before

    def scores(self, X: Any) -> NDArray[np.float64]:
        """Return scores (n, k), whose softmax are the probabilities."""
        before = vars(self).get("before")  # which stored ones of earlier versions do not have
        scores = np.tile(self.start, (n_rows(X), 1)) if before is None else before.scores(X)  # (n, k)
        if self.model is None:
            return scores
        raw = {"raw_score": True} if _library(self.model) == "lightgbm" else {"output_margin": True}
        added: NDArray[np.float64] = np.asarray(self.model.predict(X, **raw), dtype=np.float64) + scores
        return added

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities (n, k)."""
        return softmax(self.scores(X))


class SoftObjective:
    """Boost trees on the gradients of the soft cross entropy."""

    name = "objective"

    def lacks(self, estimator: Any) -> str | None:
        kind = type(estimator).__name__
        if _library(estimator) is None or kind not in _OBJECTIVES:
            return "it is neither LightGBM's LGBMClassifier nor XGBoost's XGBClassifier"
        settings = estimator.get_params(deep=False)
        objective = next((settings[name] for name in _OBJECTIVE_ALIASES if name in settings), settings.get("objective"))
        if callable(objective) or objective not in _OBJECTIVES[kind]:
            return f"objective={objective!r} is not the multiclass one"
        boosting = settings.get("boosting_type") or settings.get("boosting")
        if boosting in ("rf", "random_forest"):
            return "boosting_type='rf' takes no other objective"
        if settings.get("scale_pos_weight") not in (None, 1) or settings.get("is_unbalance"):
            return "scale_pos_weight and is_unbalance are of the binary objective"
        return None

    def fit(
        self,
        estimator: Any,
        X: Any,
        targets: NDArray[np.float32],
        sample_weight: NDArray[np.float64] | None,
        before: SoftBoosting | None = None,
    ) -> SoftBoosting:
        rows = targets.astype(np.float64)  # (n, k)
        rows, weights = tilted(rows, sample_weight, estimator.get_params().get("class_weight"))
        shares = np.full(len(rows), 1.0 / len(rows)) if weights is None else weights / weights.sum()  # (n,)
        start = np.log(shares @ rows) if before is None else before.start  # (k,)
        # The libraries' own ways of going on (init_model, xgb_model) would forget the start.
        scores = np.tile(start, (len(rows), 1)) if before is None else before.scores(X)  # (n, k)
        grow = _fit_lightgbm if _library(estimator) == "lightgbm" else _fit_xgboost
        return SoftBoosting(grow(estimator, X, rows, weights, scores), start, before)

    def predict(self, fitted: SoftBoosting, X: Any) -> NDArray[Any]:
        return fitted.predict_proba(X)


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Return rows (n, k) of ``exp(s_c) / sum exp(s)``, in the precision of the scores."""
    rows = np.exp(scores - scores.max(axis=1, keepdims=True))  # (n, k)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def lightgbm_objective(
    targets: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return gradients and Hessians (n, k) as LightGBM's ``multiclass`` has them, whose Hessian is k/(k-1) p (1-p)."""
    k = targets.shape[1]

    def objective(_: Any, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        p = softmax(scores)  # (n, k)
        gradient = p - targets
        hessian = p * (1.0 - p)
        hessian *= k / (k - 1.0)
        if weights is not None:
            gradient *= weights[:, None]
            hessian *= weights[:, None]
        return gradient, hessian

    return objective


def xgboost_objective(
    targets: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> Callable[..., tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return gradients and Hessians (n, k) as XGBoost's ``multi:softprob`` has them, in float32: max(2 p (1-p), 1e-16)."""
    rows = targets.astype(np.float32)  # (n, k)
    factors = None if weights is None else weights.astype(np.float32)[:, None]  # (n, 1)

    def objective(
        _: Any, scores: NDArray[np.float32], sample_weight: Any = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        p = softmax(scores.astype(np.float32, copy=False))  # (n, k)
        gradient = p - rows
        hessian = p * (1 - p)
        hessian *= 2
        if factors is not None:
            gradient *= factors
            hessian *= factors
        return gradient, np.maximum(hessian, np.float32(1e-16))

    return objective


def _fit_lightgbm(estimator: Any, X: Any, rows: Any, weights: Any, scores: NDArray[np.float64]) -> Any:
    try:
        from lightgbm import LGBMModel
        from lightgbm.basic import LightGBMError
    except ImportError as error:  # the class was there, its library no longer is
        raise MissingExtraError("lightgbm", "boost") from error
    settings = {name: value for name, value in estimator.get_params().items() if name not in _SET_HERE}
    model = LGBMModel(**settings, objective=lightgbm_objective(rows, weights), num_class=rows.shape[1], metric="None")
    try:
        model.fit(X, np.zeros(len(rows)), sample_weight=weights, init_score=scores)
    except LightGBMError as error:
        # No column can be split (all constant, or too few rows for two leaves). With its own objective LightGBM goes on
        # without trees; when the objective is replaced it stops.
        if "num_features" not in str(error):
            raise
        return None
    return model.set_params(objective="multiclass")  # the function holds all targets, and cannot be stored


def _fit_xgboost(estimator: Any, X: Any, rows: Any, weights: Any, scores: NDArray[np.float64]) -> Any:
    try:
        from xgboost import XGBModel
    except ImportError as error:
        raise MissingExtraError("xgboost", "boost") from error
    settings = {name: value for name, value in estimator.get_params().items() if name not in _SET_HERE}
    settings.update(base_score=0.0, eval_metric=None)
    model = XGBModel(**settings, objective=xgboost_objective(rows, weights), num_class=rows.shape[1])
    model.fit(X, np.zeros(len(rows)), sample_weight=weights, base_margin=scores, verbose=False)
    return model.set_params(objective=None)


def _library(estimator: Any) -> str | None:
    """Name the boosting library of an estimator by its class's module, so that neither is imported to find out."""
    root = type(estimator).__module__.partition(".")[0]
    return root if root in ("lightgbm", "xgboost") else None
