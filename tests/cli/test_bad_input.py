"""Bad input from the command line: one clear line, the right exit status, and nothing written."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from softlabel.store.lock import RunLock
from softlabel.store.paths import RunPaths

GOOD = pd.DataFrame({"key": range(12), "a": np.arange(12.0), "who": [0, 0, 1, 1, 2, 2] * 2, "kind": ["cat", "dog"] * 6})
DISTRIBUTION = ("--task", "ordinal", "--view", "distribution")
REFINE = ["--label", "kind", "--estimator", "softmax", "--folds", "3", "--rounds", "1"]


@pytest.fixture
def refine(call, tmp_path, monkeypatch):
    """Write a table, refine it, and return (exit status, the last line of stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(table, *options):
        if table is not None:
            table.to_csv("train.csv", index=False)
        status, _, err = call("refine", "train.csv", *REFINE, *options, "--out", "run")
        assert "Traceback" not in err
        return status, (err.splitlines() or [""])[-1]

    return run


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (None, [], "there is no file train.csv"),
        (
            GOOD,
            ["--label", "kinds"],
            "has no column 'kinds'; its columns are 'key', 'a', 'who', 'kind'; did you mean 'kind'?",
        ),
        (GOOD.iloc[:0], [], "train.csv has 4 columns and 0 rows; give a table with at least one of each"),
        (GOOD.assign(kind="cat"), [], "y has only one class ('cat')"),
        (GOOD.assign(kind=["cat", None, "dog"] * 4), [], "4 of 12"),
        (GOOD.assign(key=[0, 0, *range(1, 11)]), ["--id", "key"], "twice|duplicate|more than once"),
        (GOOD, ["--folds", "13"], "--folds 13, but there are only 12 rows to split; give at most 12 folds"),
        (GOOD, ["--groups", "who", "--folds", "4"], "--folds 4, but there are only 3 groups; give at most 3 folds"),
        (GOOD, ["--groups", "whom"], "has no column 'whom'"),
        (
            GOOD,
            ["--estimator", "sklearn.svm:LinearSVC"],
            "several estimators|LinearSVC cannot be fitted to soft targets",
        ),
        (
            GOOD.assign(kind=np.arange(12) / 4),
            [],
            "Unknown label type: continuous; the label column 'kind' holds 0.25 in row 1",
        ),
        (GOOD, ["--corrupt", "symmetric:1.5"], "symmetric"),
        (GOOD, ["--guard", "0.01"], "the guard holds 0 of 12 rows"),
        (GOOD, ["--drop", "a", "--drop", "key", "--drop", "who"], "feature"),
        (GOOD, ["--test", "nowhere.csv"], "nowhere.csv"),
        (GOOD, ["--estimator", "nowhere:Nothing"], "module 'nowhere' cannot be imported"),
        (GOOD, ["--view", "scalar"], "--view scalar is for grades"),
        (GOOD, [*DISTRIBUTION], "whose order nobody can see"),
        (GOOD, [*DISTRIBUTION, "--grades", "cat,yak"], "not among the classes: 'dog'"),
        (GOOD.assign(kind=np.arange(12) / 4), [*DISTRIBUTION], "round them, or take"),
        (GOOD, ["--task", "ordinal"], "'softmax' predicts classes, and the scalar view trains on grades"),
        (GOOD, ["--label", "a"], "the label column 'kind' holds 'cat' in row 0"),
        (GOOD.assign(kind="a"), ["--task", "multilabel"], "has only one label (a), and --task multilabel needs two"),
        (GOOD.assign(kind=[0, 1] * 6), ["--task", "multilabel"], "column 'kind' of train.csv holds 0 and 1"),
        (GOOD, ["--task", "multilabel", "--votes", "a"], "--votes a is for one label a row"),
        (GOOD, ["--votes", "nowhere"], "votes name the one column 'nowhere'"),
        (GOOD, ["--text", "words"], "has no column 'words'"),
        (GOOD.assign(words=["fine", " "] * 6), ["--text", "words"], "6 of 12"),
        (
            GOOD.assign(file="x.png"),
            ["--text", "kind", "--image", "file"],
            "the pictures of column 'file' and the texts of column 'kind'; give one",
        ),
        (GOOD, ["--config", "deepdrit"], "recipes: deepdrid, plant_pathology"),
    ],
)
def test_one_clear_line_and_nothing_written(refine, tmp_path, table, options, message):
    import re

    status, line = refine(table, *options)
    assert status == 2
    assert line.startswith("softlabel: ")
    assert re.search(message.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?"), line), line
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_learner_that_fails_in_one_fold_is_named_and_the_run_goes_on_later(refine, monkeypatch):
    from softlabel.learners.softmax_regression import SoftmaxRegression

    original, calls = SoftmaxRegression.fit, []

    def failing(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise FloatingPointError("overflow\nin many lines")
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SoftmaxRegression, "fit", failing)
    status, line = refine(GOOD)
    assert status == 1
    assert line == (
        "softlabel: the learner failed in round 1, member 0, fold 1: FloatingPointError: overflow in many lines; "
        "what is done is kept: once the cause is gone the same command goes on; with other settings give another --out"
    )
    status, _ = refine(GOOD)
    assert status == 0
    assert len(calls) == 3 + 1 + 1


def test_two_runs_in_one_directory(refine, tmp_path):
    with RunLock(RunPaths(tmp_path / "run").lock):
        status, line = refine(GOOD)
    assert status == 1
    assert "in use" in line


def test_another_configuration_names_the_difference(refine):
    assert refine(GOOD)[0] == 0
    status, line = refine(GOOD, "--momentum", "0.5")
    assert status == 1
    assert "momentum was 'auto', now 0.5." in line
    status, line = refine(GOOD.assign(a=1.0))
    assert status == 1
    assert "the data changed" in line


def test_a_run_of_a_newer_format(refine, tmp_path):
    refine(GOOD)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    key = next(name for name in record if "format" in name)
    (tmp_path / "run" / "run.json").write_text(json.dumps(record | {key: 99}))
    status, line = refine(GOOD)
    assert status == 1
    assert "upgrade" in line


@pytest.mark.parametrize("content", ["", "{", "[]", '{"state": "done"}'])
def test_a_record_damaged_by_hand(refine, tmp_path, content):
    refine(GOOD)
    (tmp_path / "run" / "run.json").write_text(content)
    status, line = refine(GOOD)
    assert status == 1
    assert "run.json" in line


def test_labels_damaged_by_hand(call, refine, tmp_path):
    refine(GOOD)
    file = tmp_path / "run" / "labels.parquet"
    file.write_bytes(file.read_bytes()[:-7])
    status, _, err = call("export", "run", "--to", "out.csv")
    assert status == 1
    assert "labels.parquet" in err
    assert not (tmp_path / "out.csv").exists()


def test_an_unwritable_place(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    GOOD.to_csv("train.csv", index=False)
    (tmp_path / "file").write_text("in the way")
    status, _, err = call("refine", "train.csv", *REFINE, "--out", "file/run")
    assert status == 1
    assert "file" in err.splitlines()[-1]
    assert "Traceback" not in err


DYING = """
import os, pathlib
from softlabel.learners.softmax_regression import SoftmaxRegression

class Dying(SoftmaxRegression):
    def fit(self, X, y, sample_weight=None):
        if not pathlib.Path("healed").exists():
            os._exit(1)
        return super().fit(X, y, sample_weight)

class Unmakable(SoftmaxRegression):
    def __init__(self):
        raise OSError("no weights at hand")
"""


def _run_with_module(tmp_path, name, *options):
    (tmp_path / "own_learners.py").write_text(DYING)
    GOOD.to_csv(tmp_path / "train.csv", index=False)
    command = [sys.executable, "-m", "softlabel", "refine", "train.csv", "--label", "kind", "--out", "run"]
    command += ["--folds", "3", "--rounds", "1", "--estimator", f"own_learners:{name}", *options]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})


def test_a_fit_that_takes_its_process_down_is_named_and_the_run_goes_on_later(tmp_path):
    done = _run_with_module(tmp_path, "Dying", "--jobs", "2")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    # Python's tracker of shared memory may have its own word after ours, for a process that could not clean up.
    told = [line for line in done.stderr.splitlines() if line.startswith("softlabel: ")]
    assert len(told) == 1
    assert told[0].startswith("softlabel: the learner failed in round 1, member 0, fold 0 (3 of 3 fits")
    assert "the process that fitted it died, perhaps for lack of memory; lower n_jobs" in told[0]
    (tmp_path / "healed").touch()
    assert _run_with_module(tmp_path, "Dying", "--jobs", "2").returncode == 0


def test_an_estimator_that_cannot_be_made_is_told_in_one_line(tmp_path):
    done = _run_with_module(tmp_path, "Unmakable")
    assert done.returncode == 2
    assert "own_learners:Unmakable' cannot be made with settings {}: OSError: no weights at hand" in done.stderr
    assert "Traceback" not in done.stderr
