from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from softlabel.learners.expansion import Expand
from softlabel.learners.soft_target import SoftTargetClassifier

X, y = load_iris(return_X_y=True)
RNG = np.random.default_rng(0)
SOFT = 0.7 * np.eye(3)[y] + 0.3 * RNG.dirichlet(np.ones(3), len(y))
WEIGHTS = RNG.uniform(0.2, 2.0, len(y))


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_logistic_regression_is_the_minimiser_of_the_soft_cross_entropy(weights):
    d, k, C = X.shape[1], 3, 0.7
    factors = np.ones(len(y)) if weights is None else weights

    def objective(flat):
        W, b = flat[: d * k].reshape(d, k), flat[d * k :]
        return -C * np.sum(factors[:, None] * SOFT * log_softmax(X @ W + b, axis=1)) + 0.5 * np.sum(W**2)

    found = minimize(objective, np.zeros((d + 1) * k), method="BFGS", options={"gtol": 1e-6, "maxiter": 2000}).x
    optimum = np.exp(log_softmax(X @ found[: d * k].reshape(d, k) + found[d * k :], axis=1))
    estimator = LogisticRegression(C=C, tol=1e-9, max_iter=5000)
    model = SoftTargetClassifier(estimator, min_mass=0.0).fit(X, SOFT, sample_weight=weights)
    assert model.strategy_ == "expand"
    np.testing.assert_allclose(model.predict_proba(X), optimum, atol=1e-4)


def test_a_tree_leaf_holds_the_mean_target():
    estimator = DecisionTreeClassifier(max_depth=2, random_state=0)
    model = SoftTargetClassifier(estimator, strategy="expand", min_mass=0.0).fit(X, SOFT, sample_weight=WEIGHTS)
    leaf_of = model.estimator_.apply(X)
    for leaf in np.unique(leaf_of):
        expected = np.average(SOFT[leaf_of == leaf], axis=0, weights=WEIGHTS[leaf_of == leaf])
        np.testing.assert_allclose(model.predict_proba(X[leaf_of == leaf])[0], expected, atol=1e-6)


def test_naive_bayes_knows_the_mean_target():
    model = SoftTargetClassifier(GaussianNB(), min_mass=0.0).fit(X, SOFT)
    np.testing.assert_allclose(model.estimator_.class_prior_, SOFT.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(max_iter=500),
        HistGradientBoostingClassifier(max_iter=5, random_state=0),
        RandomForestClassifier(5, criterion="entropy", random_state=0),
        GridSearchCV(make_pipeline(StandardScaler(), GaussianNB()), {"gaussiannb__var_smoothing": [1e-9, 1e-1]}),
        CalibratedClassifierCV(GaussianNB(), cv=3),
        BaggingClassifier(random_state=0, n_estimators=3),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_on_labels_it_is_the_estimator_itself(estimator):
    names = np.array(["c", "a", "b"])[y]
    model = SoftTargetClassifier(estimator).fit(X, names)
    assert model.strategy_ == "expand"
    # Codes are in the order of the labels, so that nothing but the labels' names differs.
    np.testing.assert_array_equal(model.predict_proba(X), estimator.fit(X, names).predict_proba(X))


def test_equal_weights_change_a_search_no_more_than_rounding():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), GaussianNB()), {"gaussiannb__var_smoothing": [1e-9, 1e-1]}, cv=3
    )
    plain = SoftTargetClassifier(search).fit(X, y)
    weighted = SoftTargetClassifier(search).fit(X, y, sample_weight=np.full(len(y), 2.0))
    np.testing.assert_allclose(weighted.predict_proba(X), plain.predict_proba(X), atol=1e-9)
    np.testing.assert_allclose(
        weighted.estimator_.cv_results_["mean_test_score"], plain.estimator_.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize(
    "estimator",
    [
        AdaBoostClassifier(n_estimators=5, random_state=0),
        VotingClassifier([("a", GaussianNB()), ("b", make_pipeline(StandardScaler(), GaussianNB()))], voting="soft"),
        StackingClassifier([("a", GaussianNB())]),
        CalibratedClassifierCV(make_pipeline(StandardScaler(), SVC()), ensemble=False),
        LogisticRegressionCV(Cs=2, cv=3, scoring="neg_log_loss"),
        GridSearchCV(StackingClassifier([("a", GaussianNB())], cv=2), {"passthrough": [True, False]}, cv=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge", "ignore::FutureWarning")
def test_whatever_takes_weights_works(estimator):
    model = SoftTargetClassifier(estimator).fit(X, SOFT, sample_weight=WEIGHTS)
    assert model.strategy_ == "expand"
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert np.mean(model.predict(X) == y) > 0.8


def test_a_frame_stays_a_frame():
    class NeedsColumns(GaussianNB):
        def fit(self, X, y, sample_weight=None):
            return super().fit(X[["a", "b"]], y, sample_weight)

        def predict_proba(self, X):
            return super().predict_proba(X[["a", "b"]])

    frame = pd.DataFrame(X, columns=list("abcd"))
    assert SoftTargetClassifier(NeedsColumns()).fit(frame, SOFT).predict_proba(frame).shape == (len(y), 3)


def test_metadata_routing_set_outside_changes_nothing():
    import sklearn

    search = GridSearchCV(
        make_pipeline(StandardScaler(), GaussianNB()), {"gaussiannb__var_smoothing": [1e-9, 1e-1]}, cv=3
    )
    plain = SoftTargetClassifier(search).fit(X, SOFT).predict_proba(X)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = SoftTargetClassifier(search).fit(X, SOFT).predict_proba(X)
    np.testing.assert_array_equal(plain, routed)


def test_a_search_in_other_processes_gives_the_same():
    search = GridSearchCV(make_pipeline(StandardScaler(), CalibratedClassifierCV(GaussianNB(), cv=2)), {}, cv=2)
    serial = SoftTargetClassifier(search).fit(X, SOFT)
    parallel = SoftTargetClassifier(search.set_params(n_jobs=2)).fit(X, SOFT)
    np.testing.assert_array_equal(serial.predict_proba(X), parallel.predict_proba(X))
    np.testing.assert_array_equal(
        serial.estimator_.cv_results_["mean_test_score"], parallel.estimator_.cv_results_["mean_test_score"]
    )


def test_nearly_certain_rows_are_fitted_about_once():
    certain = 0.985 * np.eye(3)[y] + 0.005

    class Counting(GaussianNB):
        def fit(self, X, y, sample_weight=None):
            self.n_copies_ = len(X)
            return super().fit(X, y, sample_weight)

    assert SoftTargetClassifier(Counting()).fit(X, certain).estimator_.n_copies_ == len(y)
    assert SoftTargetClassifier(Counting(), min_mass=0.0).fit(X, certain).estimator_.n_copies_ == 3 * len(y)


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (Ridge(), "no classifier"),
        (SVC(), "CalibratedClassifierCV"),
        (SVC(probability=True), "probability=True"),
        (SVC(kernel="precomputed", probability=True), "all pairs"),
        (GaussianProcessClassifier(), "GaussianProcessClassifier takes no sample_weight"),
        (CalibratedClassifierCV(KNeighborsClassifier()), "KNeighborsClassifier takes no sample_weight"),
        (GridSearchCV(make_pipeline(StandardScaler(), KNeighborsClassifier()), {}), "KNeighborsClassifier"),
        (StackingClassifier([("a", GaussianNB()), ("b", KNeighborsClassifier())]), "KNeighborsClassifier"),
        (SGDClassifier(loss="log_loss", early_stopping=True), "early_stopping=False"),
        (CalibratedClassifierCV(SGDClassifier(early_stopping=True)), "SGDClassifier sets rows aside"),
        (RandomForestClassifier(criterion="entropy", oob_score=True), "oob_score"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_what_copies_would_break_is_refused(estimator, reason):
    assert reason in Expand().lacks(estimator)


@pytest.mark.parametrize(
    "estimator",
    [
        SGDClassifier(loss="log_loss"),
        SGDClassifier(loss="log_loss", early_stopping=False),
        StackingClassifier([("a", SVC())]),
        CalibratedClassifierCV(),
        BaggingClassifier(),
        GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_it_can_serve_lacks_nothing(estimator):
    assert Expand().lacks(estimator) is None


def test_the_estimator_given_is_not_changed():
    search = GridSearchCV(make_pipeline(StandardScaler(), GaussianNB()), {"gaussiannb": [GaussianNB()]}, cv=3)
    before = repr(search)
    SoftTargetClassifier(search).fit(X, SOFT)
    assert repr(search) == before
    assert search.cv == 3
    assert not hasattr(search, "best_estimator_")
