from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone, is_regressor
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsRegressor, RadiusNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from softlabel import SoftmaxRegression
from softlabel.errors import InputError
from softlabel.learners.soft_target_regressor import SoftTargetRegressor

X, _ = load_diabetes(return_X_y=True)
X = X[:150]
# Grades 0 to 4 between which refined ones lie, as float32 can hold them.
GRADES = np.clip(np.round(8 * (X @ np.arange(1, 11)) + 16) / 8, 0, 4)
WEIGHTS = np.random.default_rng(0).integers(1, 4, len(X)).astype(float)
SEARCH = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 1e3]}, cv=3)
ESTIMATORS = {
    "linear": Ridge(0.01),
    "trees": ExtraTreesRegressor(10, max_depth=4, random_state=0),
    "boosting": HistGradientBoostingRegressor(max_iter=5),
    "neighbours": KNeighborsRegressor(),
    "vectors": SVR(),
    "pipeline": make_pipeline(StandardScaler(), Ridge()),
    "search": SEARCH,
    "transformed": TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1),
    "voting": VotingRegressor([("a", Ridge()), ("b", LinearRegression())]),
    "stacking": StackingRegressor([("a", Ridge()), ("b", LinearRegression())], RidgeCV()),
}
try:
    from lightgbm import LGBMRegressor
    from xgboost import XGBRegressor
except ImportError:
    pass
else:
    ESTIMATORS["lightgbm"] = LGBMRegressor(n_estimators=5, n_jobs=1, verbose=-1)
    ESTIMATORS["xgboost"] = XGBRegressor(n_estimators=5, n_jobs=1)

each_estimator = pytest.mark.parametrize("name", ESTIMATORS)


@each_estimator
def test_the_fit_is_the_regressors_own_to_the_byte(name):
    model = SoftTargetRegressor(ESTIMATORS[name]).fit(X, GRADES)
    plain = clone(ESTIMATORS[name]).fit(X, GRADES).predict(X).astype(np.float64)
    assert model.predict(X).tobytes() == plain.tobytes()
    rows = model.predict_targets(X)
    assert (rows.shape, rows.dtype) == ((len(X), 1), np.float64)
    assert rows[:, 0].tobytes() == plain.tobytes()


@each_estimator
@pytest.mark.filterwarnings("error::sklearn.exceptions.DataConversionWarning")
def test_a_column_of_target_rows_is_the_same_as_grades(name):
    by_rows = SoftTargetRegressor(ESTIMATORS[name]).fit(X, GRADES[:, None].astype(np.float32))
    by_grades = SoftTargetRegressor(ESTIMATORS[name]).fit(X, GRADES)
    assert by_rows.predict(X).tobytes() == by_grades.predict(X).tobytes()


@pytest.mark.parametrize("name", sorted(ESTIMATORS.keys() - {"neighbours", "pipeline", "search", "boosting"}))
def test_weights_are_those_of_the_regressor(name):
    weighted = SoftTargetRegressor(ESTIMATORS[name]).fit(X, GRADES, WEIGHTS).predict(X)
    own = clone(ESTIMATORS[name]).fit(X, GRADES, sample_weight=WEIGHTS).predict(X)
    np.testing.assert_array_equal(weighted, own)
    assert np.any(weighted != SoftTargetRegressor(ESTIMATORS[name]).fit(X, GRADES).predict(X))


@pytest.mark.parametrize("name", ["linear", "pipeline", "voting"])
def test_a_weight_of_two_is_the_row_twice_and_of_zero_the_row_left_out(name):
    times = np.random.default_rng(1).integers(0, 3, len(X))
    weighted = SoftTargetRegressor(ESTIMATORS[name]).fit(X, GRADES, times)
    repeated = SoftTargetRegressor(ESTIMATORS[name]).fit(np.repeat(X, times, axis=0), np.repeat(GRADES, times))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X))
    assert weighted.mean_target_ == pytest.approx(repeated.mean_target_)


def test_weights_reach_what_a_search_tries_and_how_it_scores():
    # Half of the rows say the opposite and weigh next to nothing: only where weights act does the steep slope win.
    x = np.repeat(np.linspace(-1, 1, 30), 2)[:, None]
    y = np.tile([3.0, -3.0], 30) * x[:, 0]
    weights = np.tile([1.0, 1e-9], 30)
    search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [1e-6, 1e6]}, cv=3)
    model = SoftTargetRegressor(search).fit(x, y, weights)
    assert model.estimator_.best_params_ == {"ridge__alpha": 1e-6}
    assert model.estimator_.best_score_ > 0.99
    np.testing.assert_allclose(model.predict([[1.0]]), [3.0], rtol=1e-4)


def test_weights_that_cannot_act_are_refused():
    search = GridSearchCV(KNeighborsRegressor(), {"n_neighbors": [3, 5]})
    assert SoftTargetRegressor(search).fit(X, GRADES, np.full(len(X), 2.0)).predict(X).shape == (len(X),)
    with pytest.raises(InputError, match="KNeighborsRegressor takes no sample_weight"):
        SoftTargetRegressor(search).fit(X, GRADES, WEIGHTS)


def test_neighbours_vote_with_the_weight_of_their_row():
    model = SoftTargetRegressor(KNeighborsRegressor(len(X))).fit(X, GRADES, WEIGHTS)
    np.testing.assert_allclose(model.predict(X[:2]), np.average(GRADES, weights=WEIGHTS))


@pytest.mark.filterwarnings("ignore:One or more samples have no neighbors")
def test_a_row_out_of_every_neighbours_reach_gets_the_mean():
    model = SoftTargetRegressor(RadiusNeighborsRegressor(0.01)).fit(X, GRADES, WEIGHTS)
    assert model.predict([[9.0] * 10]).tolist() == [pytest.approx(np.average(GRADES, weights=WEIGHTS))]


def test_the_default_is_deterministic_trees():
    first, second = (SoftTargetRegressor().fit(X, GRADES) for _ in range(2))
    assert isinstance(first.estimator_, ExtraTreesRegressor)
    assert first.predict(X).tobytes() == second.predict(X).tobytes()
    assert SoftTargetRegressor().estimator is None


def test_predictions_may_lie_outside_the_grades():
    model = SoftTargetRegressor(LinearRegression()).fit([[0.0], [1.0]], [0, 1])
    np.testing.assert_allclose(model.predict([[-2.0], [5.0]]), [-2.0, 5.0])


def test_one_grade_alone_is_predicted():
    assert SoftTargetRegressor(Ridge()).fit(X, np.full(len(X), 2.0)).predict(X[:3]) == pytest.approx([2.0] * 3)


class Native(Ridge):
    target_kind = "scalar"

    def fit(self, X, targets, sample_weight=None):
        assert targets.shape == (len(X), 1)
        return super().fit(X, targets, sample_weight)

    def predict_targets(self, X):
        return self.predict(X).reshape(-1, 1) + 100


def test_a_learner_is_given_rows_behind_a_pipeline_too():
    for estimator in (Native(), make_pipeline(StandardScaler(), Native())):
        model = SoftTargetRegressor(estimator)
        assert model.chosen_strategy() == "native"
        assert model.fit(X, GRADES).predict(X).min() > 90
    assert SoftTargetRegressor(Ridge()).chosen_strategy() == "regressor"


@pytest.mark.parametrize(
    ("estimator", "says"),
    [
        (LogisticRegression(), "^LogisticRegression predicts classes, and the scalar view trains on grades as numbers; "
         r"give a regressor, or view='distribution'$"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "LogisticRegression predicts classes"),
        (GridSearchCV(LogisticRegression(), {}), "GridSearchCV predicts classes"),
        (SoftmaxRegression(), "SoftmaxRegression predicts classes"),
        (KMeans(2), "KMeans is no regressor"),
        (make_pipeline(Ridge(), "passthrough"), "str is no regressor"),
        (Ridge, "give an instance of a regressor"),
        ("ridge", "give an instance of a regressor"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)  # fmt: skip
def test_what_is_no_regressor_is_refused_before_any_fit(estimator, says):
    with pytest.raises(InputError, match=says):
        SoftTargetRegressor(estimator).fit(X, GRADES)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (np.c_[GRADES, GRADES], r"y has shape \(150, 2\); grades are one column of numbers, \(n,\) or \(n, 1\)"),
        (GRADES[:-1], "y has 149 grades for 150 rows of X"),
        (np.where(np.arange(150) == 7, np.nan, GRADES), "y has nan in row 7, and 1 of 150"),
        (["mild"] * 150, "y must hold grades as numbers"),
        (None, "got None"),
    ],
    ids=["columns", "rows", "nan", "words", "none"],
)
def test_targets_that_are_no_grades_are_refused(y, says):
    with pytest.raises(InputError, match=says):
        SoftTargetRegressor(Ridge()).fit(X, y)


def test_weights_that_are_none_are_refused():
    with pytest.raises(InputError, match="every sample_weight is 0"):
        SoftTargetRegressor(Ridge()).fit(X, GRADES, np.zeros(len(X)))


def test_inputs_and_the_estimator_given_are_left_alone():
    copies, estimator = (X.copy(), GRADES.copy()), make_pipeline(StandardScaler(), Ridge())
    SoftTargetRegressor(estimator).fit(X, GRADES, WEIGHTS)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(GRADES, copies[1])
    assert not hasattr(estimator[1], "coef_")


@each_estimator
def test_survives_storage_before_and_after_the_fit(name):
    skops = pytest.importorskip("skops.io")
    model = pickle.loads(pickle.dumps(clone(SoftTargetRegressor(ESTIMATORS[name])))).fit(X, GRADES)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict(X), again.predict(X))
    if name == "transformed":
        return  # holds NumPy functions, which its user has to trust
    stored = skops.dumps(model)
    untrusted = skops.get_untrusted_types(data=stored)
    known = ("softlabel.", "sklearn.", "lightgbm.", "xgboost.", "numpy.", "collections.")
    assert [kind for kind in untrusted if not kind.startswith(known)] == []
    np.testing.assert_array_equal(model.predict(X), skops.loads(stored, trusted=untrusted).predict(X))


def test_frames_sparse_rows_and_searches_around_it():
    frame = pd.DataFrame(X, columns=list("abcdefghij"))
    model = SoftTargetRegressor(Ridge()).fit(frame, GRADES)
    assert model.feature_names_in_.tolist() == list("abcdefghij")
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("jihgfedcba")])
    rows = sparse.csr_array(np.round(X, 1))
    sparsely = SoftTargetRegressor(ExtraTreesRegressor(5, random_state=0)).fit(rows, GRADES).predict(rows)
    assert sparsely.shape == (150,)
    assert is_regressor(model)
    assert cross_val_score(SoftTargetRegressor(Ridge(0.01)), X, GRADES, cv=3).min() > 0.9
    outer = GridSearchCV(SoftTargetRegressor(Ridge()), {"estimator__alpha": [1e-3, 1e3]}, cv=2).fit(X, GRADES)
    assert outer.best_params_ == {"estimator__alpha": 1e-3}
