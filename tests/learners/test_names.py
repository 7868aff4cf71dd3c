from __future__ import annotations

import sys
import warnings
from importlib.util import find_spec

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from softlabel import TorchClassifier
from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.contract import as_learner
from softlabel.learners.names import (
    DEFAULT_FOR_PICTURES,
    DEFAULT_FOR_TEXT,
    DEFAULT_NAME,
    NAMES,
    default_estimator,
    estimator_names,
    named_estimator,
)
from softlabel.learners.networks.names import NETWORK_NAMES
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor
from softlabel.learners.transformer_classifier import TransformerClassifier

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


REGRESSORS = {
    "ridge": Ridge,
    "extra_trees": ExtraTreesRegressor,
    "random_forest": RandomForestRegressor,
    "hist_gradient_boosting": HistGradientBoostingRegressor,
    "mlp": MLPRegressor,
    "knn": KNeighborsRegressor,
    "lightgbm": None,
    "xgboost": None,
}
NETWORKS = {"torch_mlp": "mlp", "small_cnn": "small_cnn"} | {
    f"se_resnet{depth}": f"se_resnet{depth}" for depth in (8, 14, 20, 26, 32, 38, 44, 50, 56)
}


def test_every_name_is_known_here():
    assert STRATEGIES.keys() | NETWORKS.keys() == set(NAMES)
    assert not STRATEGIES.keys() & NETWORKS.keys()
    assert estimator_names() == estimator_names("independent") == NAMES
    assert set(estimator_names("scalar")) == REGRESSORS.keys() | NETWORKS.keys()
    assert {DEFAULT_NAME, DEFAULT_FOR_PICTURES, DEFAULT_FOR_TEXT} <= set(NAMES)
    assert DEFAULT_FOR_TEXT in estimator_names(sparse=True)


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

        for module in ("names", "torch_installed", "transformer_source"):
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


def _made(name, settings=None, **options):
    if name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
    return named_estimator(name, settings, **options)


@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_for_grades_each_name_is_a_regressor_that_learns(name):
    estimator = _made(name, {"max_iter": 500} if name == "mlp" else QUICK.get(name, {}), kind="scalar")
    last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    assert type(last).__name__ == {"lightgbm": "LGBMRegressor", "xgboost": "XGBRegressor"}.get(
        name, type(last).__name__
    )
    assert REGRESSORS[name] in (None, type(last))
    assert isinstance(estimator, Pipeline) == (name in ("ridge", "mlp", "knn"))
    grades = y + 0.25 * (X[:, 3] > 1)
    predicted = as_learner(estimator, "scalar").fit(X, grades[:, None]).predict_targets(X)[:, 0]
    assert np.corrcoef(predicted, grades)[0, 1] > 0.9


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_for_several_labels_each_name_is_the_classifier_fitted_to_entries(name):
    estimator = _made(name, QUICK.get(name, {}), kind="independent")
    assert type(estimator) is type(_made(name))
    learner = as_learner(estimator, "independent")
    assert learner.chosen_strategy().name == (
        "joint" if name in ("extra_trees", "random_forest", "knn") else "per_class"
    )
    indicators = np.stack([y == 0, y >= 1, X[:, 0] > 6], axis=1)
    assert (learner.fit(X, 0.1 + 0.8 * indicators).predict(X) == indicators).mean() > 0.85


@pytest.mark.parametrize(
    ("kind", "network"),
    [("scalar", TorchRegressor), ("independent", TorchMultilabelClassifier), ("distribution", TorchClassifier)],
)
def test_networks_are_of_the_kind(kind, network, factories):
    for name, own in (("torch_mlp", "mlp"), ("small_cnn", "small_cnn"), ("timm:test_resnet.r160_in1k",) * 2):
        estimator = named_estimator(name, {"epochs": 7}, kind=kind)
        assert type(estimator) is network
        assert (estimator.network, estimator.epochs) == (own, 7)
        assert as_learner(estimator, kind) is estimator
    made = named_estimator(f"{factories}:line", kind=kind)
    assert type(made) is network
    assert made.network is sys.modules[factories].line


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        (
            "softmax",
            "scalar",
            r"estimator 'softmax' predicts classes, and the scalar view .*; give one of ridge, extra_trees",
        ),
        ("logistic", "scalar", "or view='distribution'$"),
        (
            "ridge",
            "distribution",
            "'ridge' predicts numbers, which only the scalar view.*; give one of softmax, logistic",
        ),
        ("ridge", "independent", "give one of softmax, logistic"),
        ("forest", "scalar", "unknown estimator 'forest'; give one of ridge, extra_trees.*torch_mlp.*, timm:NAME"),
        ("knn", "grades", "kind='grades'; give one of distribution, scalar, independent"),
        (
            "transformers:m",
            "scalar",
            "fitted to distributions over classes, and the targets here are grades as numbers",
        ),
        ("transformers:m", "independent", "an entry from 0 to 1 for each label; give one of softmax"),
        ("transformers:", "distribution", "no name"),
    ],
)
def test_names_of_another_kind_are_answered_with_those_of_this_one(name, kind, says):
    with pytest.raises(InputError, match=says):
        named_estimator(name, kind=kind)


def test_the_default_of_each_kind():
    assert isinstance(default_estimator("scalar"), ExtraTreesRegressor)
    assert isinstance(default_estimator("independent"), ExtraTreesClassifier)
    assert {default_estimator(kind).random_state for kind in ("distribution", "scalar", "independent")} == {0}


WORDS = sparse.csr_matrix(np.where(np.median(X, axis=0) < X, X, 0.0)).astype(np.float32)


@pytest.mark.parametrize("kind", ["distribution", "scalar", "independent"])
@pytest.mark.parametrize("name", sorted(STRATEGIES.keys() | REGRESSORS.keys()))
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_sparse_rows_are_taken_as_they_are_or_refused(name, kind):
    if name not in estimator_names(kind):
        return
    if name not in estimator_names(kind, sparse=True):
        with pytest.raises(InputError, match=f"'{name}' takes no sparse rows, .*; give one of .*extra_trees"):
            named_estimator(name, kind=kind, sparse=True)
        return
    estimator = _made(name, {"max_iter": 50} if name == "mlp" else QUICK.get(name, {}), kind=kind, sparse=True)
    assert not isinstance(estimator, Pipeline)  # nothing centres
    targets = {"distribution": np.eye(3)[y], "scalar": y[:, None], "independent": np.eye(3)[y]}[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error", sparse.SparseEfficiencyWarning)
        fitted = as_learner(estimator, kind).fit(WORDS, targets)
        assert fitted.predict_targets(WORDS).shape == targets.shape


def test_no_network_takes_sparse_rows():
    for name in ("torch_mlp", "timm:test_resnet"):
        with pytest.raises(InputError, match=f"'{name}' takes no sparse rows.*; give one of softmax, logistic"):
            named_estimator(name, sparse=True)
    assert not set(NETWORKS) & set(estimator_names(sparse=True))


def test_classes_by_path_tell_whether_they_take_sparse_rows():
    assert isinstance(named_estimator("sklearn.linear_model:Ridge", kind="scalar", sparse=True), Ridge)
    with pytest.raises(InputError, match="takes no sparse rows"):
        named_estimator("sklearn.naive_bayes:GaussianNB", sparse=True)
    assert named_estimator("simple_learners:Memoriser", sparse=True)  # says nothing, and is trusted


def test_without_sparse_rows_the_scaler_is_there():
    assert isinstance(named_estimator("ridge", {"alpha": 3.0}, "scalar")[0], StandardScaler)
    assert named_estimator("ridge", {"alpha": 3.0}, "scalar")[-1].alpha == 3.0
    assert named_estimator("ridge", {"alpha": 3.0}, "scalar", sparse=True).alpha == 3.0


def test_transformers_by_name_or_path():
    pytest.importorskip("transformers")
    for options in ({}, {"sparse": True}):  # a text is no row yet
        estimator = named_estimator("transformers:some/folder", {"epochs": 1, "max_length": 32}, **options)
        assert isinstance(estimator, TransformerClassifier)
        assert (estimator.model, estimator.epochs, estimator.max_length) == ("some/folder", 1, 32)
    with pytest.raises(InputError, match=r"transformers:m has no setting 'depth'; it has .*epochs"):
        named_estimator("transformers:m", {"depth": 3})


@pytest.mark.parametrize("package", ["torch", "transformers", "tokenizers"])
def test_transformers_name_the_extra(package, without):
    without(package)
    with pytest.raises(MissingExtraError, match=rf"{package} is not installed.*softlabel\[text\]"):
        named_estimator("transformers:m")


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_a_missing_library_of_regressors_is_named_too(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"softlabel\[boost\]"):
        named_estimator(name, kind="scalar")
