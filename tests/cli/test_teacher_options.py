from __future__ import annotations

import typing

import pytest

from softlabel import Run
from softlabel.cli import teacher_options
from softlabel.cli.options import METHOD
from softlabel.run.config import RefineConfig

BOOSTING = (
    "--label",
    "kind",
    "--id",
    "key",
    "--estimator",
    "hist_gradient_boosting",
    "--set",
    "max_iter=2",
    "--folds",
    "3",
)


def test_these_are_options_of_a_refinement():
    options = {
        name: value for name, value in vars(teacher_options).items() if typing.get_origin(value) is typing.Annotated
    }
    fields = {"".join(word.capitalize() for word in name.split("_")) for name in RefineConfig.model_fields}
    assert set(options) == {"TeacherBudget", "FixedFolds", "WarmStart"} <= fields
    infos = [option.__metadata__[0] for option in options.values()]
    assert {info.rich_help_panel for info in infos} == {METHOD}
    assert all(info.help.endswith(".") for info in infos)


def test_they_reach_the_run_and_a_file_may_say_them(call, table, tmp_path):
    flags = ("--teacher-budget", "0.5", "--fixed-folds", "--warm-start", "--rounds", "1")
    status, *_ = call("refine", table, *BOOSTING, *flags, "--out", tmp_path / "run")
    assert status == 0
    identity = Run(tmp_path / "run").record["identity"]
    assert [identity[name] for name in ("teacher_budget", "fixed_folds", "warm_start")] == [0.5, True, True]
    (tmp_path / "run.toml").write_text("teacher-budget = 0.5\nfixed-folds = true\nwarm-start = true\nrounds = 1\n")
    status, out, _ = call("refine", table, *BOOSTING, "--config", tmp_path / "run.toml", "--out", tmp_path / "run")
    assert (status, "already" in out) == (0, True)
    status, _, err = call(
        "refine", table, *BOOSTING, "--config", tmp_path / "run.toml", "--no-warm-start", "--out", tmp_path / "run"
    )
    assert status == 1
    assert "warm-start was True, now not given" in err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--warm-start",), "give --fixed-folds"),
        (("--teacher-budget", "1.5"), "--teacher-budget 1.5: give a share above 0 and up to 1"),
        (("--teacher-budget", "short"), "--teacher-budget short: give a share above 0 and up to 1"),
    ],
    ids=["new folds", "too much", "a word"],
)
def test_what_cannot_be_is_one_line(call, table, tmp_path, flags, message):
    status, out, err = call("refine", table, *BOOSTING, *flags, "--out", tmp_path / "run")
    assert (status, out) == (2, "")
    assert message in err
    assert not (tmp_path / "run").exists()


def test_of_several_estimators_those_with_a_length_are_shortened(call, table, tmp_path):
    several = ("--estimator", "extra_trees", "--estimator", "softmax", "--set", "extra_trees.n_estimators=4")
    options = ("--label", "kind", "--id", "key", "--folds", "3", "--rounds", "1", "--teacher-budget", "0.5")
    assert call("refine", table, *options, *several, "--out", tmp_path / "run")[0] == 0
    status, _, err = call("refine", table, *options, "--estimator", "softmax", "--out", tmp_path / "other")
    assert status == 2
    assert "SoftmaxRegression has no length to shorten" in err
