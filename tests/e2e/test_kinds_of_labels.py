"""Grades, several labels, votes and texts from the command line: refined, killed and resumed, asked, and taken out."""

from __future__ import annotations

import json
import os
import random
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from command_line import called
from made_pictures import encoded
from softlabel.run.config import make_config
from softlabel.run.refine import refine

LABELS = [word for name in labelled_tables.LABELS for word in ("--label", name)]
VOTES = [word for name in labelled_tables.ANIMALS for word in ("--votes", name)]
ORDINAL = ["--task", "ordinal"]


def _grades_as_arrays(folder):
    frame = labelled_tables.grades()
    np.savez(folder / "grades.npz", X=frame[list("abc")].to_numpy(), y=frame["grade"].to_numpy()[:, None])
    return folder / "grades.npz"


def _grades_in_folders(folder):
    """Pictures that are the brighter the higher their grade, in a folder a grade."""
    draws = np.random.default_rng(0)
    for grade in range(3):
        (folder / "eyes" / str(grade)).mkdir(parents=True)
        for number in range(8):
            picture = np.clip(draws.normal(60 + 60 * grade, 20, (6, 6, 3)), 0, 255).astype(np.uint8)
            (folder / "eyes" / str(grade) / f"{number}.png").write_bytes(encoded(picture))
    return folder / "eyes"


def _table(make, folder):
    make().to_csv(folder / "train.csv", index=False)
    return folder / "train.csv"


def _grouped():
    return labelled_tables.grades().assign(who=np.arange(60) // 3)


def _all_joined():
    return labelled_tables.joined(labelled_tables.several(), ";")


# What makes the source, the options that go with it, and the columns of a prediction.
RUNS = {
    "arrays of grades": (
        _grades_as_arrays,
        [*ORDINAL, "--estimator", "ridge", "--thresholds", "fitted", "--guard", "0.2", "--corrupt", "symmetric:0.1"],
        ["id", "predicted_label", "grade"],
    ),
    "folders of grades": (
        _grades_in_folders,
        [*ORDINAL, "--estimator", "knn", "--set", "n_neighbors=3"],
        ["id", "predicted_label", "grade"],
    ),
    "grades in groups": (
        partial(_table, _grouped),
        [*ORDINAL, "--view", "distribution", "--start", "unimodal", "--label", "grade", "--id", "key", "--groups", "who",
         "--estimator", "softmax"],
        ["id", "predicted_label", "p_0", "p_1", "p_2", "p_3"],
    ),
    "several labels": (
        partial(_table, labelled_tables.several),
        ["--task", "multilabel", *LABELS, "--id", "key", "--estimator", "logistic", "--corrupt", "symmetric:0.1"],
        ["id", "predicted_label", "p_rust", "p_scab", "p_mildew"],
    ),
    "joined labels": (
        partial(_table, _all_joined),
        ["--task", "multilabel", "--label", "tags", "--id", "key", "--estimator", "extra_trees", "--set", "n_estimators=5"],
        ["id", "predicted_label", "p_mildew", "p_rust", "p_scab"],
    ),
    "votes": (
        partial(_table, labelled_tables.votes),
        [*VOTES, "--reference", "votes", "--votes-as", "dawid-skene", "--id", "key", "--estimator", "softmax"],
        ["id", "predicted_label", "p_ant", "p_bee", "p_cat"],
    ),
    "texts": (
        partial(_table, labelled_tables.texts),
        ["--text", "text", "--label", "mood", "--id", "key"],
        ["id", "predicted_label", "p_bad", "p_good"],
    ),
}  # fmt: skip


@pytest.fixture(params=RUNS, ids=lambda name: name.replace(" ", "-"))
def case(request, tmp_path):
    make, options, columns = RUNS[request.param]
    return request.param, make(tmp_path), [*options, "--rounds", "2", "--folds", "2"], columns


@pytest.fixture
def call(monkeypatch, capsys):
    return partial(called, monkeypatch, capsys)


def _contents(root: Path) -> dict[str, bytes]:
    files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if name != "timing.jsonl" and not name.startswith("model/")
    }


def _dies(call, arguments, at: int) -> bool:
    """Call the command in a forked child that dies at its n-th rename, as by SIGKILL; return whether it died."""
    child = os.fork()
    if child == 0:
        rename, renamed = os.replace, 0

        def deadly(*args, **kwargs):
            nonlocal renamed
            renamed += 1
            rename(*args, **kwargs)
            if renamed == at:
                os._exit(9)

        os.replace = deadly
        try:
            call(*arguments)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
def test_killed_and_resumed_ends_with_the_same_bytes_and_answers_the_same(case, call, tmp_path):
    name, source, options, columns = case
    status, out, err = call("refine", source, *options, "--out", tmp_path / "whole")
    assert status == 0, err
    assert "--corrupt" in options or "softlabel: warning" not in err
    draw = random.Random(name)
    command = ["refine", source, *options, "--out", tmp_path / "run"]
    assert _dies(call, command, draw.randint(2, 16))
    _dies(call, command, draw.randint(2, 8))
    assert call(*command)[0] == 0
    assert _contents(tmp_path / "run") == _contents(tmp_path / "whole")
    assert "is done already; nothing was changed" in call(*command)[1]

    status, out, err = call("predict", tmp_path / "run", source)
    assert status == 0, err
    assert out.splitlines()[0].split(",") == columns
    assert out == call("predict", tmp_path / "whole", source)[1]
    predicted = pd.DataFrame(json.loads(call("predict", tmp_path / "run", source, "--json")[1]))
    scores = json.loads(call("evaluate", tmp_path / "run", source, "--json")[1])
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert scores["n_rows"] == len(predicted) == record["fingerprint"]["source"]["n_rows"]
    assert scores["accuracy"] > 0.5
    status, out, _ = call("info", tmp_path / "run")
    assert status == 0
    assert "done, 2 of 2 rounds whole" in out
    labels = pd.read_parquet(tmp_path / "run" / "labels.parquet")
    for part in ("labels", "issues", "targets", "corrected"):
        for suffix in (".csv", ".parquet", ".npz"):
            assert call("export", tmp_path / "run", "--part", part, "--to", tmp_path / f"{part}{suffix}")[0] == 0
    targets = pd.read_csv(tmp_path / "targets.csv")
    m = 1 if columns[-1] == "grade" else len(columns) - 2
    assert targets.shape == (len(labels), 1 + m)
    assert np.allclose(targets.iloc[:, 1:], np.stack(labels["distribution"]), atol=1e-6)
    changed = pd.read_parquet(tmp_path / "corrected.parquet")["changed"]
    assert (changed == labels["moved_in_round"].notna()).all()
    with np.load(tmp_path / "labels.npz", allow_pickle=False) as arrays:
        assert arrays["distribution"].shape == (len(labels), m)


def test_other_options_are_another_run(call, tmp_path):
    source = _table(labelled_tables.grades, tmp_path)
    options = [*ORDINAL, "--label", "grade", "--id", "key", "--rounds", "1", "--folds", "2", "--out", tmp_path / "run"]
    assert call("refine", source, *options, "--estimator", "knn")[0] == 0
    assert call("refine", source, *options, "--estimator", "knn", "--view", "scalar")[0] == 0
    status, _, err = call("refine", source, *options, "--estimator", "knn", "--view", "distribution")
    assert status == 1
    assert "view was not given, now 'distribution'" in err


def test_a_python_call_is_the_command(call, tmp_path):
    source = _table(labelled_tables.several, tmp_path)
    options = {"task": "multilabel", "label": list(labelled_tables.LABELS), "id": "key", "estimator": "knn"}
    short = {"rounds": 1, "folds": 2}
    refine(make_config({"source": str(source), "out": tmp_path / "python", **options, **short}))
    command = ["refine", source, "--task", "multilabel", *LABELS, "--id", "key", "--estimator", "knn"]
    assert call(*command, "--rounds", "1", "--folds", "2", "--out", tmp_path / "run")[0] == 0
    assert _contents(tmp_path / "run") == _contents(tmp_path / "python")
