from __future__ import annotations

import sys
import types

import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.names import DEFAULT_FOR_PICTURES, DEFAULT_FOR_TEXT, DEFAULT_NAME
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.run.config import make_config
from softlabel.run.estimators import (
    made_estimators,
    members_of,
    place_networks,
    take_pictures,
    take_texts,
    train_in_epochs,
)


def _config(**values):
    return make_config({"source": "iris", "out": "x", **values})


def test_none_named_is_the_default():
    assert members_of(_config()) == [(DEFAULT_NAME, {})]


def test_parameters_belong_to_the_one_estimator():
    assert members_of(_config(estimator=("softmax",), set={"C": 2})) == [("softmax", {"C": 2})]


def test_with_several_each_parameter_names_its_owner():
    config = _config(estimator=("softmax", "knn"), set={"knn.n_neighbors": 3, "softmax.C": 2})
    assert members_of(config) == [("softmax", {"C": 2}), ("knn", {"n_neighbors": 3})]
    with pytest.raises(InputError, match=r"say whose it is: softmax.C=2"):
        members_of(_config(estimator=("softmax", "knn"), set={"C": 2}))


def test_a_class_by_its_path_may_own_parameters():
    name = "sklearn.linear_model:LogisticRegression"
    assert members_of(_config(estimator=(name, "knn"), set={f"{name}.C": 2}))[0] == (name, {"C": 2})


def test_several_of_one_name_are_told_apart_by_position():
    config = _config(estimator=("knn", "knn"), set={"knn.n_neighbors": 3, "2.n_neighbors": 9, "1.p": 1})
    assert members_of(config) == [("knn", {"n_neighbors": 3, "p": 1}), ("knn", {"n_neighbors": 9})]
    for key in ("0.p", "3.p"):
        with pytest.raises(InputError, match=r"say whose it is: knn.p=2, or 1.p=2 for the first"):
            members_of(_config(estimator=("knn", "knn"), set={key: 2}))


def test_a_name_with_dots_may_own_parameters():
    name = "timm:test_resnet.r160_in1k"
    config = _config(estimator=(name, "small_cnn"), set={f"{name}.epochs": 3})
    assert members_of(config) == [(name, {"epochs": 3}), ("small_cnn", {})]


def test_of_pictures_the_default_is_a_network():
    assert members_of(_config(), pictures=True) == [(DEFAULT_FOR_PICTURES, {})]


def _made(**values):
    config = _config(**values)
    return made_estimators(config, members_of(config))


def test_options_of_training_go_to_every_network_unless_it_has_its_own():
    names = ("small_cnn", "se_resnet8", "knn")
    first, second, third = _made(estimator=names, epochs=3, lr=0.2, augment="flip", set={"2.epochs": 7})
    assert (first.epochs, first.lr, first.augment) == (3, 0.2, "flip")
    assert (second.epochs, second.lr, second.augment) == (7, 0.2, "flip")
    assert not hasattr(third, "epochs")
    assert first.batch_size == TorchClassifier().batch_size


def test_options_of_training_reach_a_network_within_a_pipeline():
    (pipeline,) = _made(estimator="own_pipelines:Scaled", epochs=3, device="cpu")
    assert (pipeline.steps[-1][1].epochs, pipeline.steps[-1][1].device) == (3, "cpu")


@pytest.fixture(autouse=True)
def own_pipelines(monkeypatch):
    class Scaled(Pipeline):
        def __init__(self, steps=None, **rest):
            super().__init__(steps or [("scale", StandardScaler()), ("net", TorchClassifier("mlp"))], **rest)

    module = types.ModuleType("own_pipelines")
    module.Scaled = Scaled
    monkeypatch.setitem(sys.modules, "own_pipelines", module)


@pytest.mark.parametrize("option", ["epochs", "batch_size", "lr", "augment"])
def test_an_option_that_nobody_has_is_refused(option):
    value = {"augment": "flip"}.get(option, 3)
    message = rf"--{option.replace('_', '-')} 3?\S* is for networks, and none of the estimators \(softmax, knn\) has it"
    with pytest.raises(InputError, match=message):
        _made(estimator=("softmax", "knn"), **{option: value})


def test_weights_must_be_a_file(tmp_path):
    with pytest.raises(InputError, match=r"no such file; give a \.safetensors or .pt file, or pretrained"):
        _made(estimator="small_cnn", weights=str(tmp_path / "none.pt"))
    (tmp_path / "some.pt").write_bytes(b"")
    assert _made(estimator="small_cnn", weights=str(tmp_path / "some.pt"))[0].weights == str(tmp_path / "some.pt")
    assert _made(estimator="timm:test_resnet", weights="pretrained")[0].weights == "pretrained"


def test_the_device_is_for_networks():
    assert [one.device for one in _made(estimator=("small_cnn", "se_resnet8"), device="cpu")] == ["cpu", "cpu"]
    _made(estimator="knn", device="cpu")  # which is where it computes
    with pytest.raises(InputError, match=r"--device cuda is for networks, and none of the estimators \(knn\) is one"):
        _made(estimator="knn", device="cuda")


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA device here"):
        _made(estimator="small_cnn", device="cuda:1")


@pytest.mark.parametrize(
    ("names", "takes"), [(("small_cnn", "se_resnet8"), True), (("knn", "softmax"), False), (("torch_mlp",), True)]
)
def test_all_take_pictures_or_none_does(names, takes):
    config = _config(estimator=names)
    assert take_pictures(members_of(config), made_estimators(config, members_of(config))) is takes


def test_estimators_of_which_only_some_take_pictures_are_refused():
    config = _config(estimator=("knn", "small_cnn", "softmax"))
    with pytest.raises(
        InputError, match=r"^small_cnn takes pictures and knn, softmax rows of numbers; .* give networks"
    ):
        take_pictures(members_of(config), made_estimators(config, members_of(config)))


@pytest.mark.parametrize(
    ("package", "extra"), [("torch", "torch"), ("torchvision", "vision"), ("PIL", "vision"), ("safetensors", "torch")]
)
def test_a_missing_package_is_named_with_its_extra(monkeypatch, package, extra):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(MissingExtraError, match=rf"install it with: pip install 'softlabel\[{extra}\]'"):
        _made(estimator="small_cnn")


def test_who_named_no_estimator_is_told_of_one_that_needs_no_network(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    config = _config()
    with pytest.raises(
        MissingExtraError, match=r"or give --estimator extra_trees, which takes the pixels as features$"
    ):
        made_estimators(config, members_of(config, pictures=True))
    with pytest.raises(MissingExtraError, match=r"softlabel\[torch\]'$"):
        _made(estimator="small_cnn")


def test_networks_anywhere_in_models_are_told_where_to_compute():
    (pipeline,) = _made(estimator="own_pipelines:Scaled")
    models = [pipeline, TorchClassifier("mlp"), *_made(estimator="knn")]
    place_networks(models, "cpu")
    assert [pipeline.steps[-1][1].device, models[1].device] == ["cpu", "cpu"]
    with pytest.raises(InputError, match="device='gpu'; give auto, cpu"):
        place_networks(models, "gpu")


def test_texts_have_a_default_of_their_own():
    assert members_of(_config(text="words")) == [(DEFAULT_FOR_TEXT, {})]
    assert members_of(_config(text="words", task="ordinal")) == [("ridge", {})]
    assert members_of(_config(text="words", task="ordinal", view="distribution")) == [(DEFAULT_FOR_TEXT, {})]
    assert members_of(_config(text="words", estimator="knn")) == [("knn", {})]


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ({}, ("ExtraTreesClassifier", "TorchClassifier")),
        ({"task": "ordinal"}, ("ExtraTreesRegressor", "TorchRegressor")),
        ({"task": "ordinal", "view": "distribution"}, ("ExtraTreesClassifier", "TorchClassifier")),
        ({"task": "multilabel"}, ("ExtraTreesClassifier", "TorchMultilabelClassifier")),
    ],
)
def test_a_name_stands_for_what_the_task_needs(values, classes):
    assert tuple(type(one).__name__ for one in _made(estimator=("extra_trees", "small_cnn"), **values)) == classes


def test_a_classifier_cannot_be_trained_on_numbers():
    with pytest.raises(InputError, match="'softmax' predicts classes, and the scalar view trains on grades as numbers"):
        _made(estimator="softmax", task="ordinal")


def test_words_are_sparse_rows():
    with pytest.raises(InputError, match="'hist_gradient_boosting' takes no sparse rows"):
        _made(estimator="hist_gradient_boosting", text="words")
    assert _made(estimator="extra_trees", text="words")


def test_what_takes_texts_is_a_network(tmp_path):
    encoder, knn = _made(estimator=("transformers:" + str(tmp_path), "knn"), text="words", epochs=2, device="cpu")
    assert (encoder.epochs, encoder.device) == (2, "cpu")
    members = [("encoder", {}), ("knn", {})]
    with pytest.raises(InputError, match="encoder takes texts and knn rows of numbers; give estimators of one"):
        take_texts(members, [encoder, knn])
    assert take_texts(members[:1], [encoder])
    assert not take_texts(members[1:], [knn])


def test_what_takes_texts_is_refused_where_there_are_none():
    with pytest.raises(InputError, match=r"^estimator transformers:m takes texts; name their column with --text$"):
        _made(estimator=("knn", "transformers:m"))
    assert _made(estimator="transformers:m", text="words")


def test_epochs_say_something_to_networks_alone():
    for names, answer in ((["extra_trees", "mlp", "softmax"], False), (["knn", "torch_mlp"], True)):
        config = _config(estimator=names)
        assert train_in_epochs(config, members_of(config)) is answer
    config = _config(estimator="own_pipelines:Scaled")
    assert train_in_epochs(config, members_of(config))
    assert not train_in_epochs(_config(text="words"), [("logistic", {})])
