from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from softlabel import TorchClassifier
from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.contract import as_learner
from softlabel.learners.names import NAMES, default_estimator, named_estimator
from softlabel.learners.networks.names import NETWORK_NAMES

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


NETWORKS = {"torch_mlp": "mlp", "small_cnn": "small_cnn"} | {
    f"se_resnet{depth}": f"se_resnet{depth}" for depth in (8, 14, 20, 26, 32, 38, 44, 50, 56)
}


def test_every_name_is_known_here():
    assert STRATEGIES.keys() | NETWORKS.keys() == set(NAMES)
    assert not STRATEGIES.keys() & NETWORKS.keys()


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_classifiers_of_their_name(name):
    estimator = named_estimator(name, {"epochs": 7, "augment": "crop+flip"})
    assert isinstance(estimator, TorchClassifier)
    assert (estimator.network, estimator.epochs, estimator.augment) == (NETWORKS[name], 7, "crop+flip")
    assert as_learner(estimator) is estimator
    assert NETWORKS[name] in NETWORK_NAMES


def test_a_table_is_learned_by_its_network():
    learner = named_estimator("torch_mlp", {"epochs": 10, "batch_size": 30, "random_state": 0})
    assert (learner.fit(X, y).predict(X) == y).mean() > 0.85


def test_models_of_timm_by_name():
    pytest.importorskip("timm")
    estimator = named_estimator("timm:test_resnet.r160_in1k", {"image_size": 32, "weights": "w.pt"})
    assert (estimator.network, estimator.image_size, estimator.weights) == ("timm:test_resnet.r160_in1k", 32, "w.pt")
    with pytest.raises(InputError, match=r"timm:test_resnet has no setting 'depth'; it has .*epochs"):
        named_estimator("timm:test_resnet", {"depth": 3})


@pytest.fixture
def factories(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "made_networks.py").write_text(
        "from torch import nn\n"
        "def line(n_features, n_outputs):\n    return nn.Linear(n_features, n_outputs)\n"
        "class Net(nn.Module):\n"
        "    def __init__(self, in_features, num_classes):\n"
        "        super().__init__()\n        self.line = nn.Linear(in_features, num_classes)\n"
        "    def forward(self, x):\n        return self.line(x)\n"
        "number = 3\n"
    )
    yield "made_networks"
    sys.modules.pop("made_networks", None)


@pytest.mark.parametrize("name", ["line", "Net"])
def test_networks_by_path(name, factories):
    estimator = named_estimator(f"{factories}:{name}", {"epochs": 10, "batch_size": 30, "random_state": 0})
    assert estimator.network is getattr(sys.modules[factories], name)
    assert (estimator.fit(X, y).predict(X) == y).mean() > 0.75
    with pytest.raises(InputError, match=f"{factories}:{name} has no setting 'width'"):
        named_estimator(f"{factories}:{name}", {"width": 3})


def test_what_is_neither_class_nor_network(factories):
    with pytest.raises(InputError, match="no class 'number', and no function that makes a network"):
        named_estimator(f"{factories}:number")


@pytest.mark.parametrize(
    ("name", "missing", "told"),
    [
        ("torch_mlp", "torch", r"torch is not installed.*softlabel\[torch\]"),
        ("small_cnn", "torch", r"torch is not installed.*softlabel\[torch\]"),
        ("small_cnn", "torchvision", r"torchvision is not installed.*softlabel\[vision\]"),
        ("se_resnet20", "PIL", r"pillow is not installed.*softlabel\[vision\]"),
        ("timm:test_resnet", "torch", r"torch is not installed.*softlabel\[torch\]"),
        ("timm:test_resnet", "timm", r"timm is not installed.*softlabel\[vision\]"),
    ],
)
def test_extras_that_are_missing_are_told_before_anything_is_read(name, missing, told, without):
    without(missing)
    with pytest.raises(MissingExtraError, match=told):
        named_estimator(name)


def test_tables_and_networks_of_ones_own_need_torch_alone(without, factories):
    without("torchvision", "PIL", "timm")
    assert named_estimator("torch_mlp").network == "mlp"
    assert named_estimator(f"{factories}:line").network.__name__ == "line"
    without("torch")
    with pytest.raises(MissingExtraError, match=r"softlabel\[torch\]"):
        named_estimator(f"{factories}:line")


@pytest.fixture
def without(monkeypatch):
    """Makes packages look as if they were not installed."""

    def remove(*names):
        def find(name):
            return None if name in names else find_spec(name)

        for module in ("names", "torch_classifier"):
            monkeypatch.setattr(f"softlabel.learners.{module}.find_spec", find)

    return remove


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
