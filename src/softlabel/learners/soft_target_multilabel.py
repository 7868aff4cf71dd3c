"""Any estimator, fitted to several labels at once, each with a target of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from softlabel.data.rows import n_rows
from softlabel.errors import InputError
from softlabel.learners.entry_strategies import EntryStrategy, choose_entry_strategy, varying_columns
from softlabel.learners.given_rows import as_given_rows
from softlabel.learners.names import default_estimator
from softlabel.learners.nested import has_tags, is_estimator
from softlabel.learners.supervision import as_entries, as_row_weights


class SoftTargetMultilabelClassifier(ClassifierMixin, BaseEstimator):
    """Fit any scikit-learn estimator to multi-label targets, whose entries are from 0 to 1 and each of its own.

    How depends on what the estimator can do. ``strategy="auto"`` takes the first that works:

    ========= =============================================== =====================================================
    strategy  for                                             the fit
    ========= =============================================== =====================================================
    native    what has ``predict_targets`` for entries        takes the rows as they are
    joint     trees, forests, neighbours; regressors with     one regressor with an output for each label, clipped
              several outputs                                 to 0 and 1
    per_class every classifier that                           one classifier for each label, on rows (1 - t, t)
              :class:`SoftTargetClassifier` can carry
    ========= =============================================== =====================================================

    A label whose targets all have one value is answered with that value and nothing is fitted to it. On hard targets
    ``per_class`` is scikit-learn's ``MultiOutputClassifier`` of the same estimator, and ``joint`` of trees or neighbours is
    the estimator itself fitted to the indicators, to rounding.

    Parameters
    ----------
    estimator : estimator, optional
        None takes ``default_estimator("independent")`` of :mod:`softlabel.learners.names`.
    strategy : str
        "auto", "native", "joint" or "per_class".
    min_mass : float
        For per_class, where a label's classifier is expanded: ``min_mass`` of :class:`SoftTargetClassifier`. Targets that are nearer than
        this to 0 or 1 count as 0 or 1.

    Attributes
    ----------
    classes_ : (k,)
        0 to k - 1, the columns.
    strategy_ : str
        The strategy taken, or "constant" where nothing was fitted.
    estimators_ : list of estimators
        What was fitted: one for native and joint, one for each label that varies for per_class.
    mean_target_ : (k,)
        Weighted mean of each column; its value, where it has one only.
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> targets = [[0.9, 0.1, 1.0], [0.2, 0.1, 1.0], [0.1, 0.8, 1.0]]
    >>> model = SoftTargetMultilabelClassifier(LogisticRegression()).fit([[0.0], [1.0], [2.0]], targets)
    >>> model.strategy_, model.predict([[0.0]]).tolist()
    ('per_class', [[1, 0, 1]])
    """

    target_kind = "independent"

    def __init__(self, estimator: Any = None, *, strategy: str = "auto", min_mass: float = 0.01) -> None:
        self.estimator = estimator
        self.strategy = strategy
        self.min_mass = min_mass

    def chosen_strategy(self) -> EntryStrategy:
        """Return the strategy that ``fit`` would take.

        Raises
        ------
        InputError
            If none works, with the list of what the estimator lacks for each.
        """
        estimator = default_estimator("independent") if self.estimator is None else self.estimator
        if isinstance(estimator, type) or not is_estimator(estimator):
            raise InputError(
                f"estimator is {estimator!r}; give an instance of a classifier or regressor with fit and get_params"
            )
        if not 0.0 <= self.min_mass < 1.0:
            raise InputError(f"min_mass={self.min_mass!r}; give a number from 0 up to, but not including, 1")
        return choose_entry_strategy(estimator, self.strategy, self.min_mass)

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SoftTargetMultilabelClassifier:
        """Fit to target rows (n, k).

        Parameters
        ----------
        X : whatever the estimator takes, with n rows
            Passed on as it is; data frames stay data frames.
        y : (n, k) entries from 0 to 1
            Rows need not sum to 1; indicators of 0 and 1 may be a sparse matrix.
        sample_weight : (n,), optional
            0 or more.

        Raises
        ------
        InputError
            If the targets or weights cannot be used, or the estimator can be fitted to several labels in no way.
        """
        return self._fit(X, y, sample_weight)

    def fit_from(
        self, fitted: SoftTargetMultilabelClassifier, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> SoftTargetMultilabelClassifier:
        """Go on with the training of a fitted one, for this one's whole length, on the same rows; the fitted one is left as it is.

        Transformers of a pipeline stay as they were fitted. Where other labels vary than those that it was fitted to, this is ``fit``.

        Parameters
        ----------
        fitted : SoftTargetMultilabelClassifier
            Of an estimator that can go on, see :func:`~softlabel.learners.continued.can_continue`.
        X, y, sample_weight
            As for ``fit``.
        """
        check_is_fitted(fitted)
        return self._fit(X, y, sample_weight, fitted)

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, before: SoftTargetMultilabelClassifier | None = None
    ) -> SoftTargetMultilabelClassifier:
        strategy = self.chosen_strategy()
        X = as_given_rows(X)
        validate_data(self, X, skip_check_array=True)  # n_features_in_, feature_names_in_
        entries = as_entries(y, n_rows(X))  # (n, k)
        weights = as_row_weights(sample_weight, n_rows(X))
        self.classes_ = np.arange(entries.shape[1])  # (k,)
        self._varying, self.mean_target_ = varying_columns(entries, weights)  # (k',), (k,)
        self._fitted_by, self.strategy_ = strategy, strategy.name
        self.estimators_: list[Any] = []
        if len(self._varying) == 0:
            self.strategy_ = "constant"
            return self
        estimator = default_estimator("independent") if self.estimator is None else clone(self.estimator)
        same = before is not None and np.array_equal(before._varying, self._varying)
        earlier = before.estimators_ if before is not None and same else None
        self.estimators_ = strategy.fit(estimator, X, entries[:, self._varying], weights, len(self.classes_), earlier)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability (n, k) of each label, from 0 to 1; rows need not sum to 1."""
        check_is_fitted(self)
        X = as_given_rows(X)
        validate_data(self, X, skip_check_array=True, reset=False)
        probabilities = np.tile(self.mean_target_, (n_rows(X), 1))  # (n, k)
        if self.estimators_:
            rows = self._fitted_by.predict(self.estimators_, X, self.mean_target_[self._varying])  # (n, k')
            probabilities[:, self._varying] = np.clip(rows, 0.0, 1.0)
        return probabilities

    def predict_targets(self, X: Any) -> NDArray[np.float64]:
        """The same as :meth:`predict_proba`: what a learner answers."""
        return self.predict_proba(X)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return indicators (n, k): 1 for labels whose probability is above one half."""
        return (self.predict_proba(X) > 0.5).astype(np.int64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output, tags.target_tags.multi_output = False, True
        tags.classifier_tags.multi_label, tags.classifier_tags.multi_class = True, False
        estimator = default_estimator("independent") if self.estimator is None else self.estimator
        if has_tags(estimator):
            tags.input_tags = get_tags(estimator).input_tags
        return tags
