import numpy as np
import pytest
import torch
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coloured_pictures import coloured
from simple_learners import blobs
from softlabel import DamagedRunError, SoftmaxRegression, SoftTargetClassifier, TorchClassifier
from softlabel.learners.stored_networks import attach, detach
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor


@pytest.fixture
def table():
    X, y = blobs(n_per_class=10, k=3, spread=1.0, seed=0)
    return X.astype(np.float32), y


def fitted(X, y, seed=0):
    return TorchClassifier("mlp", epochs=2, random_state=seed).fit(X, y)


def test_apart_and_together_again(table):
    X, y = table
    models = [fitted(X, y, 0), SoftmaxRegression().fit(X, y), fitted(X, y, 1)]
    before = [model.predict_proba(X) for model in models]
    apart, weights = detach(models)
    assert sorted(weights) == ["network-0", "network-1"]
    assert apart[0].network_ is None
    assert models[0].network_ is not None  # what was given is not changed
    together = attach(apart, weights)
    for model, expected in zip(together, before, strict=True):
        assert model.predict_proba(X).tobytes() == expected.tobytes()


def test_networks_of_all_kinds_of_targets(table):
    X, y = table
    options = {"epochs": 2, "random_state": 0}
    models = [
        TorchRegressor("mlp", **options).fit(X, y),
        TorchRegressor("mlp", **options).fit(X, np.eye(3)[y]),
        TorchMultilabelClassifier("mlp", **options).fit(X, np.eye(3)[y][:, :2]),
    ]
    before = [model.predict_targets(X) for model in models]
    apart, weights = detach(models)
    assert len(weights) == 3
    for model, expected in zip(attach(apart, weights), before, strict=True):
        assert model.predict_targets(X).tobytes() == expected.tobytes()
        assert expected.shape == (len(X), model.n_outputs_)


def test_a_classifier_that_was_stored_before_there_were_other_kinds_is_known_by_its_classes(table):
    apart, weights = detach([fitted(*table)])
    expected = fitted(*table).predict_proba(table[0])
    del apart[0].n_outputs_, apart[0].hardest
    assert np.array_equal(attach(apart, weights)[0].predict_proba(table[0]), expected)


def test_networks_within_models_are_found(table):
    X, y = table
    model = SoftTargetClassifier(make_pipeline(StandardScaler(), TorchClassifier("mlp", epochs=2, random_state=0)))
    model.fit(X, y)
    apart, weights = detach([model])
    assert sorted(weights) == ["network-0"]
    assert np.array_equal(attach(apart, weights)[0].predict_proba(X), model.predict_proba(X))


def test_models_without_networks_pass(table):
    models = [SoftmaxRegression().fit(*table)]
    assert detach(models) == (models, {})


def picture_model(network, **options):
    return TorchClassifier(network, **({"epochs": 1, "batch_size": 6, "random_state": 0} | options))


@pytest.mark.parametrize(
    ("network", "options"),
    [
        ("small_cnn", {}),
        ("small_cnn", {"channels_last": False}),
        ("small_cnn", {"image_size": 12}),
        ("small_cnn", {"network_options": {"width": 8}, "average": "swa"}),
        ("mlp", {"image_size": 12}),  # its weights depend on the size
        ("small_cnn", {"network_options": {"pool": "gem"}}),
        ("timm:test_resnet", {"image_size": 64, "network_options": {"pool": "gem"}}),
        ("timm:test_resnet", {"image_size": 32}),
        ("timm:test_vit", {"image_size": 32}),  # and so do these
    ],
    ids=str,
)
def test_networks_of_pictures_say_the_same_once_they_are_built_anew(network, options):
    if network.startswith("timm:"):
        pytest.importorskip("timm")
    X, y = coloured(6, side=8)
    model = picture_model(network, **options).fit(X, y)
    expected = model.predict_proba(X).tobytes()
    apart, weights = detach([model])
    draws = torch.random.get_rng_state()
    assert attach(apart, weights)[0].predict_proba(X).tobytes() == expected
    assert torch.equal(torch.random.get_rng_state(), draws)
    assert not apart[0].network_.training


def test_the_file_that_weights_came_from_may_be_gone(tmp_path):
    X, y = coloured(6, side=8)
    picture_model("small_cnn").fit(X, y).save_weights(tmp_path / "w.safetensors")
    model = picture_model("small_cnn", weights=tmp_path / "w.safetensors").fit(X, y)
    (tmp_path / "w.safetensors").unlink()
    assert attach(*detach([model]))[0].predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_a_network_that_stands_in_two_places_is_kept_once(table):
    X, y = table
    model = VotingClassifier([(name, TorchClassifier("mlp", epochs=2)) for name in ("one", "two")], voting="soft")
    model.fit(X, y)
    expected = model.predict_proba(X)
    apart, weights = detach([model, model.estimators_[1]])
    assert sorted(weights) == ["network-0", "network-1"]
    first, second = attach(apart, weights)
    assert np.array_equal(first.predict_proba(X), expected)
    assert first.estimators_[1] is second
    assert np.array_equal(second.predict_proba(X), model.estimators_[1].predict_proba(X))


def test_weights_stand_by_the_order_of_the_models(table):
    models = [fitted(*table, seed) for seed in range(3)]
    _, weights = detach(models)
    for number, model in enumerate(models):
        for name, values in model.network_.state_dict().items():
            assert np.array_equal(weights[f"network-{number}"][name], values.numpy())


def test_the_order_of_keys_does_not_matter(table):
    one, two = fitted(*table, 0), fitted(*table, 1)
    apart, weights = detach([{"b": two, "a": one}])
    found = attach([{"a": apart[0]["a"], "b": apart[0]["b"]}], weights)[0]
    assert np.array_equal(found["a"].predict_proba(table[0]), one.predict_proba(table[0]))
    assert np.array_equal(found["b"].predict_proba(table[0]), two.predict_proba(table[0]))


def test_classifiers_that_are_not_fitted_hold_nothing():
    models = [TorchClassifier("mlp")]
    assert detach(models) == (models, {})


def test_weights_that_are_missing_or_of_another_network(table):
    apart, weights = detach([fitted(*table)])
    with pytest.raises(DamagedRunError, match="network-0"):
        attach(apart, {})
    broken = {name: values[:1] for name, values in weights["network-0"].items() if values.ndim}
    with pytest.raises(DamagedRunError, match="do not fit"):
        attach(apart, {"network-0": broken})
