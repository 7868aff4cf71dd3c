from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris, make_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from softlabel.errors import InputError
from softlabel.learners.counterpart import Regress
from softlabel.learners.soft_target import SoftTargetClassifier

X, y = make_classification(500, 10, n_informative=6, n_classes=4, random_state=0)
NEW = np.random.default_rng(1).normal(size=(300, 10)) * 2
SOFT = 0.7 * np.eye(4)[y] + 0.3 * np.random.default_rng(0).dirichlet(np.ones(4), len(y))


@pytest.mark.parametrize(
    "classifier",
    [
        RandomForestClassifier(20, random_state=0),
        RandomForestClassifier(20, random_state=1, min_impurity_decrease=0.01),
        RandomForestClassifier(20, random_state=2, ccp_alpha=0.005, max_features=0.5, min_samples_leaf=3),
        ExtraTreesClassifier(20, random_state=0, min_samples_leaf=8),
        ExtraTreesClassifier(20, random_state=0, bootstrap=True, max_samples=0.5, max_depth=4),
        DecisionTreeClassifier(random_state=0, ccp_alpha=0.004),
        ExtraTreeClassifier(random_state=0, max_leaf_nodes=20),
        KNeighborsClassifier(7),
        KNeighborsClassifier(5, weights="distance", p=1),
        RadiusNeighborsClassifier(20.0),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_on_labels_it_is_the_classifier(classifier):
    model = SoftTargetClassifier(classifier).fit(X, y)
    assert model.strategy_ == "regress"
    np.testing.assert_allclose(model.predict_proba(NEW), classifier.fit(X, y).predict_proba(NEW), atol=1e-12)


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_inputs_full_of_ties_change_little(load):
    """Two splits that are exactly as good are told apart by rounding, which differs between the two impurities."""
    X, y = load(return_X_y=True)
    forest = RandomForestClassifier(20, random_state=0)
    model = SoftTargetClassifier(forest).fit(X, y)
    expected = forest.fit(X, y).predict_proba(X)
    assert np.mean(np.abs(model.predict_proba(X) - expected).max(axis=1) > 1e-12) < 0.02


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 5.0, 2: 0.3, 3: 1.0}], ids=["balanced", "given"])
def test_class_weights_act_as_in_the_classifier(class_weight):
    keep = (y != 3) | (np.arange(len(y)) % 4 == 0)
    tree = DecisionTreeClassifier(random_state=0, class_weight=class_weight, max_depth=4)
    model = SoftTargetClassifier(tree).fit(X[keep], y[keep])
    assert model.strategy_ == "regress"
    expected = tree.fit(X[keep], y[keep]).predict_proba(NEW)
    np.testing.assert_allclose(model.predict_proba(NEW), expected, atol=1e-6)
    assert not np.allclose(expected, DecisionTreeClassifier(max_depth=4).fit(X[keep], y[keep]).predict_proba(NEW))


def test_a_leaf_holds_the_weighted_mean_of_its_targets():
    weights = np.random.default_rng(2).uniform(0.1, 2.0, len(y))
    tree = SoftTargetClassifier(DecisionTreeClassifier(max_depth=3, random_state=0)).fit(X, SOFT, sample_weight=weights)
    leaf_of = tree.estimator_.apply(X)
    for leaf in np.unique(leaf_of):
        rows = leaf_of == leaf
        expected = np.average(SOFT[rows], axis=0, weights=weights[rows])
        np.testing.assert_allclose(tree.predict_proba(X[rows])[0], expected, atol=1e-6)


def test_neighbours_vote_with_their_weights():
    weights = np.random.default_rng(2).uniform(0.1, 2.0, len(y))
    nearest = SoftTargetClassifier(KNeighborsClassifier(3)).fit(X, SOFT, sample_weight=weights)
    found = nearest.estimator_.kneighbors(NEW, return_distance=False)  # (n, 3)
    expected = np.einsum("ij,ijc->ic", weights[found], SOFT[found]) / weights[found].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(nearest.predict_proba(NEW), expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore:One or more samples have no neighbors")
def test_rows_without_neighbours_get_the_mean_target():
    model = SoftTargetClassifier(RadiusNeighborsClassifier(1.0)).fit(X, SOFT)
    np.testing.assert_allclose(model.predict_proba(np.full((1, 10), 1e6))[0], SOFT.mean(axis=0), atol=1e-6)


def test_a_linear_regressor_is_clipped_and_normalised():
    model = SoftTargetClassifier(Ridge()).fit(X, SOFT)
    raw = np.clip(Ridge().fit(X, SOFT).predict(NEW), 0, None)
    expected = raw / raw.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(NEW), expected, atol=1e-5)


def test_rows_of_nothing_but_negative_predictions_get_the_mean_target():
    class Pessimist(Ridge):
        def predict(self, X):
            return np.full((len(X), 4), -1.0)

    model = SoftTargetClassifier(Pessimist()).fit(X, SOFT)
    np.testing.assert_allclose(model.predict_proba(NEW), np.tile(SOFT.mean(axis=0), (len(NEW), 1)), atol=1e-6)


@pytest.mark.parametrize(
    ("estimator", "works"),
    [
        (RandomForestRegressor(), True),
        (MultiOutputRegressor(SVR()), True),
        (GridSearchCV(Ridge(), {"alpha": [1.0]}), True),
        (SVR(), False),
        (GridSearchCV(SVR(), {"C": [1.0]}), False),
        (RandomForestClassifier(criterion="entropy"), False),
        (RandomForestClassifier(class_weight="balanced_subsample"), False),
        (DecisionTreeClassifier(monotonic_cst=[1] * 10), False),
    ],
    ids=str,
)
def test_knows_what_it_can_serve(estimator, works):
    assert (Regress().lacks(estimator) is None) == works


def test_weights_that_could_not_act_are_refused():
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2)
    with pytest.raises(InputError, match="GridSearchCV takes no sample_weight"):
        SoftTargetClassifier(search).fit(X, SOFT, sample_weight=np.arange(len(y)))
    SoftTargetClassifier(search).fit(X, SOFT, sample_weight=np.ones(len(y)))


def test_a_network_takes_several_outputs_though_its_tags_do_not_say_so():
    network = MLPRegressor(hidden_layer_sizes=(8,), max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SoftTargetClassifier(network).fit(X, SOFT)
        raw = np.clip(clone(network).fit(X, SOFT).predict(NEW), 0, None)
    assert model.strategy_ == "regress"
    empty = raw.sum(axis=1) == 0
    assert np.allclose(
        model.predict_proba(NEW)[~empty], raw[~empty] / raw[~empty].sum(axis=1, keepdims=True), atol=1e-6
    )
