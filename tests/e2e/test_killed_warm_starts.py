"""Fold models that go on from round to round: killed at any instant and resumed, extended, or spread over processes, the same bytes."""

from __future__ import annotations

import os
import random

import pandas as pd
import pytest

from killed_child import dies_at_rename
from simple_learners import blobs
from softlabel import Run, RunConflictError, refine

BOOSTING = {
    "label": "kind",
    "estimator": ("hist_gradient_boosting",),
    "set": {"max_iter": 4, "min_samples_leaf": 5},
    "rounds": 3,
    "momentum": 0.75,
    "final_targets": "refined",
    "folds": 3,
    "teacher_budget": 0.5,
    "fixed_folds": True,
    "warm_start": True,
}
CHOOSING = {"guard": 0.25, "refit_on": "best"}
TIMES = ("timing.jsonl", "lock")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    X, y = blobs(n_per_class=15, spread=1.5, seed=3)
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": y}).to_csv(path, index=False)
    return path


def _contents(root):
    """Every file that equal runs share to the byte, those of kept models but for the order of their parts."""
    files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
    return {
        name: path.read_bytes() if "model" not in path.parts else b""
        for name, path in files.items()
        if path.name not in TIMES
    }


@pytest.fixture(scope="module")
def whole(table, tmp_path_factory):
    options = BOOSTING | CHOOSING
    return options, _contents(refine(table, tmp_path_factory.mktemp("whole") / "run", **options).path)


def _kept(run):
    return sorted({path.parts[-4] for path in run.path.glob("rounds/*/units/*/model")})


def test_only_the_models_of_the_last_round_are_kept(whole):
    _, contents = whole
    kept = {name.split("/")[1] for name in contents if name.startswith("rounds/") and "/model/" in name}
    assert kept == {"04"}  # those of the closing pass, which scores the last targets


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_renames(tmp_path, table, whole, seed):
    options, contents = whole
    draw, deaths = random.Random(seed), 0
    while dies_at_rename(draw.randint(1, 40), draw.random() < 0.5, lambda: refine(table, tmp_path / "run", **options)):
        deaths += 1
    assert deaths >= 1
    assert refine(table, tmp_path / "run", **options).done
    assert _contents(tmp_path / "run") == contents


def test_more_rounds_go_on_with_the_models_that_are_there(tmp_path, table, whole):
    options, contents = whole
    refine(table, tmp_path / "run", **options | {"rounds": 1})
    refine(table, tmp_path / "run", **options)
    assert _contents(tmp_path / "run") == contents


def test_processes_change_no_byte(tmp_path, table, whole):
    options, contents = whole
    assert _contents(refine(table, tmp_path / "run", **options, jobs=2).path) == contents


def test_models_that_are_gone_are_named_with_what_to_do(tmp_path, table):
    from softlabel.errors import InputError

    run = refine(table, tmp_path / "run", **BOOSTING | {"rounds": 1})
    assert _kept(run) == ["01"]
    for folder in run.path.glob("rounds/01/units/*/model"):
        folder.rename(tmp_path / folder.parent.name)
    with pytest.raises(InputError, match="that of member 0, fold 0 is not kept; start from round 1 again"):
        refine(table, tmp_path / "run", **BOOSTING | {"rounds": 2})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"warm_start": False}, "warm-start was True, now not given"),
        ({"teacher_budget": 1}, "teacher-budget was 0.5, now not given"),
        ({"fixed_folds": False, "warm_start": False}, "fixed-folds was True, now not given"),
    ],
    ids=["warm", "budget", "folds"],
)
def test_how_teachers_are_trained_is_part_of_what_a_run_is(tmp_path, table, change, message):
    options = BOOSTING | {"rounds": 0}
    assert Run(refine(table, tmp_path / "run", **options).path).done
    with pytest.raises(RunConflictError, match=message):
        refine(table, tmp_path / "run", **options | change)


def test_to_say_what_holds_anyway_is_no_other_run(tmp_path, table):
    plain = {"label": "kind", "estimator": ("softmax",), "rounds": 1, "folds": 3, "final_targets": "refined"}
    refine(table, tmp_path / "run", **plain)
    same = plain | {"teacher_budget": 1.0, "fixed_folds": False, "warm_start": False}
    assert refine(table, tmp_path / "run", **same).done
    auto = plain | {"final_targets": "auto"}  # which would try short teachers where nothing is said
    refine(table, tmp_path / "auto", **auto)
    with pytest.raises(RunConflictError, match=r"teacher-budget was not given, now 1\.0"):
        refine(table, tmp_path / "auto", **auto | {"teacher_budget": 1.0})


def test_a_network_goes_on_from_its_weights(tmp_path, table):
    pytest.importorskip("torch")
    options = BOOSTING | {"estimator": ("torch_mlp",), "set": {}, "epochs": 2, "rounds": 2, "batch_size": 16}
    one = refine(table, tmp_path / "one", **options)
    again = refine(table, tmp_path / "two", **options | {"rounds": 1})
    assert _kept(again) == ["01"]
    again = refine(table, tmp_path / "two", **options)
    assert again.targets().tobytes() == one.targets().tobytes()
    assert _kept(again) == ["02"]
    cold = refine(table, tmp_path / "cold", **options | {"warm_start": False})
    assert cold.targets().tobytes() != one.targets().tobytes()
