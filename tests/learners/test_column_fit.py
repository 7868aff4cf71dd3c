from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import LinearRegression, MultiTaskElasticNet, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor, RadiusNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from softlabel.errors import InputError
from softlabel.learners.column_fit import column_means, fit_columns, predict_columns

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
ROWS = X @ rng.normal(size=(3, 2)) + rng.normal(size=(60, 2)) / 5
WEIGHTS = rng.integers(1, 4, 60).astype(float)
ONE, BOTH = ROWS[:, :1], ROWS


@pytest.mark.parametrize(
    "estimator",
    [
        Ridge(),
        ExtraTreesRegressor(5, random_state=0),
        make_pipeline(StandardScaler(), Ridge()),
        make_pipeline(make_pipeline(StandardScaler(), SelectKBest(f_regression, k=2)), make_pipeline(Ridge())),
        make_pipeline(Ridge()),
    ],
    ids=["regressor", "trees", "pipeline", "pipelines", "pipeline of one"],  # the text of a function has its address
)
def test_one_column_is_fitted_as_scikit_learn_does(estimator):
    fitted = fit_columns(clone(estimator), X, ONE, None)
    plain = clone(estimator).fit(X, ONE[:, 0]).predict(X)
    assert predict_columns(fitted, X, np.zeros(1)).tobytes() == plain[:, None].tobytes()


@pytest.mark.parametrize(
    "estimator", [Ridge(), make_pipeline(StandardScaler(), Ridge()), KNeighborsRegressor()], ids=str
)
def test_several_columns_are_fitted_as_scikit_learn_does(estimator):
    fitted = fit_columns(clone(estimator), X, BOTH, None)
    assert predict_columns(fitted, X, np.zeros(2)).tobytes() == clone(estimator).fit(X, BOTH).predict(X).tobytes()


@pytest.mark.parametrize("estimator", [MultiTaskElasticNet(0.1), MultiOutputRegressor(SVR())], ids=str)
@pytest.mark.filterwarnings("error")
def test_what_takes_tables_only_is_given_one(estimator):
    fitted = fit_columns(clone(estimator), X, ONE, None)
    assert predict_columns(fitted, X, np.zeros(1)).shape == (60, 1)


@pytest.mark.parametrize(
    "estimator", [LinearRegression(), make_pipeline(StandardScaler(), LinearRegression())], ids=str
)
def test_weights_act_in_every_step(estimator):
    repeated = np.repeat(np.arange(60), WEIGHTS.astype(int))
    weighted = fit_columns(clone(estimator), X, ONE, WEIGHTS)
    plain = clone(estimator).fit(X[repeated], ONE[repeated, 0])
    np.testing.assert_allclose(predict_columns(weighted, X, np.zeros(1))[:, 0], plain.predict(X))
    if isinstance(weighted, Pipeline):
        np.testing.assert_allclose(weighted[0].mean_, plain[0].mean_)


def test_weights_of_neighbours_act():
    fitted = fit_columns(make_pipeline(StandardScaler(), KNeighborsRegressor(60)), X, BOTH, WEIGHTS)
    means = np.average(BOTH, axis=0, weights=WEIGHTS)
    np.testing.assert_allclose(predict_columns(fitted, X[:1], np.zeros(2)), [means])
    np.testing.assert_allclose(column_means(BOTH, WEIGHTS), means)


@pytest.mark.filterwarnings("ignore:One or more samples have no neighbors")
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_rows_out_of_reach_are_predicted_as_told(weights):
    fitted = fit_columns(RadiusNeighborsRegressor(0.1), X, BOTH, weights)
    np.testing.assert_array_equal(predict_columns(fitted, [[99.0] * 3], np.array([7.0, 8.0])), [[7.0, 8.0]])


def test_numbers_that_diverge_are_not_hidden():
    class Diverged(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return np.full(len(X), np.nan)

    assert np.isnan(predict_columns(fit_columns(Diverged(), X, ONE, None), X, np.zeros(1))).all()


class Learner(BaseEstimator):
    def fit(self, X, targets, sample_weight=None):
        self.seen_ = targets
        self.mean_ = np.average(targets, axis=0, weights=sample_weight)
        return self

    def predict_targets(self, X):
        return np.tile(self.mean_, (len(X), 1))


def test_a_learner_gets_rows_behind_transformers():
    fitted = fit_columns(make_pipeline(StandardScaler(), Learner()), X, ONE, WEIGHTS)
    assert (fitted[-1].seen_.dtype, fitted[-1].seen_.shape) == (np.float32, (60, 1))
    predicted = predict_columns(fitted, X, np.zeros(1))
    np.testing.assert_allclose(predicted, np.full((60, 1), np.average(ONE[:, 0], weights=WEIGHTS)), atol=1e-6)


def test_another_last_step_and_other_rows_for_the_transformers():
    pipeline = make_pipeline(SelectKBest(f_regression, k=1), LinearRegression())
    other = X[:, 2] + ROWS[:, 0] / 9
    fitted = fit_columns(pipeline, X, X[:, :1], None, last=Ridge(), front_rows=other)
    assert isinstance(fitted[-1], Ridge)
    assert fitted[0].get_support().tolist() == [False, False, True]


def test_another_shape_is_told():
    fitted = fit_columns(Ridge(), X, BOTH, None)
    with pytest.raises(InputError, match=r"Ridge predicted shape \(60, 2\); \(n, 3\) is needed"):
        predict_columns(fitted, X, np.zeros(3))
    with pytest.raises(InputError, match=r"Ridge predicted shape \(60, 2\); \(n, 1\) is needed"):
        predict_columns(fitted, X, np.zeros(1))
