from __future__ import annotations

from pathlib import Path

import pytest

from softlabel.comparison.config import CompareConfig
from softlabel.errors import InputError
from softlabel.run.config import RefineConfig, make_config
from softlabel.run.data_config import DataConfig


def _config(file=None, **values):
    return make_config({"source": "iris", **values}, file, kind=CompareConfig)


def test_defaults():
    config = _config()
    assert (config.methods, config.seeds, config.test_share, config.corrupt) == (("all",), 5, 0.2, ("none",))
    assert (config.unsuited, config.out, config.baseline, config.level) == (None, None, "plain", 0.95)


def test_every_option_says_what_it_may_be():
    assert CompareConfig.model_fields.keys() <= CompareConfig.allowed.keys()
    own = CompareConfig.model_fields.keys() - DataConfig.model_fields.keys()
    assert own == {"methods", "seeds", "test_share", "corrupt", "unsuited", "out", "baseline", "level"}


@pytest.mark.parametrize(
    ("given", "methods"),
    [
        ("plain", ("plain",)),
        ("plain, smoothing,slr:n_rounds=6", ("plain", "smoothing", "slr:n_rounds=6")),
        (["plain,slr", "ils1"], ("plain", "slr", "ils1")),
        ("slr,plain,slr", ("slr", "plain")),
        ("slr:n_rounds=1/2/4:momentum=0.5,all", ("slr:n_rounds=1/2/4:momentum=0.5", "all")),
        ("ils:a=(1,2),plain", ("ils:a=(1,2)", "plain")),
        ("ils:a=[1,(2,3)]:b=2,plain", ("ils:a=[1,(2,3)]:b=2", "plain")),
        ([], ("all",)),
    ],
)
def test_methods_are_joined_by_commas_or_listed(given, methods):
    assert _config(methods=given).methods == methods


@pytest.mark.parametrize(
    ("given", "corruptions"),
    [
        ("symmetric:0.2", ("symmetric:0.2",)),
        (["none", "pair:.4"], ("none", "pair:0.4")),
        ("none,symmetric:0.20,symmetric:.2", ("none", "symmetric:0.2")),
        ("none, instance:.3 ,column:crowd,", ("none", "instance:0.3", "column:crowd")),
        ("column:a,b,none, column: c (x,y)", ("column:a,b", "none", "column:c (x,y)")),
        (["column:nonesuch", "column:x,nonesuch,pair:0.1"], ("column:nonesuch", "column:x,nonesuch", "pair:0.1")),
        ([], ("none",)),
    ],
)
def test_a_corruption_has_one_way_of_being_written(given, corruptions):
    assert _config(corrupt=given).corrupt == corruptions


def test_the_columns_that_corruptions_name():
    assert _config(corrupt="none,column:b,pair:0.1,column:a").noisy_columns == ("b", "a")
    assert _config().noisy_columns == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"methods": 3}, "^methods=3: give all, or names of methods joined by commas"),
        ({"methods": ["slr", 3]}, r"^methods=\['slr', 3\]: give all, or names"),
        ({"methods": ""}, "^--methods names none; give names joined by commas, or all$"),
        ({"methods": [" , "]}, "^--methods names none; give names joined by commas, or all$"),
        (
            {"test": "t.csv", "test_share": 0.2},
            "^--test-share draws rows from SOURCE, and --test gives others; leave one out$",
        ),
        ({"seeds": "abc"}, "^seeds='abc': give a whole number, 1 or more$"),
        ({"seeds": 0}, "^seeds=0: give a whole number, 1 or more$"),
        ({"seeds": True}, "^seeds=True: give a whole number, 1 or more$"),
        ({"test_share": 1}, "^test-share=1: give a share between 0 and 1$"),
        ({"test_share": 0.0}, "^test-share=0.0: give a share between 0 and 1$"),
        ({"corrupt": "much"}, "symmetric:SHARE"),
        ({"corrupt": ["none", "pair:1.5"]}, "1.5"),
        ({"corrupt": 0.2}, "^corrupt=0.2: give none, symmetric:P, pair:P or instance:P, .*column:NAME"),
        ({"unsuited": "drop"}, "^unsuited='drop': give skip or refuse$"),
        ({"level": 95}, "^level=95: give a number between 0 and 1, such as 0.95$"),
        ({"baseline": ""}, "^baseline='': give the name of a method$"),
        ({"thresholds": "fitted", "task": "ordinal"}, "^thresholds='fitted' fits them .*: slr:thresholds=fitted$"),
        ({"rounds": 3}, "^unknown key 'rounds'.*valid keys: source"),
        ({"source": None}, r"^source is missing; give a \.csv"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(values, message):
    with pytest.raises(InputError, match=message) as caught:
        _config(**values)
    assert "\n" not in str(caught.value)


def test_more_of_the_same_is_no_other_comparison():
    """Methods, seeds and corruptions extend it; what is shown of it, where it lies and how fast it is says nothing of cells."""
    other = {
        "methods": "slr",
        "seeds": 9,
        "seed": 3,
        "corrupt": "pair:0.1",
        "unsuited": "skip",
        "baseline": "slr",
        "level": 0.9,
    }
    where = {"source": "wine", "out": "x", "test": "t", "jobs": 2, "device": "cpu", "time_limit": 5, "cache": "none"}
    assert _config(**other, **where).identity() == _config().identity()


@pytest.mark.parametrize(
    "values",
    [{"test_share": 0.3}, {"epochs": 3}, {"set": {"C": 2}}, {"threads": 2}, {"label": "y"},
     {"task": "ordinal"}, {"estimator": "knn"}],
    ids=str,
)  # fmt: skip
def test_what_changes_a_cell_is_another_comparison(values):
    assert _config(**values).identity() != _config().identity()


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("iris", "compare-iris"),
        ("data/train.csv", "compare-train"),
        ("photos/", "compare-photos"),
        ("../a.b.npz", "compare-a.b"),
    ],
)
def test_the_folder_is_named_after_the_source(source, folder):
    assert _config(source=source).folder == Path(folder)
    assert _config(source=source, out="runs/x").folder == Path("runs/x")


def test_a_source_that_is_here_lends_the_name_of_its_folder(tmp_path, monkeypatch):
    (tmp_path / "leaves").mkdir()
    monkeypatch.chdir(tmp_path / "leaves")
    assert _config(source=".").folder == Path("compare-leaves")


def test_a_recipe_of_a_refinement_serves_a_comparison_too():
    with pytest.warns(
        UserWarning, match="deepdrid also gives rounds, folds, momentum, final-targets, which no option here is"
    ):
        config = _config("deepdrid", source="sheet.csv")
    refined = make_config({"source": "sheet.csv", "out": "x"}, "deepdrid")
    shared = DataConfig.model_fields.keys()
    assert {name: getattr(config, name) for name in shared} == {name: getattr(refined, name) for name in shared}
    assert CompareConfig.of_others == RefineConfig.model_fields.keys()


def test_a_file_may_write_lists(tmp_path):
    (tmp_path / "c.toml").write_text(
        'methods = ["plain", "slr"]\ncorrupt = ["none", "pair:0.2"]\ntest-share = 0.3\nseeds = 3\n'
    )
    config = _config(tmp_path / "c.toml")
    assert (config.methods, config.corrupt, config.test_share, config.seeds) == (
        ("plain", "slr"),
        ("none", "pair:0.2"),
        0.3,
        3,
    )
    assert _config(tmp_path / "c.toml", methods="ils").methods == ("ils",)
