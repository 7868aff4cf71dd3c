from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from softlabel.errors import InputError
from softlabel.learners.pipelines import CopiesPipeline, WeightedPipeline, fit_throughout, last_step, steps_of
from softlabel.learners.row_copies import copy_rows
from softlabel.learners.row_identity import known_rows
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.softmax_regression import SoftmaxRegression

X, y = load_iris(return_X_y=True)
RNG = np.random.default_rng(0)
SOFT = 0.7 * np.eye(3)[y] + 0.3 * RNG.dirichlet(np.ones(3), len(y))
WEIGHTS = RNG.uniform(0.2, 2.0, len(y))


@pytest.mark.parametrize(
    ("last", "strategy"),
    [
        (SoftmaxRegression(), "native"),
        (RandomForestClassifier(5, random_state=0), "regress"),
        (KNeighborsClassifier(), "regress"),
        (LogisticRegression(), "expand"),
    ],
    ids=str,
)
def test_the_last_step_decides_and_sees_transformed_rows(last, strategy):
    model = SoftTargetClassifier(make_pipeline(StandardScaler(), last)).fit(X, SOFT)
    assert model.strategy_ == strategy
    scaled = StandardScaler().fit_transform(X)
    alone = SoftTargetClassifier(last).fit(scaled, SOFT)
    np.testing.assert_allclose(model.predict_proba(X), alone.predict_proba(scaled), atol=1e-9)


def test_the_fitted_pipeline_is_one():
    model = SoftTargetClassifier(make_pipeline(StandardScaler(), RandomForestClassifier(5))).fit(X, SOFT)
    assert [name for name, _ in model.estimator_.steps] == ["standardscaler", "randomforestclassifier"]
    assert isinstance(model.estimator_[-1], RandomForestRegressor)
    assert model.estimator_[:-1].transform(X).shape == X.shape


def test_a_pipeline_in_last_place_is_opened():
    inner = make_pipeline(PCA(2), KNeighborsClassifier())
    nested = Pipeline([("scale", StandardScaler()), ("rest", inner)])
    assert [name for name, _ in steps_of(nested)] == ["scale", "rest__pca", "rest__kneighborsclassifier"]
    assert last_step(nested) is inner[-1]
    model = SoftTargetClassifier(nested).fit(X, SOFT)
    flat = SoftTargetClassifier(make_pipeline(StandardScaler(), PCA(2), KNeighborsClassifier())).fit(X, SOFT)
    np.testing.assert_array_equal(model.predict_proba(X), flat.predict_proba(X))


def test_steps_that_do_nothing_and_pipelines_of_one_step():
    passing = SoftTargetClassifier(make_pipeline("passthrough", None, GaussianNB())).fit(X, SOFT)
    single = SoftTargetClassifier(make_pipeline(GaussianNB())).fit(X, SOFT, sample_weight=np.ones(len(y)))
    np.testing.assert_allclose(passing.predict_proba(X), single.predict_proba(X))
    assert last_step(GaussianNB()).__class__ is GaussianNB


def test_transformers_see_each_row_once_with_its_largest_class_and_its_weight():
    class Watching(StandardScaler):
        def fit(self, X, y=None, sample_weight=None):
            self.seen_ = np.asarray(X).copy(), y, sample_weight
            return super().fit(X, y, sample_weight)

    model = SoftTargetClassifier(make_pipeline(Watching(), GaussianNB())).fit(X, SOFT, sample_weight=WEIGHTS)
    rows, labels, weights = model.estimator_[0].seen_
    np.testing.assert_array_equal(rows, X)
    np.testing.assert_array_equal(labels, SOFT.argmax(axis=1))
    np.testing.assert_array_equal(weights, WEIGHTS)

    copies = copy_rows(SOFT, 0.01)
    copied_weights = copies.masses * WEIGHTS[copies.rows]
    for scope in (True, False):  # as the whole data set, and as the training part of a fold
        inside = CopiesPipeline([("watch", Watching()), ("nb", GaussianNB())])
        if scope:
            with known_rows(copies.groups, copies.codes):
                inside.fit(X[copies.rows], copies.codes, sample_weight=copied_weights)
        else:
            keep = np.r_[0:101, 102:142, 143:150]  # iris holds a row twice
            part = np.isin(copies.rows, keep)
            inside.fit(X[copies.rows][part], copies.codes[part], sample_weight=copied_weights[part])
        rows, labels, weights = inside[0].seen_
        expected = slice(None) if scope else keep
        np.testing.assert_array_equal(rows, X[expected])
        np.testing.assert_array_equal(labels, SOFT.argmax(axis=1)[expected])
        np.testing.assert_allclose(weights, WEIGHTS[expected])


def test_equal_rows_apart_from_each_other_are_rows_of_their_own_to_a_transformer():
    seen = []

    class Watching(StandardScaler):
        def fit(self, X, y=None, sample_weight=None):
            seen.append(np.asarray(X).ravel().tolist())
            return super().fit(X, y, sample_weight)

    column = np.array([1.0, 1.0, 5.0, 5.0, 1.0, 2.0])[:, None]  # the first row in two copies, 5 in two, then 1 again
    codes = np.array([0, 1, 1, 0, 1, 0])
    CopiesPipeline([("watch", Watching()), ("nb", GaussianNB())]).fit(column, codes, sample_weight=np.ones(6))
    assert seen == [[1.0, 5.0, 1.0, 2.0]]


def test_mixed_frames_and_texts():
    frame = pd.DataFrame({"number": X[:, 2], "kind": np.where(X[:, 0] > 6, "wide", "narrow")})
    front = make_column_transformer((StandardScaler(), ["number"]), (OneHotEncoder(), ["kind"]))
    model = SoftTargetClassifier(make_pipeline(front, LogisticRegression())).fit(frame, SOFT)
    assert model.feature_names_in_.tolist() == ["number", "kind"]
    assert np.mean(model.predict(frame) == y) > 0.75

    texts = [" ".join(["petal"] * int(row[2]) + ["sepal"] * int(row[0])) for row in X]
    words = SoftTargetClassifier(make_pipeline(CountVectorizer(), LogisticRegression())).fit(texts, SOFT)
    assert words.strategy_ == "expand"
    assert np.mean(words.predict(texts) == y) > 0.8


def test_pipelines_that_fit_in_their_own_way_are_not_opened():
    class Resampling(Pipeline):
        def fit(self, X, y=None, **params):
            return super().fit(X[::2], y[::2], **params)

    estimator = Resampling([("scale", StandardScaler()), ("nb", GaussianNB())])
    assert steps_of(estimator) == []


def test_weights_of_single_rows_reach_every_step_that_takes_them():
    twice = np.r_[X[:60], X[:60]]  # equal rows are rows of their own here
    codes, weights = np.r_[y[:60], y[:60][::-1]], RNG.uniform(0.5, 2.0, 120)
    inside = WeightedPipeline([("scale", StandardScaler()), ("nb", GaussianNB())]).fit(
        twice, codes, sample_weight=weights
    )
    scaler = StandardScaler().fit(twice, sample_weight=weights)
    np.testing.assert_array_equal(inside[0].mean_, scaler.mean_)
    np.testing.assert_array_equal(inside[1].theta_, GaussianNB().fit(scaler.transform(twice), codes, weights).theta_)


def test_metadata_routing_set_outside_changes_nothing():
    import sklearn

    estimator = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0))
    plain = SoftTargetClassifier(estimator).fit(X, SOFT, sample_weight=WEIGHTS).predict_proba(X)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = SoftTargetClassifier(estimator).fit(X, SOFT, sample_weight=WEIGHTS).predict_proba(X)
    np.testing.assert_array_equal(plain, routed)


def test_weights_go_through_pipelines_within_searches():
    import sklearn

    grades, times = X[:, 3], RNG.integers(0, 3, len(y))
    rows = np.repeat(np.arange(len(y)), times)
    plain = make_pipeline(StandardScaler(), LinearRegression()).fit(X[rows, :3], grades[rows]).predict(X[:, :3])
    for routed in (False, True):
        search = GridSearchCV(make_pipeline(StandardScaler(), LinearRegression()), {}, cv=2)
        with sklearn.config_context(enable_metadata_routing=routed):
            fitted = fit_throughout(search, X[:, :3], grades, times.astype(float))
        np.testing.assert_allclose(fitted.predict(X[:, :3]), plain)
        assert np.isfinite(fitted.best_score_)


def test_weights_that_cannot_act_throughout_are_refused():
    pipeline = make_pipeline(StandardScaler(), KNeighborsRegressor())
    own = clone(pipeline).fit(X, y).predict(X)
    for weights in (None, np.full(len(y), 3.0)):
        np.testing.assert_array_equal(fit_throughout(clone(pipeline), X, y, weights).predict(X), own)
    with pytest.raises(InputError, match="KNeighborsRegressor takes no sample_weight"):
        fit_throughout(pipeline, X, y, WEIGHTS)


def test_equal_weights_count_where_a_penalty_does_not_grow_with_them():
    fitted = fit_throughout(Ridge(10.0), X, y, np.full(len(y), 5.0))
    np.testing.assert_allclose(fitted.coef_, Ridge(2.0).fit(X, y).coef_)
