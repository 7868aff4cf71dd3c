from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.errors import InputError
from softlabel.learners.softmax_regression import SoftmaxRegression

X, y = load_wine(return_X_y=True)
RNG = np.random.default_rng(0)
SOFT = 0.7 * np.eye(3)[y] + 0.3 * RNG.dirichlet(np.ones(3), len(y))  # (n, 3)
WEIGHTS = RNG.uniform(0.2, 3.0, len(y))


@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
def test_on_labels_it_is_logistic_regression_on_scaled_inputs(C):
    reference = make_pipeline(StandardScaler(), LogisticRegression(C=C, tol=1e-10, max_iter=5000)).fit(X, y)
    model = SoftmaxRegression(C=C, tol=1e-8).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), reference.predict_proba(X), atol=1e-4)


def test_for_two_classes_C_counts_double():
    two = y < 2
    reference = make_pipeline(StandardScaler(), LogisticRegression(C=2.0, tol=1e-10)).fit(X[two], y[two])
    model = SoftmaxRegression(C=1.0, tol=1e-8).fit(X[two], y[two])
    np.testing.assert_allclose(model.predict_proba(X), reference.predict_proba(X), atol=1e-4)


def _slow_minimiser(Z, targets, weights, C):
    """The objective written down again, with numerical gradients left to scipy."""
    n, d, k = len(Z), Z.shape[1], targets.shape[1]

    def objective(flat):
        W, b = flat[: d * k].reshape(d, k), flat[d * k :]
        log_p = log_softmax(Z @ W + b, axis=1)
        return -C * np.sum(weights[:, None] * targets * log_p) + 0.5 * np.sum(W**2)

    found = minimize(objective, np.zeros((d + 1) * k), method="L-BFGS-B", options={"maxiter": 1000, "maxfun": 10**6})
    assert n == len(targets)
    return np.exp(log_softmax(Z @ found.x[: d * k].reshape(d, k) + found.x[d * k :], axis=1))


def test_on_soft_weighted_rows_it_is_the_minimiser():
    columns = X[:, :3]
    mean = np.average(columns, axis=0, weights=WEIGHTS)
    scale = np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=WEIGHTS))
    expected = _slow_minimiser((columns - mean) / scale, SOFT, WEIGHTS, C=0.5)
    model = SoftmaxRegression(C=0.5, tol=1e-8).fit(columns, SOFT, sample_weight=WEIGHTS)
    np.testing.assert_allclose(model.predict_proba(columns), expected, atol=1e-4)


def test_one_soft_row_is_its_weighted_copies():
    copies = np.repeat(np.arange(len(y)), 3)
    codes = np.tile(np.arange(3), len(y))
    soft = SoftmaxRegression(tol=1e-8).fit(X, SOFT)
    copied = SoftmaxRegression(tol=1e-8).fit(X[copies], codes, sample_weight=SOFT.ravel())
    np.testing.assert_allclose(soft.predict_proba(X), copied.predict_proba(X), atol=1e-5)


def test_a_weight_of_two_is_the_row_twice_and_of_zero_the_row_left_out():
    times = RNG.integers(0, 3, len(y))
    weighted = SoftmaxRegression(tol=1e-8).fit(X, SOFT, sample_weight=times)
    repeated = SoftmaxRegression(tol=1e-8).fit(np.repeat(X, times, axis=0), np.repeat(SOFT, times, axis=0))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)


def test_sparse_inputs_are_scaled_but_not_centred():
    sparse_X = sparse.random(200, 12, density=0.3, random_state=0, format="csr")
    labels = (np.asarray(sparse_X.sum(axis=1)).ravel() * 3).astype(int) % 3
    scaled = StandardScaler(with_mean=False).fit_transform(sparse_X)
    reference = LogisticRegression(tol=1e-10, max_iter=5000).fit(scaled, labels)
    model = SoftmaxRegression(tol=1e-8).fit(sparse_X, labels)
    np.testing.assert_allclose(model.predict_proba(sparse_X), reference.predict_proba(scaled), atol=1e-4)


def test_coefficients_are_in_units_of_the_inputs():
    model = SoftmaxRegression().fit(X, SOFT)
    scores = X @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.predict_proba(X), np.exp(log_softmax(scores, axis=1)), atol=1e-12)
    assert model.coef_.shape == (3, X.shape[1])


def test_units_and_offsets_do_not_matter():
    moved = X * np.geomspace(1e-6, 1e6, X.shape[1]) + 1000.0 * np.geomspace(1e-6, 1e6, X.shape[1])
    first, second = SoftmaxRegression().fit(X, SOFT), SoftmaxRegression().fit(moved, SOFT)
    np.testing.assert_allclose(first.predict_proba(X), second.predict_proba(moved), atol=1e-5)


def test_without_inputs_that_tell_it_predicts_the_mean_target():
    model = SoftmaxRegression().fit(np.ones((len(y), 2)), SOFT, sample_weight=WEIGHTS)
    expected = np.average(SOFT, axis=0, weights=WEIGHTS)
    np.testing.assert_allclose(model.predict_proba(np.ones((1, 2)))[0], expected, atol=1e-6)


def test_without_intercept_the_origin_is_undecided():
    model = SoftmaxRegression(fit_intercept=False).fit(X - X.mean(axis=0), SOFT)
    np.testing.assert_allclose(model.predict_proba(np.zeros((1, X.shape[1]))), 1 / 3, atol=1e-12)


def test_a_class_without_mass_has_probability_zero_and_disturbs_nothing():
    wider = np.insert(SOFT, 1, 0.0, axis=1)  # (n, 4)
    model = SoftmaxRegression().fit(X, wider)
    probabilities = model.predict_proba(X)
    assert np.all(probabilities[:, 1] == 0)
    np.testing.assert_array_equal(probabilities[:, [0, 2, 3]], SoftmaxRegression().fit(X, SOFT).predict_proba(X))


def test_one_class_alone_is_certain():
    model = SoftmaxRegression().fit(X, np.tile([0.0, 1.0], (len(y), 1)))
    np.testing.assert_array_equal(model.predict_targets(X), np.tile([0.0, 1.0], (len(y), 1)))


def test_same_input_same_bytes_and_inputs_unchanged():
    before = X.copy(), SOFT.copy(), WEIGHTS.copy()
    first = SoftmaxRegression().fit(X, SOFT, sample_weight=WEIGHTS).predict_proba(X)
    assert first.tobytes() == SoftmaxRegression().fit(X, SOFT, sample_weight=WEIGHTS).predict_proba(X).tobytes()
    for array, copy in zip((X, SOFT, WEIGHTS), before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_warns_when_it_stops_too_early_and_only_then():
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        SoftmaxRegression(max_iter=2).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SoftmaxRegression().fit(*load_iris(return_X_y=True)).n_iter_ > 2


@pytest.mark.parametrize("wrong", [{"C": 0.0}, {"max_iter": 0}, {"tol": -1.0}])
def test_refuses_parameters_that_mean_nothing(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        SoftmaxRegression(**wrong).fit(X, y)
