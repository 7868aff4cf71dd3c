from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from simple_learners import blobs

REFINE = ["--label", "kind", "--id", "key", "--estimator", "softmax", "--folds", "3"]


@pytest.fixture
def table(tmp_path):
    X, y = blobs(n_per_class=15, spread=0.8, seed=3)
    frame = pd.DataFrame(
        {"key": [f"r{i}" for i in range(45)], "a": X[:, 0], "b": X[:, 1], "kind": np.array(["ant", "bee", "cat"])[y]}
    )
    frame.to_csv(tmp_path / "train.csv", index=False)
    return tmp_path / "train.csv"


@pytest.fixture
def finished(call, table, tmp_path):
    status, *_ = call("refine", table, *REFINE, "--out", tmp_path / "run")
    assert status == 0
    return tmp_path / "run"


def test_refine_states_the_plan_first_and_a_summary_at_the_end(call, table, tmp_path):
    status, out, err = call(
        "refine", table, *REFINE, "--out", tmp_path / "run", "--corrupt", "symmetric:0.2", "--rounds", "4"
    )
    assert status == 0
    lines = err.splitlines()
    plan = next(
        number for number, line in enumerate(lines) if line.startswith("plan: 45 rows, 2 features, 3 classes of")
    )
    first_fit = next(number for number, line in enumerate(lines) if line.startswith("round 1"))
    assert plan < first_fit
    assert "4 rounds x 3 folds x 1 estimator (softmax) and the final fit: 13 fits" in err
    assert "9 labels made wrong on purpose (symmetric:0.2)" in err
    assert "fits left, about" in err
    assert "refined targets:  of 9 labels made wrong" in out
    assert "suggested labels: of 9 labels made wrong" in out
    assert "labels.parquet" in out
    assert "most confused" in out


def test_refine_as_json(call, table, tmp_path):
    status, out, _ = call("refine", table, *REFINE, "--out", tmp_path / "run", "--json")
    result = json.loads(out)
    assert status == 0
    assert result["run"] == str(tmp_path / "run")
    assert [entry["round"] for entry in result["rounds"]] == [1, 2, 3]
    assert result["already_done"] is False


def test_the_same_command_again_says_that_it_is_done(call, table, tmp_path, finished):
    status, out, _ = call("refine", table, *REFINE, "--out", finished)
    assert status == 0
    assert "is done already; nothing was changed" in out


def test_options_come_from_a_file_and_the_command_line_wins(call, table, tmp_path):
    config = tmp_path / "run.toml"
    config.write_text(f'source = "{table}"\nlabel = "kind"\nid = "key"\nestimator = "softmax"\nfolds = 3\nrounds = 5\n')
    status, out, _ = call("refine", "--config", config, "--out", tmp_path / "run", "--rounds", "1", "--json")
    assert status == 0
    assert len(json.loads(out)["rounds"]) == 1


def test_several_estimators_label_together(call, table, tmp_path):
    options = [
        "--label",
        "kind",
        "--id",
        "key",
        "--folds",
        "3",
        "--rounds",
        "1",
        "--estimator",
        "softmax",
        "--estimator",
        "knn",
    ]
    status, _, err = call("refine", table, *options, "--set", "knn.n_neighbors=3", "--out", tmp_path / "run")
    assert status == 0
    assert "1 round x 3 folds x 2 estimators (softmax, knn)" in err
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["identity"]["estimator"] == [["softmax", {}], ["knn", {"n_neighbors": 3}]]
    status, _, err = call("refine", table, *options, "--set", "n_neighbors=3", "--out", tmp_path / "other")
    assert status == 2
    assert "say whose it is: softmax.n_neighbors=3" in err


def test_a_guard_scores_the_rounds_and_chooses(call, table, tmp_path):
    guard = ["--guard", "0.2", "--refit-on", "best", "--json"]
    status, out, _ = call("refine", table, *REFINE, *guard, "--out", tmp_path / "run")
    result = json.loads(out)
    assert status == 0
    assert 0 <= result["refinements"] <= 3
    assert "guard_accuracy" in result["closing"]


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
    assert "45 rows" in out
    assert json.loads(call("info", finished, "--json")[1])["state"] == "done"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["refine", "nowhere.csv", "--label", "kind", "--out", "x"], 2, "there is no file nowhere.csv"),
        (["refine", "TABLE", "--label", "kid", "--out", "x"], 2, "kid"),
        (["refine", "TABLE", "--label", "kind"], 2, "out is missing; give the run directory"),
        (["refine", "--out", "x"], 2, "source is missing"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--momentum", "lots"], 2, "momentum='lots'"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--guard", "2"], 2, "guard='2'"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--set", "C"], 2, "give parameter=value"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--time-limit", "soon"], 2, "time-limit='soon'"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--rounds", "many"], 2, "--rounds"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--colour", "red"], 2, "--colour"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--config", "none.toml"], 2, "none.toml cannot be read"),
        (["info", "nowhere"], 1, "nowhere does not exist"),
        (["predict", "nowhere", "TABLE"], 1, "nowhere does not exist"),
        (["export", "RUN", "--part", "everything", "--to", "x.csv"], 2, "unknown part 'everything'"),
        (["export", "RUN", "--to", "x.doc"], 2, ".doc"),
        (["evaluate", "RUN", "nowhere.csv"], 2, "nowhere.csv"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call, table, tmp_path, finished, monkeypatch, arguments, status, message):
    monkeypatch.chdir(tmp_path)
    names = {"TABLE": str(table), "RUN": str(finished)}
    got, out, err = call(*[names.get(argument, argument) for argument in arguments])
    assert got == status
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert not (tmp_path / "x").exists() or not (tmp_path / "x" / "run.json").exists()


def test_an_error_is_json_too_where_json_is_asked_for(call, tmp_path):
    status, out, err = call("info", tmp_path / "nowhere", "--json")
    assert status == 1
    assert json.loads(out)["kind"] == "RunError"
    assert err.startswith("softlabel: ")


def _modules_after(code):
    """Return the names of heavy packages that are loaded after some code ran in a fresh interpreter."""
    heavy = ("sklearn", "scipy", "pandas", "skrub", "torch", "ray", "matplotlib", "pyarrow", "skops")
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stderr.strip().splitlines()[-1]


def test_import_and_help_load_nothing_heavy():
    assert _modules_after("import softlabel; dir(softlabel)") == "[]"
    assert _modules_after("sys.argv = ['softlabel', '--help']; from softlabel.cli import main; main()") == "[]"
    assert (
        _modules_after("sys.argv = ['softlabel', 'refine', '--help']; from softlabel.cli import main; main()") == "[]"
    )


def test_python_m_softlabel_is_the_command_line():
    done = subprocess.run([sys.executable, "-m", "softlabel", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip()[0].isdigit()


def test_what_learners_warn_of_is_said_once_and_without_code(call, table, tmp_path):
    options = ["--label", "kind", "--id", "key", "--folds", "3", "--rounds", "2", "--estimator", "softmax"]
    status, _, err = call("refine", table, *options, "--set", "max_iter=1", "--out", tmp_path / "run")
    assert status == 0
    assert err.count("a learner warns: ConvergenceWarning") >= 1
    assert ".py:" not in err
    assert len([line for line in err.splitlines() if "a learner warns" in line]) == len(
        {line for line in err.splitlines() if "a learner warns" in line}
    )


def test_warnings_are_one_line_without_code(call, tmp_path):
    frame = pd.DataFrame({"a": np.arange(21.0), "kind": ["cat", "dog"] * 10 + ["yak"]})
    frame.to_csv(tmp_path / "rare.csv", index=False)
    options = ["--label", "kind", "--estimator", "softmax", "--rounds", "1"]
    status, _, err = call("refine", tmp_path / "rare.csv", *options, "--out", tmp_path / "run")
    assert status == 0
    assert "softlabel: warning: classes with fewer rows than folds: yak (1)" in err
    assert ".py:" not in err


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


def test_the_test_table_says_what_the_final_model_learnt_from(call, table, tmp_path):
    for rounds, labels in ((0, "given"), (1, "refined")):
        options = ["--test", table, "--rounds", rounds, "--out", tmp_path / f"run{rounds}"]
        status, out, _ = call("refine", table, *REFINE, *options)
        assert status == 0
        assert f"final model, {labels} labels" in out
        assert "plain model, given labels" in out


def test_evaluate_on_arrays_speaks_of_no_option_that_it_has_not(call, finished, tmp_path):
    np.savez(tmp_path / "t.npz", X=np.zeros((2, 2)), y=np.array(["ant", "bee"]))
    assert call("evaluate", finished, tmp_path / "t.npz")[0] == 0
    np.savez(tmp_path / "wide.npz", X=np.zeros((2, 5)), y=np.array(["ant", "bee"]))
    status, _, err = call("evaluate", finished, tmp_path / "wide.npz")
    assert status == 2
    assert "wide.npz does not fit the model" in err
    assert len(err.splitlines()) == 1


def test_classes_of_one_row_each_are_no_success(call, tmp_path):
    """No model ever knew the class of the row that it predicts: there is nothing to score, and nothing to suggest."""
    pd.DataFrame({"a": np.arange(12.0), "kind": [f"k{i}" for i in range(12)]}).to_csv(tmp_path / "t.csv", index=False)
    options = ["--label", "kind", "--estimator", "softmax", "--rounds", "2", "--folds", "3", "--momentum", "0.1"]
    status, out, err = call("refine", tmp_path / "t.csv", *options, "--out", tmp_path / "run")
    assert status == 0
    assert "accuracy out of fold -" in err
    assert "classes with fewer rows than folds" in err
