from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.errors import InputError
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.softmax_regression import SoftmaxRegression

X, y = load_iris(return_X_y=True)
# Shares of 64: sums of float32 are exact, whatever the number of columns.
SOFT = (44 * np.eye(3)[y] + np.random.default_rng(0).multinomial(20, [1 / 3] * 3, len(y))) / 64
ESTIMATORS = {
    "native": SoftmaxRegression(),
    "regress": ExtraTreesClassifier(10, random_state=0),
    "neighbours": KNeighborsClassifier(),
    "linear": Ridge(),
    "expand": LogisticRegression(max_iter=500),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "search": GridSearchCV(make_pipeline(StandardScaler(), GaussianNB()), {"gaussiannb__var_smoothing": [1e-9, 1e-2]}),
}
try:
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier
except ImportError:
    pass
else:
    ESTIMATORS["lightgbm"] = LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1)
    ESTIMATORS["xgboost"] = XGBClassifier(n_estimators=5, n_jobs=1)

each_estimator = pytest.mark.parametrize("name", ESTIMATORS)


@each_estimator
def test_rows_are_valid_and_learned(name):
    model = SoftTargetClassifier(ESTIMATORS[name]).fit(X, SOFT)
    rows = model.predict_targets(X)
    assert rows.shape == (len(y), 3)
    assert rows.min() >= 0
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(rows, model.predict_proba(X))
    assert np.mean(model.predict(X) == y) > 0.8
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.n_features_in_ == 4


@each_estimator
def test_columns_follow_the_sorted_labels_whatever_their_order_in_the_data(name):
    names = np.array(["zebra", "ant", "mouse"])[y]
    by_name = SoftTargetClassifier(ESTIMATORS[name]).fit(X, names)
    assert by_name.classes_.tolist() == ["ant", "mouse", "zebra"]
    assert np.mean(by_name.predict(X) == names) > 0.8
    by_rows = SoftTargetClassifier(ESTIMATORS[name]).fit(X, np.eye(3)[[2, 0, 1]][y])
    np.testing.assert_allclose(by_name.predict_proba(X), by_rows.predict_proba(X), atol=1e-12)


@each_estimator
def test_a_class_without_mass_is_never_shown_and_gets_nothing(name):
    wider = np.insert(SOFT, 1, 0.0, axis=1)  # (n, 4)
    model = SoftTargetClassifier(ESTIMATORS[name]).fit(X, wider)
    without = SoftTargetClassifier(ESTIMATORS[name]).fit(X, SOFT)
    rows = model.predict_proba(X)
    assert np.all(rows[:, 1] == 0)
    np.testing.assert_allclose(rows[:, [0, 2, 3]], without.predict_proba(X), atol=1e-12)
    assert model.classes_.tolist() == [0, 1, 2, 3]


def test_a_class_whose_rows_weigh_nothing_has_no_mass():
    model = SoftTargetClassifier(LogisticRegression(max_iter=500)).fit(X, y, sample_weight=(y != 1).astype(float))
    rows = model.predict_proba(X)
    assert np.all(rows[:, 1] == 0)
    assert model.estimator_.classes_.tolist() == [0, 1]


def test_one_class_alone_is_predicted_without_a_fit():
    model = SoftTargetClassifier(LogisticRegression()).fit(X, ["only"] * len(y))
    assert model.strategy_ == "constant"
    assert model.estimator_ is None
    assert model.predict(X[:2]).tolist() == ["only", "only"]
    rows = SoftTargetClassifier(LogisticRegression()).fit(X, np.tile([0.0, 1.0, 0.0], (len(y), 1))).predict_proba(X[:1])
    assert rows.tolist() == [[0.0, 1.0, 0.0]]


@each_estimator
def test_survives_storage_before_and_after_the_fit(name):
    unfitted = SoftTargetClassifier(ESTIMATORS[name])
    model = pickle.loads(pickle.dumps(clone(unfitted))).fit(X, SOFT)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))


@each_estimator
def test_can_be_stored_without_pickle(name):
    skops = pytest.importorskip("skops.io")
    model = SoftTargetClassifier(ESTIMATORS[name]).fit(X, SOFT)
    stored = skops.dumps(model)
    untrusted = skops.get_untrusted_types(data=stored)
    known = ("softlabel.", "sklearn.", "lightgbm.", "xgboost.", "numpy.", "collections.")
    assert [kind for kind in untrusted if not kind.startswith(known)] == []
    again = skops.loads(stored, trusted=untrusted)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))


@each_estimator
def test_twice_the_same_bytes(name):
    first, second = (SoftTargetClassifier(ESTIMATORS[name]).fit(X, SOFT).predict_proba(X) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("name", ["native", "expand", "linear", "pipeline"])
def test_a_weight_of_two_is_the_row_twice_and_of_zero_the_row_left_out(name):
    estimator = clone(ESTIMATORS[name])
    if name in ("expand", "pipeline"):
        estimator.set_params(**{("logisticregression__" if name == "pipeline" else "") + "tol": 1e-9})
    times = np.random.default_rng(0).integers(0, 3, len(y))
    weighted = SoftTargetClassifier(estimator).fit(X, SOFT, sample_weight=times)
    repeated = SoftTargetClassifier(estimator).fit(np.repeat(X, times, axis=0), np.repeat(SOFT, times, axis=0))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-4)


def test_parameters_of_the_estimator_can_be_set_through_it():
    model = SoftTargetClassifier(make_pipeline(StandardScaler(), LogisticRegression()))
    model.set_params(estimator__logisticregression__C=0.01, min_mass=0.1)
    assert model.get_params()["estimator__logisticregression__C"] == 0.01
    search = GridSearchCV(model, {"estimator__logisticregression__C": [0.01, 10.0]}, cv=2).fit(X, y)
    assert search.best_params_ == {"estimator__logisticregression__C": 10.0}
    assert cross_val_score(model, X, y, cv=2).shape == (2,)


def test_frames_and_their_columns():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = SoftTargetClassifier(LogisticRegression(max_iter=500)).fit(frame, SOFT)
    assert model.feature_names_in_.tolist() == list("abcd")
    assert model.estimator_.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        model.predict_proba(frame[list("dcba")])


@pytest.mark.parametrize("name", ["native", "regress", "neighbours", "linear", "expand"])
def test_sparse_inputs(name):
    model = SoftTargetClassifier(ESTIMATORS[name]).fit(sparse.csr_array(X), SOFT)
    assert np.mean(model.predict(sparse.csr_array(X)) == y) > 0.8


def test_a_strategy_can_be_asked_for():
    model = SoftTargetClassifier(ExtraTreesClassifier(5), strategy="expand").fit(X, SOFT)
    assert model.strategy_ == "expand"
    with pytest.raises(InputError, match=r"by strategy regress: .*strategy='auto'"):
        SoftTargetClassifier(LogisticRegression(), strategy="regress").fit(X, SOFT)
    with pytest.raises(InputError, match="'auto' or one of native, objective, regress, expand"):
        SoftTargetClassifier(LogisticRegression(), strategy="magic").fit(X, SOFT)
    with pytest.raises(InputError, match="min_mass"):
        SoftTargetClassifier(LogisticRegression(), min_mass=1.0).fit(X, SOFT)


class TakesRows(ClassifierMixin, BaseEstimator):
    """A classifier of rows that does not say so."""

    def fit(self, X, y):
        self.mean_ = np.asarray(y).mean(axis=0)
        return self

    def predict_proba(self, X):
        return np.tile(self.mean_, (len(X), 1))


def test_native_by_name_hands_rows_to_any_fit():
    with pytest.raises(InputError, match="strategy='native'"):
        SoftTargetClassifier(TakesRows()).fit(X, SOFT)
    model = SoftTargetClassifier(TakesRows(), strategy="native").fit(X, SOFT)
    np.testing.assert_allclose(model.predict_proba(X[:1])[0], SOFT.mean(axis=0), atol=1e-6)
    with pytest.raises(InputError, match="TakesRows takes no sample_weight"):
        model.fit(X, SOFT, sample_weight=np.arange(len(y)))


def test_a_learner_that_answers_in_another_shape_is_named():
    class Narrow(TakesRows):
        def predict_proba(self, X):
            return super().predict_proba(X)[:, :2]

    class Flat(TakesRows):
        def predict_proba(self, X):
            return np.zeros(len(X))

    for kind, says in (
        (Narrow, r"Narrow predicted shape \(2, 2\) where \(2, 3\)"),
        (Flat, r"Flat returned shape \(2,\)"),
    ):
        with pytest.raises(InputError, match=says):
            SoftTargetClassifier(kind(), strategy="native").fit(X, SOFT).predict_proba(X[:2])


def test_the_estimator_given_is_not_fitted():
    estimator = LogisticRegression(max_iter=500)
    SoftTargetClassifier(estimator).fit(X, SOFT)
    assert not hasattr(estimator, "coef_")


class Duck:
    """Has the methods of a classifier, but does not tell scikit-learn what it is."""

    def get_params(self, deep=True):
        return {}

    def fit(self, X, y, sample_weight=None):
        return self

    def predict_proba(self, X):
        return np.full((len(X), 3), 1 / 3)


def test_an_estimator_that_does_not_say_what_it_is_is_told_how():
    with pytest.raises(InputError, match="ClassifierMixin, BaseEstimator"):
        SoftTargetClassifier(Duck()).fit(X, SOFT)
    assert SoftTargetClassifier(Duck(), strategy="native").fit(X, SOFT).strategy_ == "native"


def test_a_learner_that_is_a_pipeline_of_its_own_kind_is_left_whole():
    from sklearn.pipeline import Pipeline

    class Whole(Pipeline):
        def fit(self, X, y=None, sample_weight=None):
            self.steps[0][1].fit(X)
            self.steps[1][1].fit(self.steps[0][1].transform(X), y, sample_weight)
            return self

        def predict_targets(self, X):
            return self.steps[1][1].predict_targets(self.steps[0][1].transform(X))

    whole = Whole([("scale", StandardScaler()), ("softmax", SoftmaxRegression())])
    opened = make_pipeline(StandardScaler(), SoftmaxRegression())
    rows = SoftTargetClassifier(whole).fit(X, SOFT).predict_proba(X)
    np.testing.assert_allclose(rows, SoftTargetClassifier(opened).fit(X, SOFT).predict_proba(X))
