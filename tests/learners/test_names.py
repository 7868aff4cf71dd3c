from __future__ import annotations

import sys

import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.contract import as_learner
from softlabel.learners.names import NAMES, default_estimator, named_estimator

X, y = load_iris(return_X_y=True)
STRATEGIES = {
    "softmax": "native",
    "logistic": "expand",
    "extra_trees": "regress",
    "random_forest": "regress",
    "hist_gradient_boosting": "expand",
    "mlp": "expand",
    "knn": "regress",
    "lightgbm": "objective",
    "xgboost": "objective",
}
QUICK = {"hist_gradient_boosting": {"max_iter": 3}, "mlp": {"max_iter": 300}, "lightgbm": {"n_estimators": 3}}


def test_every_name_is_known_here():
    assert set(STRATEGIES) == set(NAMES)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_each_name_gives_a_learner_that_learns(name):
    if name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
    estimator = named_estimator(name, QUICK.get(name, {}))
    learner = as_learner(estimator)
    soft = [[0.8 if c == label else 0.1 for c in range(3)] for label in y]
    learner.fit(X, soft)
    assert getattr(learner, "strategy_", "native") == STRATEGIES[name]
    assert (learner.predict_targets(X).argmax(axis=1) == y).mean() > 0.85


def test_settings_go_to_the_last_step():
    pipeline = named_estimator("knn", {"n_neighbors": 9})
    assert isinstance(pipeline, Pipeline)
    assert pipeline[-1].n_neighbors == 9
    assert named_estimator("softmax", {"C": 0.5}).C == 0.5


def test_each_call_gives_a_new_estimator():
    assert named_estimator("random_forest") is not named_estimator("random_forest")


def test_the_default_is_deterministic():
    first, second = (as_learner(default_estimator()).fit(X, y).predict_targets(X) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_classes_by_path():
    forest = named_estimator("sklearn.ensemble:RandomForestClassifier", {"n_estimators": 7})
    assert isinstance(forest, RandomForestClassifier)
    assert forest.n_estimators == 7


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("forest", {}, "softmax, logistic, extra_trees"),
        ("softmax", {"depth": 3}, "'depth'.*C, fit_intercept, max_iter, tol"),
        ("mlp", {"depth": 3}, "hidden_layer_sizes"),
        ("nowhere.at_all:Thing", {}, "'nowhere.at_all' cannot be imported"),
        ("sklearn.ensemble:Thing", {}, "no class 'Thing'"),
        ("sklearn.ensemble:RandomForestClassifier", {"depth": 3}, "max_depth"),
        ("sklearn.ensemble:VotingClassifier", {}, "estimators"),
        ("extra_trees", {"criterion__depth": 3}, "'extra_trees' with settings"),
    ],
)
def test_unknown_names_and_settings_are_answered_with_the_known_ones(name, settings, says):
    with pytest.raises(InputError, match=says):
        named_estimator(name, settings)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_a_missing_library_is_named_with_the_line_that_installs_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"softlabel\[boost\]"):
        named_estimator(name)


def test_what_a_users_own_code_raises_is_told(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "unmakable_learner.py").write_text(
        "class Unmakable:\n    def __init__(self, size=1):\n        raise OSError('no weights\\nat hand')\n"
    )
    (tmp_path / "unimportable_learner.py").write_text("raise OSError('no disk')\n")
    with pytest.raises(InputError, match=r"cannot be made with settings \{'size': 2\}: OSError: no weights at hand;"):
        named_estimator("unmakable_learner:Unmakable", {"size": 2})
    with pytest.raises(InputError, match=r"cannot be imported \(OSError: no disk\)"):
        named_estimator("unimportable_learner:Thing")
