from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import pytest

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners import transformer_source
from softlabel.learners.transformer_source import EncoderFactory, read_source, require_text
from tiny_bert import save_tiny_bert

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_bert(tmp_path_factory.mktemp("tiny"), positions=32)


def changed(folder, tmp_path, **settings):
    """Return a copy of a folder with other entries of its configuration."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text()) | settings
    (copy / "config.json").write_text(json.dumps(config))
    return copy


def test_what_is_read(folder):
    source = read_source(folder)
    config = json.loads(source.config)
    assert (config["model_type"], config["hidden_size"], config["use_cache"]) == ("bert", 32, False)
    assert json.loads(source.tokenizer)["model"]["type"] == "WordPiece"
    assert (source.pad, source.longest) == (0, 32)
    assert read_source(str(folder)) == source


def test_a_model_without_a_token_for_padding(folder, tmp_path):
    copy = changed(folder, tmp_path, pad_token_id=None, eos_token_id=3)
    named = json.loads((copy / "tokenizer_config.json").read_text())
    named.pop("pad_token")
    (copy / "tokenizer_config.json").write_text(json.dumps(named))
    source = read_source(copy)
    assert source.pad == 3
    assert json.loads(source.config)["pad_token_id"] == 3


def test_positions_that_roberta_keeps_for_padding(folder, tmp_path):
    copy = changed(folder, tmp_path, model_type="roberta", pad_token_id=1)
    assert read_source(copy).longest == 30


def test_the_tokenizers_own_limit(folder, tmp_path):
    copy = changed(folder, tmp_path)
    named = json.loads((copy / "tokenizer_config.json").read_text()) | {"model_max_length": 20}
    (copy / "tokenizer_config.json").write_text(json.dumps(named))
    assert read_source(copy).longest == 20


def test_models_that_cannot_be_used(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty holds no transformer that can be read .*it needs config\.json"):
        read_source(tmp_path / "empty")
    with pytest.raises(
        InputError, match="is a vit, of which transformers makes no sequence classifier; give an encoder"
    ):
        read_source(changed(folder, tmp_path / "vit", model_type="vit"))
    with pytest.raises(InputError, match="embeddings of 9; give a folder in which they belong together"):
        read_source(changed(folder, tmp_path / "small", vocab_size=9))
    without = changed(folder, tmp_path / "without")
    (without / "tokenizer.json").unlink()
    (without / "tokenizer_config.json").unlink()
    with pytest.raises(InputError, match="has a tokenizer that knows no word; save one beside it"):
        read_source(without)
    (without / "tokenizer.json").write_text("{")
    with pytest.raises(InputError, match=r"no fast tokenizer that can be read .*save one beside it"):
        read_source(without)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model-at-all"])
def test_names_that_are_not_on_this_machine(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"neither a folder here nor in the cache .*: hf download {name}$"):
        read_source(name)


@pytest.mark.parametrize("path", ["./nothing/here", "/no/such/folder", "a/b/c", Path("/no/such/folder")])
def test_paths_that_are_not_there(path):
    with pytest.raises(InputError, match="there is no such folder; give one with"):
        read_source(path)


@pytest.mark.parametrize("model", [None, "", " ", 3])
def test_what_names_no_model(model):
    with pytest.raises(InputError, match=r"model=.*; give the folder of a transformer, or its name"):
        read_source(model)


@pytest.mark.parametrize("package", ["torch", "transformers", "tokenizers"])
def test_what_is_not_installed(package, monkeypatch):
    require_text()
    monkeypatch.setattr(transformer_source, "find_spec", lambda name: None if name == package else object())
    with pytest.raises(MissingExtraError, match=rf"{package} is not installed; .*softlabel\[text\]"):
        require_text()


def test_a_factory_is_its_texts(folder):
    factory = EncoderFactory(read_source(folder).config, None)
    again = pickle.loads(pickle.dumps(factory))
    assert vars(again) == vars(factory) == {"config": factory.config, "start": None}
    assert again(n_outputs=4).model.classifier.out_features == 4
