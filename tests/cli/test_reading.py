from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from softlabel.store.run_store import RunStore


def test_predict_writes_probabilities(call, table, tmp_path, finished):
    status, out, _ = call("predict", finished, table)
    assert status == 0
    assert out.splitlines()[0] == "id,predicted_label,p_ant,p_bee,p_cat"
    assert len(out.splitlines()) == 46
    status, out, _ = call("predict", finished, table, "--to", tmp_path / "p.parquet")
    assert status == 0
    assert len(pd.read_parquet(tmp_path / "p.parquet")) == 45
    status, _, err = call("predict", finished, table, "--to", tmp_path / "p.xlsx")
    assert status == 2
    assert ".csv or .parquet" in err


def test_evaluate_prints_scores(call, table, finished):
    status, out, _ = call("evaluate", finished, table)
    assert status == 0
    assert {"accuracy", "balanced_accuracy", "nll", "brier", "ece", "macro_f1", "aurc"} <= {
        line.split()[0] for line in out.splitlines()
    }
    assert json.loads(call("evaluate", finished, table, "--json")[1])["n_rows"] == 45


@pytest.mark.parametrize("part", ["labels", "issues", "targets", "corrected"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
def test_export_writes_each_part_in_each_format(call, tmp_path, finished, part, suffix):
    file = tmp_path / f"out{suffix}"
    status, out, _ = call("export", finished, "--part", part, "--to", file)
    assert status == 0
    if suffix == ".npz":
        with np.load(file, allow_pickle=False) as arrays:
            assert arrays["classes"].tolist() == ["ant", "bee", "cat"]
            columns = {name: len(arrays[name]) for name in arrays.files if name != "classes"}
    else:
        table = pd.read_csv(file) if suffix == ".csv" else pd.read_parquet(file)
        columns = {name: len(table) for name in table.columns}
    masses = ["p_ant", "p_bee", "p_cat"]
    one_a_label = [
        "id",
        "given_label",
        "suggested_label",
        "label_quality",
        "margin",
        "entropy",
        "moved_in_round",
        "guard",
    ]
    expected = {
        "labels": [*one_a_label, *(masses if suffix == ".csv" else ["distribution"])],
        "issues": [*one_a_label, *(masses if suffix == ".csv" else ["distribution"])],
        "targets": ["id", *masses],
        "corrected": ["id", "given_label", "label", "changed"],
    }[part]
    assert sorted(columns) == sorted(expected)
    rows = json.loads((finished / "metrics.json").read_text())["suspicious"] if part == "issues" else 45
    assert set(columns.values()) == {rows}
    assert out.startswith(f"{rows} rows of {part}: ")


def test_info_says_what_a_run_is(call, finished):
    status, out, _ = call("info", finished)
    assert status == 0
    assert "done, 3 of 3 rounds whole" in out
    assert "45 rows, 2 columns, 3 classes" in out
    assert "[[" not in out  # settings stand as they are typed
    assert json.loads(call("info", finished, "--json")[1])["state"] == "done"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "arguments", [["predict", "RUN", "TABLE"], ["predict", "RUN", "TABLE", "--json"], ["info", "RUN"]]
)
def test_an_output_that_cannot_be_written_is_told_in_one_line(table, finished, arguments):
    names = {"TABLE": str(table), "RUN": str(finished)}
    command = [sys.executable, "-m", "softlabel", *(names.get(argument, argument) for argument in arguments)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "softlabel: the output cannot be written: No space left on device\n"


def test_evaluate_on_arrays_speaks_of_no_option_that_it_has_not(call, finished, tmp_path):
    np.savez(tmp_path / "t.npz", X=np.zeros((2, 2)), y=np.array(["ant", "bee"]))
    assert call("evaluate", finished, tmp_path / "t.npz")[0] == 0
    np.savez(tmp_path / "wide.npz", X=np.zeros((2, 5)), y=np.array(["ant", "bee"]))
    status, _, err = call("evaluate", finished, tmp_path / "wide.npz")
    assert status == 2
    assert "wide.npz does not fit the model" in err
    assert len(err.splitlines()) == 1


def test_info_tells_of_fitted_thresholds_and_of_the_reference(call, tmp_path):
    counts = np.random.default_rng(0).multinomial(4, [0.3, 0.2, 0.2, 0.3], size=60)
    names = [f"votes_{grade}" for grade in range(4)]
    labelled_tables.features(60).assign(**dict(zip(names, counts.T, strict=True))).to_csv(
        tmp_path / "t.csv", index=False
    )
    votes = [word for name in names for word in ("--votes", name)]
    options = ["--id", "key", "--task", "ordinal", "--thresholds", "fitted", "--estimator", "ridge", "--folds", "3"]
    run = tmp_path / "run"
    status, _, err = call(
        "refine", tmp_path / "t.csv", *votes, "--reference", "votes", *options, "--rounds", "2", "--out", run
    )
    assert status == 0
    assert err.count("; MAE to the reference 0.") == 2
    metrics = json.loads((run / "metrics.json").read_text())
    fitted = metrics["thresholds"]["fitted"]
    assert fitted != [0.5, 1.5, 2.5]
    assert json.loads(call("info", run, "--json")[1])["task"]["thresholds"] == fitted
    out = call("info", run)[1]
    assert f"thresholds between grades: {fitted[0]:.3f}, {fitted[1]:.3f}, {fitted[2]:.3f};" in out
    rows = [" ".join(line.split()) for line in out.splitlines()]
    for text, scores in (("given labels", "given"), ("targets after round 2", "refined")):
        told = metrics["reference"][scores]
        assert f"{text} {told['mae']:.4f} {told['rmse']:.4f}" in rows
    RunStore.open(run).update_record(state="stopped")  # as where it is being extended
    assert json.loads(call("info", run, "--json")[1])["task"]["thresholds"] == [0.5, 1.5, 2.5]
    assert "thresholds between grades" not in call("info", run)[1]
