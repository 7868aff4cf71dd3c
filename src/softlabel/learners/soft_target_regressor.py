"""Any regressor, fitted to grades as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone, is_classifier, is_regressor
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from softlabel.data.rows import n_rows
from softlabel.errors import InputError
from softlabel.learners.column_fit import column_means, fit_columns, predict_columns
from softlabel.learners.given_rows import as_given_rows
from softlabel.learners.names import default_estimator
from softlabel.learners.nested import has_tags, is_estimator
from softlabel.learners.pipelines import last_step
from softlabel.learners.supervision import as_grades, as_row_weights


class SoftTargetRegressor(RegressorMixin, BaseEstimator):
    """Fit any scikit-learn regressor to a scalar target: a grade, or a grade refined to a number between grades.

    The fit is that of the regressor itself, to the byte where no weights are given, with the face of a learner: target
    rows (n, 1) in, target rows (n, 1) out. Predictions are left as the regressor made them; they may lie outside the
    grades there are.

    Weights reach every part that takes them: the steps of a pipeline, what a search tries and the scores it compares.
    Neighbours, which take none of their own, vote with the weight of their row.

    Parameters
    ----------
    estimator : regressor, or learner of scalar targets, optional
        None takes ``default_estimator("scalar")`` of :mod:`softlabel.learners.names`.

    Attributes
    ----------
    estimator_ : estimator
        What was fitted.
    mean_target_ : float
        Weighted mean of the targets; predicted for rows that no neighbour is in reach of.
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> model = SoftTargetRegressor(LinearRegression()).fit([[0.0], [1.0], [2.0]], [[0.0], [1.5], [3.0]])
    >>> model.predict_targets([[4.0]]).round(6)
    array([[6.]])
    """

    target_kind = "scalar"

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def chosen_strategy(self) -> str:
        """Return "native" where the estimator is a learner itself, "regressor" where it is none; nothing is fitted.

        Raises
        ------
        InputError
            If the estimator cannot be fitted to grades as numbers.
        """
        estimator = default_estimator("scalar") if self.estimator is None else self.estimator
        if isinstance(estimator, type) or not is_estimator(estimator):
            raise InputError(f"estimator is {estimator!r}; give an instance of a regressor with fit and get_params")
        last = last_step(estimator)
        kind = type(last).__name__
        if has_tags(last) and is_classifier(last):
            raise InputError(
                f"{kind} predicts classes, and the scalar view trains on grades as numbers; give a regressor, or "
                "view='distribution'"
            )
        if hasattr(last, "predict_targets"):
            return "native"
        if not has_tags(last) or not is_regressor(last):
            raise InputError(
                f"{kind} is no regressor, and the scalar view trains on grades as numbers; give a regressor (one of your own "
                "derives from sklearn.base: class R(RegressorMixin, BaseEstimator))"
            )
        return "regressor"

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SoftTargetRegressor:
        """Fit to grades (n,) or target rows (n, 1).

        Parameters
        ----------
        X : whatever the estimator takes, with n rows
            Passed on as it is; data frames stay data frames.
        y : (n,) or (n, 1) finite numbers
            In units of the grades.
        sample_weight : (n,), optional
            0 or more.

        Raises
        ------
        InputError
            If the targets or weights cannot be used, or the estimator is no regressor.
        """
        return self._fit(X, y, sample_weight)

    def fit_from(
        self, fitted: SoftTargetRegressor, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> SoftTargetRegressor:
        """Go on with the training of a fitted one, for this one's whole length, on the same rows; the fitted one is left as it is.

        Transformers of a pipeline stay as they were fitted.

        Parameters
        ----------
        fitted : SoftTargetRegressor
            Of a regressor that can go on, see :func:`~softlabel.learners.continued.can_continue`.
        X, y, sample_weight
            As for ``fit``.
        """
        check_is_fitted(fitted)
        return self._fit(X, y, sample_weight, fitted.estimator_)

    def _fit(self, X: Any, y: Any, sample_weight: Any, before: Any = None) -> SoftTargetRegressor:
        self.chosen_strategy()
        X = as_given_rows(X)
        validate_data(self, X, skip_check_array=True)  # n_features_in_, feature_names_in_
        grades = as_grades(y, n_rows(X))[:, None]  # (n, 1)
        weights = as_row_weights(sample_weight, n_rows(X))
        self.mean_target_ = float(column_means(grades, weights)[0])
        estimator = default_estimator("scalar") if self.estimator is None else clone(self.estimator)
        self.estimator_ = fit_columns(estimator, X, grades, weights, before=before)
        return self

    def predict_targets(self, X: Any) -> NDArray[np.float64]:
        """Return predicted grades as rows (n, 1): what a learner answers."""
        check_is_fitted(self)
        X = as_given_rows(X)
        validate_data(self, X, skip_check_array=True, reset=False)
        return predict_columns(self.estimator_, X, np.array([self.mean_target_]))

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return predicted grades (n,)."""
        return self.predict_targets(X)[:, 0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        estimator = default_estimator("scalar") if self.estimator is None else self.estimator
        if has_tags(estimator):
            tags.input_tags = get_tags(estimator).input_tags
        return tags
