from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import labelled_tables

REFINE = ["--label", "kind", "--id", "key", "--estimator", "softmax", "--folds", "3"]
REFINED = [*REFINE, "--final-targets", "refined"]  # the paper's method, which chooses nothing


def test_refine_states_the_plan_first_and_a_summary_at_the_end(call, table, tmp_path):
    status, out, err = call(
        "refine", table, *REFINED, "--out", tmp_path / "run", "--corrupt", "symmetric:0.2", "--rounds", "4"
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


def test_refine_tells_what_was_chosen_and_info_tells_it_again(call, table, tmp_path):
    frame = pd.read_csv(table)
    _, few, _ = call("refine", table, *REFINE, "--out", tmp_path / "few", "--rounds", "1")
    assert "choice: the given labels; there are too few rows to choose on" in few
    moved = frame.assign(key=frame["key"] + "b", a=frame["a"] + 0.01)
    pd.concat([frame, moved]).to_csv(tmp_path / "twice.csv", index=False)
    table = tmp_path / "twice.csv"
    status, out, err = call("refine", table, *REFINE, "--out", tmp_path / "run", "--rounds", "1")
    assert status == 0
    assert " fits to choose how, on rows that no round sees" in err
    assert "\nchoosing: " in err
    (line,) = [line for line in out.splitlines() if line.startswith("choice: ")]
    assert line in err.splitlines()
    assert "(90 rows scored" in line
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["choice"]["reason"] in line
    learnt = "the given labels" if metrics["refinements"] == 0 else "the given labels without"
    assert f"the final model learnt from {learnt}" in out
    # Contradicted is not wrong: the summary names the first, and the command that estimates the second.
    assert f"the models contradict {metrics['suspicious']} of 90 labels; {metrics['moved']} ha" in out
    assert f"softlabel info {tmp_path / 'run'} --noise" in out
    status, told, _ = call("info", tmp_path / "run")
    assert status == 0
    assert "final-targets=auto, " in told
    assert "auto-rule" not in told  # no option is called so
    assert line in told.splitlines()
    assert "momentum=auto" in told
    assert "final-targets=auto" in told
    assert json.loads(call("info", tmp_path / "run", "--json")[1])["identity"]["teacher_targets"] == "auto"
    call("refine", table, *REFINED, "--out", tmp_path / "refined", "--rounds", "1")
    assert "choice: " not in call("info", tmp_path / "refined")[1]


def test_without_a_round_nothing_is_said_of_labels(call, table, tmp_path):
    """That no model contradicts a label would read as if all had been confirmed."""
    _, out, _ = call("refine", table, *REFINE, "--out", tmp_path / "run", "--rounds", "0")
    assert "no round was made, so that nothing is known of single labels" in out
    assert "contradict" not in out
    assert "--part issues" not in out


def test_a_list_that_doubts_most_labels_is_called_what_it_is(call, table, tmp_path):
    """Labels that say nothing of the features: the models can only contradict them."""
    frame = pd.read_csv(table)
    frame["kind"] = np.random.default_rng(0).permutation(frame["kind"])
    frame.to_csv(tmp_path / "noise.csv", index=False)
    _, out, _ = call("refine", tmp_path / "noise.csv", *REFINE, "--out", tmp_path / "run", "--rounds", "1")
    assert "more about the models than about the labels; give a stronger --estimator" in " ".join(out.split())
    network = ["--estimator", "torch_mlp", "--epochs", "1", "--device", "cpu"]
    options = ["--label", "kind", "--id", "key", "--folds", "3", "--rounds", "1", *network]
    _, out, _ = call("refine", tmp_path / "noise.csv", *options, "--out", tmp_path / "run3")
    assert "about the labels; train longer (--epochs), or give a stronger --estimator" in " ".join(out.split())
    _, out, _ = call("refine", table, *REFINE, "--out", tmp_path / "run2", "--rounds", "1")
    assert "more about the models" not in out


def test_one_of_several_launched_processes_is_refused(call, table, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    status, _, err = call("refine", table, *REFINE, "--out", tmp_path / "run")
    assert status == 2
    assert "one of 2 processes" in err
    assert not (tmp_path / "run").exists()


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


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["refine", "nowhere.csv", "--label", "kind", "--out", "x"], 2, "there is no file nowhere.csv"),
        (["refine", "TABLE", "--label", "kid", "--out", "x"], 2, "kid"),
        (["refine", "TABLE", "--label", "kind"], 2, "out is missing; give the run directory"),
        (["refine", "--out", "x"], 2, "source is missing"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--momentum", "lots"], 2, "--momentum lots"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--guard", "2"], 2, "--guard 2"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--set", "C"], 2, "give parameter=value"),
        (["refine", "TABLE", "--label", "kind", "--out", "x", "--time-limit", "soon"], 2, "--time-limit soon"),
        (
            ["refine", "TABLE", "--label", "kind", "--out", "x", "--rounds", "many"],
            2,
            "--rounds many: give a whole number, 0 or more",
        ),
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
    for command in ("refine", "compare"):
        asked = f"sys.argv = ['softlabel', '{command}', '--help']; from softlabel.cli import main; main()"
        assert _modules_after(asked) == "[]"


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


def test_the_test_table_says_what_the_final_model_learnt_from(call, table, tmp_path):
    for rounds, labels in ((0, "given"), (1, "refined")):
        options = ["--test", table, "--rounds", rounds, "--out", tmp_path / f"run{rounds}"]
        status, out, _ = call("refine", table, *REFINED, *options)
        assert status == 0
        assert f"final model, {labels} labels" in out
        assert "plain model, given labels" in out


def test_classes_of_one_row_each_are_no_success(call, tmp_path):
    """No model ever knew the class of the row that it predicts: there is nothing to score, and nothing to suggest."""
    pd.DataFrame({"a": np.arange(12.0), "kind": [f"k{i}" for i in range(12)]}).to_csv(tmp_path / "t.csv", index=False)
    options = ["--label", "kind", "--estimator", "softmax", "--rounds", "2", "--folds", "3", "--momentum", "0.1"]
    status, out, err = call("refine", tmp_path / "t.csv", *options, "--out", tmp_path / "run")
    assert status == 0
    assert "accuracy out of fold -" in err
    assert "classes with fewer rows than folds" in err


def test_a_transformer_that_is_not_here_is_told_before_anything_is_written(call, tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    labelled_tables.texts().to_csv(tmp_path / "t.csv", index=False)
    options = ["--label", "mood", "--id", "key", "--estimator", "transformers:no-such-model", "--out", tmp_path / "run"]
    status, _, err = call("refine", tmp_path / "t.csv", "--text", "text", *options)
    assert status == 2
    assert "softlabel: estimator transformers:no-such-model: model 'no-such-model' is neither a folder" in err
    assert not (tmp_path / "run").exists()
    status, _, err = call("refine", tmp_path / "t.csv", *options)
    assert status == 2
    assert err.endswith("estimator transformers:no-such-model takes texts; name their column with --text\n")
    assert not (tmp_path / "run").exists()


def test_one_round_is_compared_with_nothing_and_true_labels_are_spoken_of_where_they_are_known(call, table, tmp_path):
    _, out, _ = call("refine", table, *REFINE, "--out", tmp_path / "plain", "--rounds", "2")
    assert "\non given labels out of fold\n" in out
    for rounds, compared in ((1, False), (2, True)):
        wrong = ["--corrupt", "symmetric:0.2", "--rounds", rounds, "--out", tmp_path / f"run{rounds}"]
        _, out, _ = call("refine", table, *REFINE, *wrong)
        assert "\non given and true labels out of fold\n" in out
        (line,) = [line for line in out.splitlines() if line.startswith("models trained on the labels as given")]
        assert line.endswith("(out of fold, true labels)") is not compared
        assert ("after 1 refinement on" in line) is compared


def test_trusted_rows_are_told_of(call, table, tmp_path):
    frame = pd.read_csv(table)
    right = frame.iloc[:40].assign(kind=lambda rows: np.where(rows["key"] == "r3", "ant", rows["kind"]))
    n_replaced = int(frame.loc[3, "kind"] != "ant")
    right[["key", "kind"]].to_csv(tmp_path / "right.csv", index=False)
    status, out, _ = call("refine", table, *REFINE, "--trusted", tmp_path / "right.csv", "--out", tmp_path / "run")
    assert status == 0
    assert f"40 labels trusted, {n_replaced} of them as the file of trusted rows has them" in out
    assert "of the other labels are wrong" in out
    assert "acc. trusted" in out
    status, _, err = call(
        "refine", table, "--label", "kind", "--trusted", tmp_path / "right.csv", "--out", tmp_path / "x"
    )
    assert status == 2
    assert "name the column of ids with --id" in err
