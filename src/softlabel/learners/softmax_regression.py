"""Multinomial logistic regression that takes soft targets as they are: no row copies, one small matrix a step."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from softlabel.errors import InputError
from softlabel.learners.supervision import as_row_weights, as_target_rows, class_masses

Array = NDArray[np.float64]


class SoftmaxRegression(ClassifierMixin, BaseEstimator):
    """Linear softmax model fitted to target rows by penalised cross entropy.

    Minimises over W (d, k) and b (k,), with Z the standardised inputs, q the targets and w the sample weights::

        C * sum_i w_i * ( - sum_c q_ic log softmax(Z_i W + b)_c )  +  ||W||^2 / 2

    The intercept is not penalised. Dense inputs are centred and scaled to unit variance; sparse ones are only scaled,
    so that they stay sparse. L-BFGS in float64; the same input gives the same bytes on one machine with the same
    number of threads.

    Equivalent to ``make_pipeline(StandardScaler(), LogisticRegression(C=C))`` on one-hot targets of three classes or
    more. For two classes scikit-learn penalises one vector and this model two that are each other's negative, so that
    ``SoftmaxRegression(C)`` is its ``LogisticRegression(C=2 * C)``. On soft targets it is the same as logistic
    regression on row copies weighted by the targets, at the cost of one row each.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty, above 0, as in scikit-learn's LogisticRegression.
    max_iter : int
        Most L-BFGS iterations.
    tol : float
        Stops when no entry of the gradient of the objective, divided by ``C * sum(w)``, is larger.
    fit_intercept : bool

    Attributes
    ----------
    classes_ : (k,)
    coef_ : (k, n_features), in units of the inputs as they came
    intercept_ : (k,)
        Minus infinity for a class without mass in the fit, whose probability is 0.
    n_iter_ : int
    n_features_in_ : int

    Examples
    --------
    >>> model = SoftmaxRegression().fit([[0.0], [1.0]], [[0.9, 0.1], [0.2, 0.8]])
    >>> model.predict_targets([[0.5]]).shape
    (1, 2)
    """

    target_kind = "distribution"

    def __init__(self, C: float = 1.0, *, max_iter: int = 500, tol: float = 1e-6, fit_intercept: bool = True) -> None:
        self.C = C
        self.max_iter = max_iter
        self.tol = tol
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SoftmaxRegression:
        """Fit to labels (n,) or target rows (n, k).

        Parameters
        ----------
        X : (n, n_features) array, data frame or sparse matrix
        y : (n,) labels or (n, k) target rows
        sample_weight : (n,), optional
            Factors of the rows' losses, 0 or more.

        Raises
        ------
        InputError
            If a parameter, the targets or the weights cannot be used.
        ValueError
            From scikit-learn, if X has no valid numbers.
        """
        self._check_parameters()
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64)  # (n, d)
        self.classes_, targets = as_target_rows(y, X.shape[0])
        weights = as_row_weights(sample_weight, X.shape[0])
        weights = np.ones(X.shape[0]) if weights is None else weights  # (n,)
        present = np.flatnonzero(class_masses(targets, weights) > 0)  # (k',)

        k, d = len(self.classes_), X.shape[1]
        self.coef_ = np.zeros((k, d))
        self.intercept_ = np.full(k, -np.inf)
        self.intercept_[present] = 0.0
        self.n_iter_ = 0
        if len(present) > 1:
            inputs = _standardise(X, weights)
            found = self._minimise(inputs, targets[:, present].astype(np.float64), weights)
            scaled = found.coefficients / inputs.scale[:, None]  # (d, k')
            self.coef_[present] = scaled.T
            self.intercept_[present] = found.intercept - inputs.mean @ scaled
            self.n_iter_ = found.n_iter
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return probabilities (n, k), float64, columns in the order of ``classes_``."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        scores = X @ self.coef_.T + self.intercept_  # (n, k)
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        return scores / scores.sum(axis=1, keepdims=True)

    def predict_targets(self, X: Any) -> Array:
        """The same as :meth:`predict_proba`: what a learner answers."""
        return self.predict_proba(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label (n,) of each row."""
        codes = self.predict_proba(X).argmax(axis=1)  # (n,)
        return self.classes_[codes]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _check_parameters(self) -> None:
        if not self.C > 0:
            raise InputError(f"C={self.C!r}; give a number above 0, smaller for a stronger penalty")
        if self.max_iter < 1:
            raise InputError(f"max_iter={self.max_iter!r}; give an integer of 1 or more")
        if not self.tol > 0:
            raise InputError(f"tol={self.tol!r}; give a number above 0, say 1e-6")

    def _minimise(self, inputs: _Inputs, targets: Array, weights: Array) -> _Minimum:
        k, d = targets.shape[1], inputs.Z.shape[1]
        shares = weights / weights.sum()  # (n,)
        penalty = 1.0 / (self.C * weights.sum())
        Z, unit = inputs.Z, inputs.unit[:, None]
        Z_transposed = Z.T.tocsr() if sparse.issparse(Z) else Z.T

        def objective(flat: Array) -> tuple[float, Array]:
            W, b = flat[: d * k].reshape(d, k), flat[d * k :]
            scores = Z @ (W / unit)  # (n, k)
            if self.fit_intercept:
                scores += b
            scores -= scores.max(axis=1, keepdims=True)
            on_target = np.einsum("ij,ij->i", targets, scores)  # (n,) valid because each target row sums to 1
            np.exp(scores, out=scores)
            sums = scores.sum(axis=1)  # (n,)
            loss = shares @ (np.log(sums) - on_target) + 0.5 * penalty * np.vdot(W, W)
            scores /= sums[:, None]
            scores -= targets
            scores *= shares[:, None]
            slope = (Z_transposed @ scores) / unit + penalty * W  # (d, k)
            slope_b = scores.sum(axis=0) if self.fit_intercept else np.zeros(0)  # (k,)
            return float(loss), np.concatenate([slope.ravel(), slope_b])

        # The best intercept of a model without inputs.
        start = np.log(shares @ targets) if self.fit_intercept else np.zeros(0)  # (k,)
        start = start - start.mean() if start.size else start
        found = minimize(
            objective,
            np.concatenate([np.zeros(d * k), start]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": self.max_iter, "gtol": self.tol, "ftol": 64 * np.finfo(float).eps, "maxls": 50},
        )
        if found.nit >= self.max_iter:
            warnings.warn(
                f"SoftmaxRegression stopped after max_iter={self.max_iter} iterations with a gradient of "
                f"{np.abs(found.jac).max():.2g}, above tol={self.tol:g}; raise max_iter or lower C",
                ConvergenceWarning,
                stacklevel=3,
            )
        intercept = found.x[d * k :] if self.fit_intercept else np.zeros(k)  # (k,)
        return _Minimum(found.x[: d * k].reshape(d, k), intercept, int(found.nit))


class _Inputs(NamedTuple):
    """What the objective multiplies with: ``(Z / unit)`` is the standardised input, ``mean`` and ``scale`` lead back."""

    Z: Any  # (n, d)
    unit: Array  # (d,) ones where Z is already standardised; the scale where it is sparse and stays as it came
    mean: Array  # (d,)
    scale: Array  # (d,)


class _Minimum(NamedTuple):
    coefficients: Array  # (d, k) of the standardised inputs
    intercept: Array  # (k,)
    n_iter: int


def _standardise(X: Any, weights: Array) -> _Inputs:
    """Weighted mean and standard deviation, so that a weight of 2 is the row given twice; constant columns keep scale 1."""
    shares = weights / weights.sum()  # (n,)
    mean = np.asarray(shares @ X).ravel()  # (d,)
    if sparse.issparse(X):
        variance = np.asarray(shares @ X.multiply(X)).ravel() - mean**2
        noise = np.finfo(float).eps * mean**2
    else:
        centred = X - mean  # (n, d)
        variance = shares @ np.square(centred)
        noise = (10 * np.finfo(float).eps * np.abs(mean)) ** 2
    scale = np.sqrt(np.where(variance > 10 * noise, variance, 1.0))
    if sparse.issparse(X):
        return _Inputs(X, scale, np.zeros_like(mean), scale)
    centred /= scale
    return _Inputs(centred, np.ones_like(scale), mean, scale)
