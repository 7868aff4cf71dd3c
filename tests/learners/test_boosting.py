from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
from sklearn.datasets import make_classification

from softlabel.learners.boosting import SoftObjective, lightgbm_objective, softmax, xgboost_objective
from softlabel.learners.soft_target import SoftTargetClassifier

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

X, y = make_classification(600, 8, n_informative=6, n_classes=4, random_state=0)
RNG = np.random.default_rng(0)
SOFT = 0.7 * np.eye(4)[y] + 0.3 * RNG.dirichlet(np.ones(4), len(y))
WEIGHTS = RNG.uniform(0.5, 2.0, len(y))


def _lightgbm(**settings):
    return lightgbm.LGBMClassifier(**{"n_estimators": 15, "n_jobs": 1, "verbose": -1, "random_state": 3} | settings)


def _xgboost(**settings):
    return xgboost.XGBClassifier(**{"n_estimators": 10, "n_jobs": 1, "random_state": 3} | settings)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"max_depth": 3, "learning_rate": 0.3, "subsample": 0.6, "subsample_freq": 1, "reg_lambda": 2.0}],
    ids=["default", "set"],
)
def test_lightgbm_on_labels_is_its_own_multiclass(settings, weights):
    own = _lightgbm(**settings).fit(X, y, sample_weight=weights)
    soft = SoftTargetClassifier(_lightgbm(**settings)).fit(X, y, sample_weight=weights)
    assert soft.strategy_ == "objective"
    np.testing.assert_allclose(soft.predict_proba(X), own.predict_proba(X), atol=1e-6)


@pytest.mark.skipif(
    tuple(map(int, xgboost.__version__.split(".")[:2])) < (3, 1),
    reason="multi:softprob started from equal scores before XGBoost 3.1, not from the shares of the classes",
)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"max_depth": 3, "learning_rate": 0.5, "subsample": 0.7, "colsample_bytree": 0.5}],
    ids=["default", "set"],
)
def test_xgboost_on_labels_is_its_own_softprob(settings, weights):
    own = _xgboost(**settings).fit(X, y, sample_weight=weights)
    soft = SoftTargetClassifier(_xgboost(**settings)).fit(X, y, sample_weight=weights)
    assert soft.strategy_ == "objective"
    np.testing.assert_allclose(soft.predict_proba(X), own.predict_proba(X), atol=2e-5)


@pytest.mark.parametrize("make", [_lightgbm, _xgboost])
def test_two_classes_are_fitted_too(make):
    labels = y % 2
    soft = SoftTargetClassifier(make()).fit(X, labels)
    own = make().fit(X, labels)  # one score where the soft one has two: as good, not equal
    assert abs(np.mean(soft.predict(X) == labels) - np.mean(own.predict(X) == labels)) < 0.03
    assert soft.predict_proba(X).shape == (len(y), 2)


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("make", [_lightgbm, _xgboost])
def test_where_inputs_tell_nothing_it_predicts_the_mean_target(make, k):
    soft = SOFT[:, :k] / SOFT[:, :k].sum(axis=1, keepdims=True)
    no_split = {"min_child_samples": len(y)} if make is _lightgbm else {"min_child_weight": 1e9}
    model = SoftTargetClassifier(make(**no_split)).fit(X, soft, sample_weight=WEIGHTS)
    expected = np.average(soft, axis=0, weights=WEIGHTS)
    np.testing.assert_allclose(model.predict_proba(X[:1])[0], expected, atol=1e-6)


@pytest.mark.parametrize("make", [_lightgbm, _xgboost])
def test_in_cells_of_equal_inputs_it_converges_to_the_mean_target_of_the_cell(make):
    cells = np.repeat(np.arange(3.0), 200)[:, None]
    regularisation = {"learning_rate": 0.5, "n_estimators": 60, "reg_lambda": 0.0}
    model = SoftTargetClassifier(make(**regularisation)).fit(cells, SOFT, sample_weight=WEIGHTS)
    for cell in range(3):
        rows = slice(200 * cell, 200 * (cell + 1))
        expected = np.average(SOFT[rows], axis=0, weights=WEIGHTS[rows])
        np.testing.assert_allclose(model.predict_proba([[float(cell)]])[0], expected, atol=1e-4)


@pytest.mark.parametrize(("objective", "factor"), [(lightgbm_objective, 4 / 3), (xgboost_objective, 2.0)])
def test_gradients_are_those_of_the_soft_cross_entropy(objective, factor):
    scores = RNG.normal(size=SOFT.shape)

    def loss(s):
        return -np.sum(WEIGHTS[:, None] * SOFT * np.log(softmax(s)), axis=1)

    gradient, hessian = objective(SOFT, WEIGHTS)(None, scores)
    for c in range(SOFT.shape[1]):
        step = np.zeros_like(scores)
        step[:, c] = 1e-4
        np.testing.assert_allclose(gradient[:, c], (loss(scores + step) - loss(scores - step)) / 2e-4, atol=1e-5)
        second = (loss(scores + step) - 2 * loss(scores) + loss(scores - step)) / 1e-8
        np.testing.assert_allclose(hessian[:, c], factor * second, atol=1e-3)


def test_class_weights_keyed_by_label_act_as_in_lightgbm():
    names = np.array(["d", "b", "a", "c"])[y]
    class_weight = {"a": 3.0, "b": 0.5, "c": 1.0, "d": 1.0}
    own = _lightgbm(class_weight=class_weight).fit(X, names)
    soft = SoftTargetClassifier(_lightgbm(class_weight=class_weight)).fit(X, names)
    np.testing.assert_allclose(soft.predict_proba(X), own.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("make", [_lightgbm, _xgboost])
def test_the_fitted_model_is_small_and_can_be_stored(make):
    model = SoftTargetClassifier(make()).fit(X, SOFT)
    stored = pickle.dumps(model)
    assert SOFT.astype(np.float64)[:5].tobytes() not in stored  # the objective held the targets
    np.testing.assert_array_equal(pickle.loads(stored).predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (_lightgbm(objective="multiclassova"), "multiclassova"),
        (_lightgbm(boosting_type="rf", subsample=0.5, subsample_freq=1), "rf"),
        (_lightgbm(is_unbalance=True), "is_unbalance"),
        (_xgboost(scale_pos_weight=3.0), "scale_pos_weight"),
        (_xgboost(objective="multi:other"), "multi:other"),
        (lightgbm.LGBMRegressor(), "neither"),
    ],
)
def test_what_the_objective_cannot_replace_is_left_to_other_strategies(estimator, reason):
    assert reason in SoftObjective().lacks(estimator)


def test_an_estimator_of_another_library_is_judged_without_importing_the_boosters(monkeypatch):
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setitem(sys.modules, "lightgbm", None)
    monkeypatch.setitem(sys.modules, "xgboost", None)
    assert "neither" in SoftObjective().lacks(LogisticRegression())
    assert SoftTargetClassifier(LogisticRegression()).fit(X, y).strategy_ == "expand"
