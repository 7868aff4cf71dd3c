"""Any classifier, fitted to soft targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from softlabel.data.rows import n_rows
from softlabel.errors import InputError
from softlabel.learners.class_weights import with_code_weights
from softlabel.learners.given_rows import as_given_rows
from softlabel.learners.names import default_estimator
from softlabel.learners.nested import has_tags, is_estimator
from softlabel.learners.pipelines import fit_front, last_step, steps_of
from softlabel.learners.strategies import choose_strategy
from softlabel.learners.strategy import Strategy
from softlabel.learners.supervision import as_row_weights, as_target_rows, class_masses
from softlabel.targets.encode import harden


class SoftTargetClassifier(ClassifierMixin, BaseEstimator):
    """Fit any scikit-learn classifier to target distributions.

    How depends on what the estimator can do. ``strategy="auto"`` takes the first that works:

    ========= =============================================== =====================================================
    strategy  for                                             the fit
    ========= =============================================== =====================================================
    native    what has ``predict_targets``                    takes the rows as they are
    objective ``LGBMClassifier``, ``XGBClassifier``           boosts on the gradients of the soft cross entropy
    regress   forests, trees, neighbours; regressors with     a regressor with an output for each class, clipped at 0
              several outputs                                 and normalised
    expand    every classifier with ``predict_proba`` whose   weighted copies of each row, one for each class with
              ``fit`` takes ``sample_weight``                 mass; copies never straddle a split inside the estimator
    ========= =============================================== =====================================================

    Of a pipeline the strategy serves the last step; the transformers see each row once, with its largest class.
    Searches, calibration, stacking and voting are expanded as a whole, the splits inside them divide rows, and the
    scores of a search are weighted by the targets.

    On hard targets the fit is that of the estimator itself, to rounding (regress, objective) or to the byte (expand).

    Parameters
    ----------
    estimator : estimator, optional
        None takes :func:`~softlabel.learners.names.default_estimator`.
    strategy : str
        "auto", "native", "objective", "regress" or "expand". Asked for by name, "native" also takes estimators without
        ``predict_targets``: their ``fit`` gets rows (n, k) and their ``predict_proba`` must return (n, k).
    min_mass : float
        For expand: masses below are dropped and the rest of the row is scaled up, so that a row that is nearly certain
        costs one copy. Smoothing that spreads less than this on each class is dropped with it.

    Attributes
    ----------
    classes_ : (k,)
        The labels in ascending order, or 0 to k - 1 where target rows were given.
    strategy_ : str
        The strategy taken, or "constant" where only one class had mass and nothing was fitted.
    estimator_ : estimator
        What was fitted: a regressor for regress, None for constant. It knows the classes with mass as 0 to k' - 1.
    mean_target_ : (k,)
        Weighted mean of the targets; predicted for rows of which the estimator says nothing (no neighbour in reach).
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = SoftTargetClassifier(LogisticRegression())
    >>> model.fit([[0.0], [1.0]], [[0.9, 0.1], [0.2, 0.8]]).strategy_
    'expand'
    """

    target_kind = "distribution"

    def __init__(self, estimator: Any = None, *, strategy: str = "auto", min_mass: float = 0.01) -> None:
        self.estimator = estimator
        self.strategy = strategy
        self.min_mass = min_mass

    def chosen_strategy(self) -> Strategy:
        """Return the strategy that ``fit`` would take.

        Raises
        ------
        InputError
            If none works, with the list of what the estimator lacks for each.
        """
        estimator = default_estimator() if self.estimator is None else self.estimator
        if isinstance(estimator, type) or not is_estimator(estimator):
            raise InputError(
                f"estimator is {estimator!r}; give an instance of a classifier or regressor with fit and get_params"
            )
        if not 0.0 <= self.min_mass < 1.0:
            raise InputError(f"min_mass={self.min_mass!r}; give a number from 0 up to, but not including, 1")
        return choose_strategy(last_step(estimator), self.strategy, self.min_mass)

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SoftTargetClassifier:
        """Fit to labels (n,) or target rows (n, k).

        Parameters
        ----------
        X : whatever the estimator takes, with n rows
            Passed on as it is; data frames stay data frames.
        y : (n,) labels or (n, k) target rows
        sample_weight : (n,), optional
            0 or more. A class whose rows all have weight 0 has no mass: the estimator never sees it, and its
            probability is 0.

        Raises
        ------
        InputError
            If the targets or weights cannot be used, or the estimator can be fitted to soft targets in no way.
        """
        return self._fit(X, y, sample_weight)

    def fit_from(
        self, fitted: SoftTargetClassifier, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> SoftTargetClassifier:
        """Go on with the training of a fitted one, for this one's whole length, on the same rows; the fitted one is left as it is.

        Transformers of a pipeline stay as they were fitted. Where the classes with mass are no longer those that it was fitted to,
        or it was fitted in another way, this is ``fit``.

        Parameters
        ----------
        fitted : SoftTargetClassifier
            Of an estimator that can go on, see :func:`~softlabel.learners.continued.can_continue`.
        X, y, sample_weight
            As for ``fit``.
        """
        check_is_fitted(fitted)
        return self._fit(X, y, sample_weight, fitted)

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, before: SoftTargetClassifier | None = None
    ) -> SoftTargetClassifier:
        strategy = self.chosen_strategy()
        X = as_given_rows(X)
        validate_data(self, X, skip_check_array=True)  # n_features_in_, feature_names_in_
        self.classes_, targets = as_target_rows(y, n_rows(X))
        weights = as_row_weights(sample_weight, n_rows(X))
        masses = class_masses(targets, weights)  # (k,)
        self.mean_target_ = masses / masses.sum()
        self._present = np.flatnonzero(masses > 0)  # (k',)
        if len(self._present) == 1:
            self.strategy_, self.estimator_ = "constant", None
            return self
        self.strategy_ = strategy.name
        self._fitted_by = strategy
        estimator = default_estimator() if self.estimator is None else clone(self.estimator)
        if strategy.name != "native":
            estimator = with_code_weights(estimator, self.classes_, masses)
        rows = _of_present(targets, self._present)  # (n, k')
        if before is not None and before.strategy_ == strategy.name and np.array_equal(before._present, self._present):
            return self._go_on(strategy, estimator, before, X, rows, weights)
        *front_steps, last = steps_of(estimator) or [("estimator", estimator)]
        front, inputs = fit_front(front_steps, X, harden(rows), weights, getattr(estimator, "memory", None))
        fitted = strategy.fit(last[1], inputs, rows, weights)
        self._opened = front is not None  # whether estimator_ is a pipeline that was fitted step by step
        self.estimator_ = fitted if front is None else Pipeline([*front.steps, (last[0], fitted)])
        return self

    def _go_on(
        self,
        strategy: Strategy,
        estimator: Any,
        before: SoftTargetClassifier,
        X: Any,
        rows: NDArray[np.float32],
        weights: NDArray[np.float64] | None,
    ) -> SoftTargetClassifier:
        fitted: Any = before.estimator_
        self._opened = before._opened
        if not self._opened:
            self.estimator_ = strategy.fit(last_step(estimator), X, rows, weights, fitted)
            return self
        *front, (name, last) = fitted.steps
        # Fitted anew to other targets or by another seed, they might make other features than those it was trained on.
        inputs = fitted[:-1].transform(X)
        self.estimator_ = Pipeline([*front, (name, strategy.fit(last_step(estimator), inputs, rows, weights, last))])
        return self

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return probabilities (n, k), columns in the order of ``classes_``."""
        check_is_fitted(self)
        X = as_given_rows(X)
        validate_data(self, X, skip_check_array=True, reset=False)
        probabilities = np.zeros((n_rows(X), len(self.classes_)))  # (n, k)
        if self.estimator_ is None:
            probabilities[:, self._present] = 1.0
            return probabilities
        inputs = self.estimator_[:-1].transform(X) if self._opened else X
        last = self.estimator_.steps[-1][1] if self._opened else self.estimator_
        rows = self._fitted_by.predict(last, inputs)  # (n, k')
        if rows.shape != (len(probabilities), len(self._present)):
            raise InputError(
                f"{type(last).__name__} predicted shape {rows.shape} where {(len(probabilities), len(self._present))} "
                "is needed: a row for each row of X, a column for each class with mass"
            )
        probabilities[:, self._present] = rows
        probabilities[~rows.any(axis=1)] = self.mean_target_
        return probabilities

    def predict_targets(self, X: Any) -> NDArray[Any]:
        """The same as :meth:`predict_proba`: what a learner answers."""
        return self.predict_proba(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label (n,) of each row."""
        codes = self.predict_proba(X).argmax(axis=1)  # (n,)
        return self.classes_[codes]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        estimator = default_estimator() if self.estimator is None else self.estimator
        if has_tags(estimator):
            tags.input_tags = get_tags(estimator).input_tags
        return tags


def _of_present(targets: NDArray[np.float32], present: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the columns (n, k') that have mass; a row that has mass elsewhere only weighs nothing, and is spread evenly."""
    if len(present) == targets.shape[1]:
        return targets
    rows = targets[:, present]  # (n, k')
    sums = rows.sum(axis=1, keepdims=True)  # (n, 1)
    return np.divide(rows, sums, out=np.full_like(rows, 1 / len(present)), where=sums > 0)
