from __future__ import annotations

import inspect
import json
import typing

import pandas as pd
import pytest
import typer.main

from softlabel.cli.app import app, refine
from softlabel.cli.comparing import compare
from softlabel.comparison import running, toy, writing
from softlabel.comparison.config import CompareConfig

COMPARE = ["--label", "kind", "--id", "key", "--estimator", "softmax", "--methods", "smoothing", "--seeds", "2"]
METHODS = ["plain", "temperature", "smoothing"]  # the cheap rivals are always there


@pytest.fixture(autouse=True)
def _nothing_is_drawn(monkeypatch):
    """Figures have tests of their own, and take most of the time."""
    monkeypatch.setattr(writing, "write_figures", lambda results, folder: [])


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def _cells(out):
    return (out / "results.json").read_bytes()  # which holds no times


def _failing(monkeypatch, wrong, error):
    """Let the cells that ``wrong`` picks fail with an error; return the list of all that are computed from now on."""
    computed, compute = [], running.compute_cell

    def work(cell, *, experiment):
        computed.append(str(cell))
        if wrong(cell):
            raise error
        return compute(cell, experiment=experiment)

    monkeypatch.setattr(running, "compute_cell", work)
    return computed


def test_one_command_gives_the_table_of_a_file(call, table, out):
    status, text, err = call(
        "compare", table, *COMPARE, "--corrupt", "none", "--corrupt", "symmetric:0.2", "--out", out
    )
    assert status == 0
    assert "plan: 36 rows to train on, 9 to score with, drawn anew by each seed; 3 classes; softmax\n" in err
    assert "3 methods x 2 corruptions (none, symmetric:0.2) x 2 seeds: 12 cells\n" in err
    assert "12 of 12: smoothing, symmetric:0.2, seed 1: accuracy" in err
    assert [line.split()[0] for line in text.splitlines() if line.startswith(tuple(METHODS))] == METHODS * 2
    assert f"table:   {out / 'table.md'}" in text
    found = pd.read_csv(out / "cells.csv")
    assert len(found) == 12
    assert set(found["corruption"]) == {"none", "symmetric:0.2"}


def test_the_same_command_computes_nothing_twice_and_more_extends_it(call, table, out, monkeypatch):
    first = call("compare", table, *COMPARE, "--out", out)
    computed = _failing(monkeypatch, lambda cell: False, None)
    before = _cells(out)
    again = call("compare", table, *COMPARE, "--out", out)
    assert again[:2] == first[:2]  # even the times: they are those of the cells that are stored
    assert "6 cells, 6 of them already done" in again[2]
    assert computed == []
    assert _cells(out) == before
    status, *_ = call("compare", table, *COMPARE, "--seeds", "3", "--methods", "smoothing,ils1", "--out", out)
    assert status == 0
    assert sorted(computed) == sorted(
        [f"{method}, seed 2" for method in METHODS] + [f"ils1, seed {seed}" for seed in range(3)]
    )


def test_a_comparison_that_was_stopped_goes_on_to_the_same_table(call, table, out, tmp_path, monkeypatch):
    call("compare", table, *COMPARE, "--out", tmp_path / "whole")
    with monkeypatch.context() as patch:
        computed = _failing(patch, lambda cell: (cell.method, cell.seed) == ("plain", 1), KeyboardInterrupt())
        status, text, err = call("compare", table, *COMPARE, "--out", out)
    assert (status, text) == (1, "")
    assert err.endswith(f"softlabel: stopped; what was computed lies in {out}, and the same command goes on\n")
    assert len(computed) == 4
    status, _, err = call("compare", table, *COMPARE, "--out", out)
    assert status == 0
    assert "6 cells, 3 of them already done" in err
    assert _cells(out) == _cells(tmp_path / "whole")


def test_a_cell_that_fails_leaves_the_others_and_a_later_call_fills_it(call, table, out, tmp_path, monkeypatch):
    call("compare", table, *COMPARE, "--out", tmp_path / "whole")
    with monkeypatch.context() as patch:
        _failing(patch, lambda cell: (cell.method, cell.seed) == ("smoothing", 0), RuntimeError("no\nluck"))
        status, text, err = call("compare", table, *COMPARE, "--out", out)
    assert status == 1
    assert "3 of 6: smoothing, seed 0 failed: RuntimeError: no luck\n" in err
    assert err.endswith("softlabel: 1 of 6 cells failed; the same command tries it again\n")
    assert "smoothing, seed 0: RuntimeError: no luck" in text
    assert _cells(out) != _cells(tmp_path / "whole")
    status, text, _ = call("compare", table, *COMPARE, "--out", out)
    assert status == 0
    assert "luck" not in text
    assert _cells(out) == _cells(tmp_path / "whole")


def test_the_result_as_json(call, table, out, monkeypatch):
    _failing(monkeypatch, lambda cell: (cell.method, cell.seed) == ("smoothing", 0), RuntimeError("no luck"))
    status, text, _ = call("compare", table, *COMPARE, "--out", out, "--json")
    assert status == 1
    result = json.loads(text)
    assert (result["comparison"], result["methods"], result["seeds"]) == (str(out), METHODS, [0, 1])
    assert [row["method"] for row in result["table"]] == METHODS
    assert [row["n"] for row in result["table"]] == [2, 2, 1]
    assert result["failures"] == [
        {"corruption": "none", "seed": 0, "method": "smoothing", "reason": "RuntimeError: no luck"}
    ]


def test_a_time_limit_stops_and_the_same_command_goes_on(call, table, out):
    status, text, err = call("compare", table, *COMPARE, "--out", out, "--time-limit", "0.000001")
    assert (status, text) == (1, "")
    assert err.endswith("softlabel: the time limit of 1e-06 s is reached; the same command goes on from here\n")
    status, _, err = call("compare", table, *COMPARE, "--out", out)
    assert status == 0
    assert "1 of them already done" in err


def test_a_folder_is_named_after_the_source_where_none_is_given(call, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, text, _ = call("compare", table, *COMPARE, "--seeds", "1")
    assert status == 0
    assert (tmp_path / "compare-train" / "table.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "source is missing; give a .csv"),
        (["nowhere.csv", "--label", "kind"], 2, "there is no file nowhere.csv"),
        (["TABLE", "--label", "kid"], 2, "kid"),
        (["TABLE", *COMPARE, "--methods", "slurry"], 2, "unknown method 'slurry'"),
        (["TABLE", *COMPARE, "--methods", "slr:rounds=2"], 2, "'rounds'"),
        (["TABLE", *COMPARE, "--methods", "slr:n_rounds"], 2, "give name, or name:parameter=value"),
        (["TABLE", *COMPARE, "--methods", "focal"], 2, "(--unsuited skip leaves such methods out)"),
        (["TABLE", *COMPARE, "--methods", "all", "--unsuited", "refuse"], 2, "FocalTraining"),
        (
            ["TABLE", *COMPARE, "--methods", "ldl:mix=none/cutmix"],
            2,
            "ldl:mix=none/cutmix: with mix='cutmix': mix='cutmix' mixes",
        ),
        (["TABLE", *COMPARE, "--baseline", "planed"], 2, "unknown method 'planed'"),
        (["TABLE", *COMPARE, "--seeds", "0"], 2, "--seeds 0: give a whole number, 1 or more"),
        (["TABLE", *COMPARE, "--test-share", "1"], 2, "--test-share 1: give a share between 0 and 1"),
        (["TABLE", *COMPARE, "--test-share", "0.001"], 2, "--test-share"),
        (["TABLE", *COMPARE, "--corrupt", "lots"], 2, "symmetric:SHARE"),
        (["TABLE", *COMPARE, "--unsuited", "drop"], 2, "--unsuited drop: give skip or refuse"),
        (["TABLE", *COMPARE, "--level", "95"], 2, "--level 95: give a number between 0 and 1"),
        (["TABLE", *COMPARE, "--set", "C"], 2, "give parameter=value"),
        (["TABLE", *COMPARE, "--rounds", "3"], 2, "--rounds"),
        (["TABLE", *COMPARE, "--estimator", "knn"], 2, "there are several (softmax, knn); give one"),
        (["TABLE", *COMPARE, "--test", "ODD"], 2, "labels that the source has not: yak; known: ant, bee, cat"),
        (["TABLE", *COMPARE, "--test", "SHORT"], 2, "'b'"),
        (["TABLE", *COMPARE, "--seeds", "abc"], 2, "--seeds abc: give a whole number, 1 or more"),
        (["TABLE", *COMPARE, "--seed", "1.5"], 2, "--seed 1.5: give a whole number, 0 or more"),
        (["TABLE", *COMPARE, "--test-share", "abc"], 2, "--test-share abc: give a share between 0 and 1"),
        (["TABLE", *COMPARE, "--epochs", "many"], 2, "--epochs many: give a whole number, 1 or more"),
        (["TABLE", "--label", "kind", "--methods", ""], 2, "--methods names none; give names joined by commas, or all"),
        (
            ["TABLE", "--label", "kind", "--methods", ","],
            2,
            "--methods names none; give names joined by commas, or all",
        ),
        (["TABLE", *COMPARE, "--test", "ODD", "--test-share", "0.3"], 2, "--test gives others; leave one out"),
        (["TABLE", *COMPARE, "--curves"], 2, "--curves is for networks, and the estimator (softmax) is none"),
        (["TABLE", *COMPARE, "--config", "none.toml"], 2, "none.toml cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(
    call, table, tmp_path, out, monkeypatch, arguments, status, message
):
    monkeypatch.chdir(tmp_path)
    frame = pd.read_csv(table)
    frame.head(5).assign(kind="yak").to_csv("odd.csv", index=False)
    frame.drop(columns="b").to_csv("short.csv", index=False)
    names = {"TABLE": str(table), "ODD": "odd.csv", "SHORT": "short.csv"}
    got, text, err = call("compare", *[names.get(argument, argument) for argument in arguments], "--out", out)
    assert (got, text) == (status, "")
    assert message in " ".join(err.splitlines()[-1].split())
    assert "Traceback" not in err
    assert not out.exists()


def test_another_comparison_in_the_folder_is_refused_with_the_difference(call, table, out):
    call("compare", table, *COMPARE, "--seeds", "1", "--out", out)
    status, _, err = call("compare", table, *COMPARE, "--seeds", "1", "--test-share", "0.3", "--out", out)
    assert status == 1
    assert "test-share was 0.2, now 0.3" in err
    assert err.count("\n") == len(err.splitlines())


def test_methods_that_cannot_work_here_are_left_out_of_all_with_the_reason(call, table, out):
    status, text, err = call(
        "compare", table, *COMPARE, "--methods", "focal", "--unsuited", "skip", "--seeds", "1", "--out", out
    )
    assert status == 0
    assert "left out: focal: it changes how a network is trained" in err
    assert "focal" in text


def test_options_are_those_of_a_configuration_and_named_like_those_of_refine():
    ours, theirs = (inspect.signature(command).parameters for command in (compare, refine))
    assert ours.keys() - {"config", "json_output", "curves"} == CompareConfig.model_fields.keys() - {"thresholds"}
    types = [typing.get_type_hints(command, include_extras=True) for command in (compare, refine)]
    differing = {name for name in ours.keys() & theirs.keys() if types[0][name] is not types[1][name]}
    assert differing == {
        "out",
        "corrupt",
        "estimator",
        "set",
        "seed",
    }  # of which one command can say more, or less, than the other


def test_the_command_line_has_it():
    command = typer.main.get_command(app).commands["compare"]
    assert {
        "--methods",
        "--seeds",
        "--test-share",
        "--corrupt",
        "--unsuited",
        "--baseline",
        "--json",
        "--time-limit",
    } <= {option for parameter in command.params for option in parameter.opts}
    assert command.help.startswith("Compare methods on SOURCE")


def test_toy_is_the_study_of_its_own(call, out, monkeypatch):
    asked = []

    def study(config, progress, *, curves):
        asked.append((config.source, config.folder, curves))
        raise KeyboardInterrupt

    monkeypatch.setattr(toy, "run_toy", study)
    assert call("compare", "toy", "--out", out, "--curves")[0] == 1
    assert asked == [("toy", out, True)]


@pytest.mark.parametrize("inside", [False, True])
def test_a_file_is_no_folder(call, table, tmp_path, inside):
    (tmp_path / "b.csv").write_text("mine")
    out = tmp_path / "b.csv" / "deep" if inside else tmp_path / "b.csv"
    status, text, err = call("compare", table, *COMPARE, "--out", out)
    which = f"lies in {tmp_path / 'b.csv'}, which is a file" if inside else "is a file"
    assert (status, text, err) == (2, "", f"softlabel: --out {out} {which}; give a folder, which may be new\n")
    assert (tmp_path / "b.csv").read_text() == "mine"


def test_test_rows_that_are_training_rows_are_told_of(call, table, out):
    status, _, err = call("compare", table, *COMPARE, "--seeds", "1", "--test", table, "--out", out)
    assert status == 0
    assert (
        "warning: 45 of 45 test rows are also training rows (the same features): scores on them are too good\n" in err
    )
    assert "warning: 45 of 45 ids of test rows are also ids of training rows (r0, r1, r2, ...)\n" in err
    assert "coarse" not in err
    assert "- beware: 45 of 45 test rows are also training rows" in (out / "table.md").read_text()


def test_a_column_of_ids_that_was_not_named_is_told_of(call, table, out):
    given = [option for option in COMPARE if option not in ("--id", "key")]
    status, _, err = call("compare", table, *given, "--seeds", "1", "--out", out)
    assert status == 0
    assert "      features: key (text), a, b (3 in all)\n" in err
    assert (
        "warning: column 'key' has a different text in each of 45 rows; name it with --id, or leave it out with --drop key\n"
        in err
    )
    assert "warning: only 9 rows to score with: scores are coarse\n" in err
    assert (
        "- test: 36 rows to train on, 9 to score with (a share of 0.2), drawn by each seed"
        in (out / "table.md").read_text()
    )


def test_the_help_says_how_seeds_follow_and_what_the_exit_status_means(call):
    status, text, _ = call("compare", "--help")
    words = " ".join(text.replace("\u2502", " ").split())
    assert status == 0
    assert "First seed; --seeds N takes it and the following [default: 0]" in words
    assert "[default: extra_trees]" in words
    assert words.endswith("Exit status: 0 done, 1 stopped or some cells failed, 2 wrong usage.")
