from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest

from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.names import named_estimator
from softlabel.run.network_trial import try_networks
from tiny_bert import save_tiny_bert

PICTURES = Images.from_array(np.zeros((4, 10, 12, 3), dtype=np.uint8))
TABLE = np.zeros((4, 5), dtype=np.float32)


def _try(name, settings, X):
    try_networks([(name, settings)], [named_estimator(name, settings)], X, 3)


@pytest.mark.parametrize(
    ("name", "settings", "X"),
    [
        ("small_cnn", {}, PICTURES),
        ("small_cnn", {"image_size": 16, "augment": "flip"}, PICTURES),
        ("torch_mlp", {}, PICTURES),
        ("torch_mlp", {}, TABLE),
        ("softmax", {}, TABLE),
        ("timm:test_resnet.r160_in1k", {}, PICTURES),
    ],
)
def test_what_can_be_trained_passes_and_says_nothing(name, settings, X):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _try(name, settings, X)


@pytest.mark.parametrize(
    ("name", "settings", "X", "message"),
    [
        ("small_cnn", {"lr": -1.0}, PICTURES, "^estimator small_cnn: lr=-1.0; give a number above 0$"),
        ("small_cnn", {"network_options": {"wide": 4}}, PICTURES, "no option 'wide'; it has"),
        ("small_cnn", {}, TABLE, "^estimator small_cnn: "),
        ("small_cnn", {"weights": "nowhere.pt"}, PICTURES, "nowhere.pt"),
        ("timm:nothing_at_all", {}, PICTURES, "^estimator timm:nothing_at_all: .*nothing_at_all"),
        (
            "torch_mlp",
            {"augment": "flip"},
            TABLE,
            "augment='flip' is for pictures, and these rows are none; leave it out",
        ),
    ],
)
def test_what_cannot_be_is_told_with_the_name_of_the_estimator(name, settings, X, message):
    with pytest.raises(InputError, match=message) as caught:
        _try(name, settings, X)
    assert "\n" not in str(caught.value)


def test_the_shape_is_that_of_one_picture_colours_first(monkeypatch):
    shapes = []

    def build(network, input_shape, n_outputs, **_):
        shapes.append((input_shape, n_outputs))

    monkeypatch.setattr("softlabel.learners.networks.build.build_network", build)
    _try("small_cnn", {}, PICTURES)
    _try("small_cnn", {"image_size": 16}, PICTURES)
    _try("torch_mlp", {}, TABLE)
    assert shapes == [((3, 10, 12), 3), ((3, 16, 16), 3), ((5,), 3)]


def test_a_timm_model_is_built_for_the_size_that_pictures_are_brought_to(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "softlabel.learners.networks.build.build_network", lambda *given, options, **rest: seen.append(options)
    )
    _try("timm:test_vit", {"image_size": 32}, PICTURES)
    _try("small_cnn", {"image_size": 32}, PICTURES)
    assert seen == [{"input_size": 32}, {}]


def test_a_transformer_must_be_on_this_machine(tmp_path):
    pytest.importorskip("transformers")
    texts = np.array(["a film", "no plot"], dtype=object)
    _try(f"transformers:{save_tiny_bert(tmp_path / 'tiny')}", {}, texts)
    (tmp_path / "none").mkdir()
    for where, message in (("none", "holds no transformer that can be read"), ("nowhere", "there is no such folder")):
        name = f"transformers:{tmp_path / where}"
        with pytest.raises(InputError, match=rf"^estimator {name}: .*{message}"):
            _try(name, {}, texts)


def test_attempts_to_download_are_not_told_one_by_one(monkeypatch, caplog):
    told = logging.getLogger("huggingface_hub.utils._http")
    before = told.level

    def build(*_, **__):
        told.warning("Retrying in 1s [Retry 1/5].")
        raise InputError("weights cannot be had")

    monkeypatch.setattr("softlabel.learners.networks.build.build_network", build)
    with pytest.raises(InputError, match="weights cannot be had"):
        _try("small_cnn", {}, PICTURES)
    assert not caplog.records
    assert told.level == before
