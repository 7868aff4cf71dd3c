from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.recipes import recipe_file, recipe_names


def test_recipes_by_name():
    assert recipe_names() == ["deepdrid", "plant_pathology"]
    assert recipe_file("plant-pathology").read_text() == recipe_file("plant_pathology").read_text()


def test_a_file_comes_before_a_recipe_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deepdrid").write_text("rounds = 7")
    assert recipe_file("deepdrid").read_text() == "rounds = 7"


@pytest.mark.parametrize("name", ["nothing.toml", "folder/deepdrid", "/nowhere/run.toml"])
def test_what_is_a_path_is_one(name):
    assert str(recipe_file(name)) == name


def test_an_unknown_name_is_answered_with_those_that_there_are():
    with pytest.raises(InputError, match=r"no configuration deepdrit, and no recipe .*: deepdrid, plant_pathology"):
        recipe_file("deepdrit")


def test_the_recipes_say_what_the_paper_says():
    """Section III and tables II and III: rounds, folds, momentum, AdamW of 1e-3 and 2e-4, 20 epochs, pooling, SmoothL1."""
    eyes, leaves = (
        make_config({"source": "sheet.csv", "out": "x"}, recipe) for recipe in ("deepdrid", "plant_pathology")
    )
    assert (eyes.task, eyes.rounds, eyes.folds, eyes.momentum, eyes.epochs, eyes.lr) == (
        "ordinal",
        3,
        5,
        0.75,
        20,
        1e-3,
    )
    assert eyes.set["weight_decay"] == 2e-4
    assert (eyes.set["optimizer"], eyes.set["schedule"], eyes.set["loss"]) == ("adamw", "cosine", "smooth_l1")
    assert eyes.set["network_options"] == {"pool": "gem"}
    assert (leaves.task, leaves.rounds, leaves.folds, leaves.momentum) == ("multiclass", 2, 5, 0.75)
    for config in (eyes, leaves):
        assert (config.estimator, config.weights) == (("timm:efficientnet_b5",), "pretrained")


def test_the_command_line_wins_over_a_recipe_and_adds_to_its_parameters():
    given = {"source": "s.csv", "out": "x", "weights": "none", "rounds": 1, "estimator": "small_cnn"}
    config = make_config(given | {"set": {"loss": "squared_error", "momentum": 0.8}}, "deepdrid")
    assert (config.weights, config.rounds, config.estimator, config.epochs) == (None, 1, ("small_cnn",), 20)
    assert config.set["loss"] == "squared_error"
    assert config.set["momentum"] == 0.8
    assert config.set["optimizer"] == "adamw"
