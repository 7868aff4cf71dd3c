"""What the toy study does where nothing is said, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison import toy_config as toy_config_module
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.registry import METHODS
from softlabel.comparison.toy_config import is_toy, toy_config, toy_data
from softlabel.comparison.toy_rows import ToyRows
from softlabel.errors import InputError
from softlabel.run.config import make_config


def _config(**values):
    return make_config({"source": "toy", **values}, kind=CompareConfig)


def test_its_source_is_the_built_in_one(tmp_path, monkeypatch):
    assert is_toy(_config())
    assert not is_toy(CompareConfig(source="digits"))
    assert not is_toy(CompareConfig(source=str(tmp_path / "toy.csv")))


def test_what_is_done_where_nothing_is_said():
    config = toy_config(_config())
    assert (config.seeds, config.unsuited) == (20, "skip")
    assert config.corrupt == ("none", "symmetric:0.1", "symmetric:0.3", "symmetric:0.5")
    assert len(config.methods) == len(METHODS)
    assert "slr:n_rounds=8:final_targets=refined" in config.methods
    assert "slr" not in config.methods


def test_what_is_said_holds():
    said = {"seeds": 5, "corrupt": ("none",), "methods": ("all",), "estimator": ("softmax",), "unsuited": "refuse"}
    config = toy_config(_config(**said, set={"C": 0.5}))
    for name, value in said.items():
        assert getattr(config, name) == value
    assert (config.set, config.epochs, config.lr) == ({"C": 0.5}, None, None)


def test_its_rows_have_no_columns_of_labels():
    with pytest.raises(
        InputError, match="column:crowd: the toy study draws its own rows, which have no columns of labels"
    ):
        toy_config(_config(corrupt=["none", "column:crowd"]))
    assert toy_config(_config(corrupt="instance:0.2")).corrupt == ("instance:0.2",)


def test_parts_of_the_default_network_can_be_said(monkeypatch):
    monkeypatch.setattr(toy_config_module, "_has_torch", lambda: True)
    config = toy_config(_config(epochs=7, set={"weight_decay": 0.0, "optimizer": "sgd"}))
    assert (config.estimator, config.epochs, config.batch_size) == (("torch_mlp",), 7, 300)
    assert config.set["weight_decay"] == 0.0
    assert config.set["optimizer"] == "sgd"
    assert config.set["network_options"] == {"hidden": [64, 64, 64]}


def test_without_torch_it_is_the_default_estimator(monkeypatch):
    monkeypatch.setattr(toy_config_module, "_has_torch", lambda: False)
    config = toy_config(_config())
    assert (config.estimator, config.set, config.epochs) == (("extra_trees",), {}, None)


@pytest.mark.parametrize(
    "values", [{"test": "rows.csv"}, {"test_share": 0.3}, {"label": "kind"}, {"drop": ("a", "b")}, {"id": "x"}]
)
def test_options_of_files_are_refused(values):
    (option,) = values
    with pytest.raises(InputError, match=f"draws its own rows.*leave --{option.replace('_', '-')} out"):
        toy_config(_config(**values))


def test_other_tasks_are_refused():
    with pytest.raises(InputError, match=r"--task ordinal: .* without an order"):
        toy_config(_config(task="ordinal"))


def test_the_rows_are_known_by_their_fingerprint():
    config = toy_config(_config(estimator=("softmax",), set={"C": 0.5}))
    data = toy_data(config, ToyRows(n=30, n_fresh=20))
    assert (len(data.train), len(data.test)) == (30, 20)
    assert data.members == [("softmax", {"C": 0.5})]
    assert data.estimators[0].C == 0.5
    np.testing.assert_array_equal(data.task.classes, [0, 1, 2])
    assert data.prints == toy_data(config.model_copy(update={"seed": 4}), ToyRows(n=30, n_fresh=20)).prints
    more_rows, more_fresh = (toy_data(config, rows).prints for rows in (ToyRows(31, 20), ToyRows(30, 21)))
    assert more_rows["source"] != data.prints["source"]
    assert more_rows["test"] == data.prints["test"] != more_fresh["test"]
