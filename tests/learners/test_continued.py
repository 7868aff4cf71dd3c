from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.learners.continued import booster_beside, can_continue, carried, going_on
from softlabel.learners.contract import as_learner
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
from softlabel.learners.soft_target_regressor import SoftTargetRegressor

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")

X, y = make_classification(150, 6, n_informative=4, n_classes=3, random_state=0)
HARD = np.eye(3)[y]
SOFT = 0.7 * HARD + 0.3 * np.random.default_rng(0).dirichlet(np.ones(3), len(y))
OTHER = 0.6 * HARD[:, [1, 2, 0]] + 0.4 * SOFT  # targets of a later round
ENTRIES = np.c_[y > 0, y == 1].astype(float) * 0.8 + 0.1
WEIGHTS = np.random.default_rng(1).uniform(0.5, 2, len(y))
HIST = {"max_iter": 6, "random_state": 0}
TREES = {"n_estimators": 6, "random_state": 0}
NET = {"hidden_layer_sizes": (16,), "max_iter": 20, "random_state": 0}


def _boosters(kind):
    lightgbm, xgboost = pytest.importorskip("lightgbm"), pytest.importorskip("xgboost")
    quiet = {"n_jobs": 1, "verbose": -1} | TREES
    if kind == "scalar":
        return {"lightgbm": lightgbm.LGBMRegressor(**quiet), "xgboost": xgboost.XGBRegressor(n_jobs=1, **TREES)}
    return {"lightgbm": lightgbm.LGBMClassifier(**quiet), "xgboost": xgboost.XGBClassifier(n_jobs=1, **TREES)}


def _learner(name, kind):
    if name in ("lightgbm", "xgboost"):
        return as_learner(_boosters(kind)[name], kind)
    if name == "network":
        pytest.importorskip("torch")
        import softlabel

        classes = {
            "distribution": "TorchClassifier",
            "scalar": "TorchRegressor",
            "independent": "TorchMultilabelClassifier",
        }
        return getattr(softlabel, classes[kind])("mlp", epochs=4, batch_size=32, random_state=0)
    numbers = kind == "scalar"
    made = {
        "hist": (HistGradientBoostingRegressor if numbers else HistGradientBoostingClassifier)(**HIST),
        "stages": (GradientBoostingRegressor if numbers else GradientBoostingClassifier)(**TREES),
        "perceptron": make_pipeline(StandardScaler(), (MLPRegressor if numbers else MLPClassifier)(**NET)),
    }
    if name == "network behind a scaler":
        return as_learner(make_pipeline(StandardScaler(), _learner("network", kind)), kind)
    return as_learner(made[name], kind)


NAMES = ("hist", "stages", "perceptron", "lightgbm", "xgboost", "network", "network behind a scaler")
TARGETS = {
    "distribution": (SOFT, OTHER),
    "scalar": (y[:, None] + 0.1, y[:, None] * 0.5),
    "independent": (ENTRIES, 1 - ENTRIES),
}
CASES = [(name, kind) for kind in TARGETS for name in NAMES]


def _distance(model, targets):
    return float(np.mean((model.predict_targets(X) - targets) ** 2))


@pytest.mark.parametrize(("name", "kind"), CASES, ids=lambda value: value.replace(" ", "-"))
def test_going_on_leads_on_from_where_the_fitted_one_stands(name, kind):
    """On the same targets it comes nearer to them than the fitted one; to others it turns, and is no fit of its own."""
    first, later = TARGETS[kind]
    learner = _learner(name, kind)
    assert can_continue(learner)
    fitted = clone(learner).fit(X, first)
    before = fitted.predict_targets(X)
    further = clone(learner).fit_from(fitted, X, first)
    assert _distance(further, first) < _distance(fitted, first)
    turned = clone(learner).fit_from(fitted, X, later)
    assert _distance(turned, later) < _distance(fitted, later)
    assert not np.allclose(turned.predict_targets(X), clone(learner).fit(X, later).predict_targets(X), atol=1e-3)
    assert np.array_equal(fitted.predict_targets(X), before)  # left as it was


@pytest.mark.parametrize(("name", "kind"), CASES[: len(NAMES)], ids=lambda value: value.replace(" ", "-"))
def test_a_fitted_one_that_was_sent_to_another_process_goes_on_as_well(name, kind):
    first, later = TARGETS[kind]
    learner = _learner(name, kind)
    fitted = clone(learner).fit(X, first)
    here = clone(learner).fit_from(fitted, X, later).predict_targets(X)
    sent = clone(learner).fit_from(pickle.loads(pickle.dumps(fitted)), X, later).predict_targets(X)
    assert here.tobytes() == sent.tobytes()


@pytest.mark.parametrize(("name", "kind"), CASES[:: len(TARGETS)], ids=lambda value: value.replace(" ", "-"))
def test_weights_act_and_a_third_time_goes_on_too(name, kind):
    first, later = TARGETS[kind]
    learner = _learner(name, kind)
    fitted = clone(learner).fit(X, first)
    plain, weighted = (clone(learner).fit_from(fitted, X, later, *w) for w in ((), (WEIGHTS,)))
    assert not np.array_equal(plain.predict_targets(X), weighted.predict_targets(X))
    assert _distance(clone(learner).fit_from(plain, X, later), later) < _distance(plain, later)


def test_on_the_same_targets_boosting_is_one_longer_boosting():
    """Exactly, for what has no chance in it: 6 stages and 6 more are 12."""
    for once, twice in (
        (HistGradientBoostingRegressor(max_iter=6), HistGradientBoostingRegressor(max_iter=12)),
        (
            GradientBoostingRegressor(n_estimators=6, random_state=0),
            GradientBoostingRegressor(n_estimators=12, random_state=0),
        ),
    ):
        fitted = SoftTargetRegressor(once).fit(X, y)
        further = SoftTargetRegressor(once).fit_from(fitted, X, y)
        assert np.allclose(further.predict(X), SoftTargetRegressor(twice).fit(X, y).predict(X), atol=1e-12)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_on_the_same_targets_boosters_are_one_longer_booster(name):
    once = _boosters("distribution")[name]
    fitted = SoftTargetClassifier(once).fit(X, SOFT)
    further = SoftTargetClassifier(once).fit_from(fitted, X, SOFT)
    whole = SoftTargetClassifier(clone(once).set_params(n_estimators=12)).fit(X, SOFT)
    assert np.allclose(further.predict_proba(X), whole.predict_proba(X), atol=1e-4)
    number = _boosters("scalar")[name]
    fitted = SoftTargetRegressor(number).fit(X, y)
    further = SoftTargetRegressor(number).fit_from(fitted, X, y)
    whole = SoftTargetRegressor(clone(number).set_params(n_estimators=12)).fit(X, y)
    assert np.allclose(further.predict(X), whole.predict(X), atol=1e-5)


def test_lengths_add_up_and_nothing_stops_early():
    hist = HistGradientBoostingClassifier(**HIST).fit(X, y)
    own = going_on(HistGradientBoostingClassifier(max_iter=4, early_stopping=True), hist).fit(X, y)
    assert (own.n_iter_, own.early_stopping, own.max_iter) == (10, False, 10)
    stages = GradientBoostingClassifier(**TREES).fit(X, y)
    grown = going_on(GradientBoostingClassifier(n_estimators=4, n_iter_no_change=1), stages).fit(X, y)
    assert len(grown.estimators_) == 10
    assert len(stages.estimators_) == 6
    net = MLPClassifier(**NET, early_stopping=True).fit(X, y)
    more = going_on(MLPClassifier(**NET | {"max_iter": 30}, early_stopping=True), net)
    assert more.fit(X, y).n_iter_ == 30
    assert len(more.loss_curve_) == 30


def test_histogram_boosting_reads_its_old_trees_by_the_bins_of_its_first_fit():
    """Rows that are left out take values with them; where the old trees were misread the new one would mend what is not broken.

    A tree of two leaves at learning rate 1 makes the residuals of its leaves sum to 0, if it knows what was predicted before.
    """
    X = np.arange(60.0)[:, None] % 30
    y = np.sin(X[:, 0] / 4)
    fitted = HistGradientBoostingRegressor(max_iter=10, min_samples_leaf=1, learning_rate=0.5).fit(X, y)
    left = X[:, 0] > 12
    stump = HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=2, min_samples_leaf=1, learning_rate=1)
    own = going_on(stump, fitted).fit(X[left], y[left] + 1)
    assert abs(np.mean(y[left] + 1 - own.predict(X[left]))) < 1e-6
    again = going_on(stump, own).fit(X[left][::2], y[left][::2])
    assert abs(np.mean(y[left][::2] - again.predict(X[left][::2]))) < 1e-6
    assert again.n_iter_ == 12


def test_a_perceptron_forgets_the_least_loss_of_other_targets():
    """Softer targets have a larger loss: what compares it with the old least one stops after ten epochs."""
    sharp = MLPClassifier(hidden_layer_sizes=(16,), max_iter=400, random_state=0, tol=1e-3)
    fitted = SoftTargetClassifier(sharp).fit(X, HARD)
    flat = np.full_like(HARD, 1 / 3)
    further = SoftTargetClassifier(clone(sharp)).fit_from(fitted, X, 0.9 * flat + 0.1 * HARD)
    assert further.estimator_.n_iter_ > 30


def test_transformers_stay_as_they_were_fitted():
    learner = SoftTargetClassifier(make_pipeline(StandardScaler(), MLPClassifier(**NET)))
    fitted = learner.fit(X, SOFT)
    further = clone(learner).fit_from(fitted, 3 * X, SOFT)
    assert np.array_equal(further.estimator_[0].mean_, fitted.estimator_[0].mean_)
    assert further.n_features_in_ == 6


@pytest.mark.parametrize("name", ["hist", "lightgbm", "network behind a scaler"], ids=["hist", "lightgbm", "network"])
def test_where_other_classes_have_mass_it_begins_anew(name):
    learner = _learner(name, "distribution")
    fitted = learner.fit(X, SOFT)
    two = np.c_[HARD[:, 0], 1 - HARD[:, 0], np.zeros(len(y))]
    anew = clone(learner).fit_from(fitted, X, two)
    assert np.array_equal(anew.predict_proba(X), clone(learner).fit(X, two).predict_proba(X))
    third = clone(learner).fit_from(anew, X, SOFT)
    assert np.array_equal(third.predict_proba(X), clone(learner).fit(X, SOFT).predict_proba(X))


def test_masses_too_small_for_a_copy_are_no_class_to_go_on_with():
    faint = np.c_[HARD[:, 0], 0.995 * (1 - HARD[:, 0]), 0.005 * (1 - HARD[:, 0])]
    learner = SoftTargetClassifier(HistGradientBoostingClassifier(**HIST))
    fitted = learner.fit(X, SOFT)
    assert clone(learner).fit_from(fitted, X, faint).predict_proba(X).shape == (150, 3)


def test_where_other_labels_vary_it_begins_anew():
    learner = SoftTargetMultilabelClassifier(HistGradientBoostingClassifier(**HIST))
    fitted = learner.fit(X, ENTRIES)
    constant = np.c_[ENTRIES[:, 0], np.ones(len(y))]
    anew = clone(learner).fit_from(fitted, X, constant)
    assert np.array_equal(anew.predict_proba(X), clone(learner).fit(X, constant).predict_proba(X))
    assert clone(learner).fit_from(anew, X, ENTRIES).predict_proba(X).shape == (150, 2)


def test_one_class_only():
    learner = SoftTargetClassifier(HistGradientBoostingClassifier(**HIST))
    alone = np.eye(3)[np.zeros(len(y), dtype=int)]
    fitted = learner.fit(X, alone)
    assert np.array_equal(clone(learner).fit_from(fitted, X, alone).predict_proba(X), alone)
    assert clone(learner).fit_from(fitted, X, SOFT).strategy_ == "expand"


class GoesOn(BaseEstimator):
    """A learner of one's own."""

    def fit(self, X, targets, sample_weight=None):
        return self

    def fit_from(self, fitted, X, targets, sample_weight=None):
        return self

    def predict_targets(self, X):
        return np.full((len(X), 3), 1 / 3)


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (LogisticRegression(), "distribution"),
        (ExtraTreesClassifier(), "distribution"),
        (KNeighborsClassifier(), "distribution"),
        (MLPClassifier(solver="lbfgs"), "distribution"),
        (None, "distribution"),
        (Ridge(), "scalar"),
        (ExtraTreesClassifier(), "independent"),
        (LogisticRegression(), "independent"),
    ],
    ids=lambda value: "default" if value is None else value if isinstance(value, str) else type(value).__name__,
)
def test_what_cannot_go_on(estimator, kind):
    wrappers = {
        "distribution": SoftTargetClassifier,
        "scalar": SoftTargetRegressor,
        "independent": SoftTargetMultilabelClassifier,
    }
    assert not can_continue(wrappers[kind](estimator))


def test_learners_of_ones_own_say_it_by_a_method():
    assert can_continue(GoesOn())
    assert can_continue(SoftTargetClassifier(GoesOn()))
    from simple_learners import Centroids

    assert not can_continue(Centroids())
    assert not can_continue(SoftTargetClassifier(Centroids()))


def test_boosters_that_are_expanded_cannot_go_on():
    booster = _boosters("distribution")["lightgbm"]
    assert not can_continue(SoftTargetClassifier(booster, strategy="expand"))
    assert not can_continue(
        SoftTargetClassifier(clone(booster).set_params(boosting_type="rf", subsample=0.5, subsample_freq=1))
    )


def test_what_is_named_is_the_last_step():
    assert type(carried(as_learner(make_pipeline(StandardScaler(), LogisticRegression())))) is LogisticRegression
    assert type(carried(SoftTargetClassifier())) is ExtraTreesClassifier
    own = GoesOn()
    assert carried(own) is own


def test_regressors_of_other_kinds_have_no_booster_beside():
    assert booster_beside(Ridge()) == {}


def test_settings_are_those_of_the_new_one():
    fitted = HistGradientBoostingClassifier(**HIST).fit(X, y)
    kept = copy.deepcopy(fitted.get_params())
    own = going_on(HistGradientBoostingClassifier(max_iter=2, learning_rate=0.7, random_state=5), fitted)
    assert (own.learning_rate, own.random_state, own.warm_start) == (0.7, 5, True)
    assert fitted.get_params() == kept
