from __future__ import annotations

import json
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier

import labelled_tables
from simple_learners import blobs
from softlabel import FitError, InputError, Refinement, Run, RunConflictError, RunError, StochasticLabelRefinery, refine
from softlabel.errors import DamagedRunError, NewerFormatError, RunLockedError, StorageError
from softlabel.learners.names import named_estimator
from softlabel.run.config import make_config
from softlabel.run.refine import refine as refine_run
from softlabel.run.units import TimeLimitReached
from softlabel.store.lock import RunLock
from softlabel.store.paths import RunPaths

CHOOSING = {
    "label": "kind",
    "id": "key",
    "estimator": ("softmax",),
    "rounds": 3,
    "folds": 3,
}  # by evidence, the default
OPTIONS = CHOOSING | {"final_targets": "refined"}  # the paper's method


def _contents(root):
    """Every file that must be equal between equal runs, as bytes."""
    names = [path for path in sorted(root.rglob("*")) if path.is_file()]
    unequal = ("timing.jsonl", "lock")  # times differ, and owners
    return {str(p.relative_to(root)): p.read_bytes() for p in names if p.name not in unequal and "model" not in p.parts}


def test_a_run_holds_what_the_contract_says(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS, test=str(table.with_name("test.csv")))
    assert run.done
    files = set(_contents(run.path))
    assert {"run.json", "given.npy", "guard.npy", "ids.parquet", "labels.parquet", "metrics.json"} <= files
    for r in ("01", "02", "03"):
        assert {f"rounds/{r}/{name}" for name in ("split.npy", "oof.npy", "refined.npy", "scores.json")} <= files
        assert f"rounds/{r}/units/m0-f2/held_out.npy" in files
    assert (run.path / "timing.jsonl").exists()
    split = np.load(run.path / "rounds/01/split.npy")
    assert split.shape == (3, 60)
    assert split.dtype == np.int8
    assert ((split == 2).sum(axis=0) == 1).all()
    given, oof, refined = (
        np.load(run.path / name) for name in ("given.npy", "rounds/01/oof.npy", "rounds/01/refined.npy")
    )
    assert given.dtype == oof.dtype == refined.dtype == np.float32
    assert np.allclose(refined, 0.75 * given + 0.25 * oof, atol=1e-6)
    labels = run.labels()
    assert labels.columns.tolist() == [
        "id", "given_label", "suggested_label", "label_quality", "margin", "entropy", "moved_in_round", "distribution", "guard"
    ]  # fmt: skip
    assert labels["id"].tolist() == [f"r{i:02d}" for i in range(60)]
    assert np.allclose(np.stack(labels["distribution"]), np.load(run.path / "rounds/03/refined.npy"))
    given_code = np.searchsorted(run.classes, labels["given_label"])
    assert np.allclose(labels["label_quality"], run.targets()[np.arange(60), given_code])


def test_the_run_is_the_estimator(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS)
    frame = pd.read_csv(table)
    X, y = frame[["a", "b"]].to_numpy(np.float32), frame["kind"]
    refinery = StochasticLabelRefinery(
        named_estimator("softmax"), n_rounds=3, cv=3, final_targets="refined", random_state=0
    )
    refinery.fit(X, y)
    assert run.targets().tobytes() == refinery.label_distributions_.tobytes()
    assert np.allclose(run.predict_proba(frame[["a", "b"]]), refinery.predict_proba(X), atol=1e-6)
    by_hand = Refinement(y, n_rounds=3, cv=3, random_state=0)
    for fold in by_hand:
        fold.tell(named_estimator("softmax").fit(X[fold.train], fold.targets).predict_targets(X[fold.held_out]))
    assert run.targets().tobytes() == by_hand.targets.tobytes()


TASKS = {
    "grades": (labelled_tables.grades, "grade", {"task": "ordinal", "thresholds": "fitted", "estimator": "ridge"}),
    "levels": (
        labelled_tables.grades,
        "grade",
        {"task": "ordinal", "view": "distribution", "start": "unimodal:0.4", "estimator": "softmax"},
    ),
    "several": (labelled_tables.several, labelled_tables.LABELS, {"task": "multilabel", "estimator": "logistic"}),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_run_is_the_estimator_for_every_kind_of_label(tmp_path, name):
    make, label, options = TASKS[name]
    frame = make()
    frame.to_csv(tmp_path / "train.csv", index=False)
    run = refine(
        tmp_path / "train.csv", tmp_path / "run", label=label, id="key", rounds=2, folds=3, guard=0.2, **options
    )
    X, y = (
        frame[["a", "b", "c"]].to_numpy(np.float32),
        frame[label if isinstance(label, str) else list(label)].to_numpy(),
    )
    task = run.task
    estimator = named_estimator(options["estimator"], kind=task.kind)
    thresholds = options.get("thresholds", "midpoints")
    refinery = StochasticLabelRefinery(
        estimator, n_rounds=2, cv=3, guard=0.2, random_state=0, task=task, thresholds=thresholds
    ).fit(X, y)
    assert run.targets().tobytes() == refinery.refined_targets_.tobytes()
    metrics = run.metrics()
    assert metrics["choice"] == json.loads(json.dumps(refinery.choice_))
    assert metrics["final_targets"] == refinery.final_targets_
    assert metrics["left_out"] == (refinery.final_weights_ == 0).sum()
    assert np.allclose(run.predict_targets(frame[["a", "b", "c"]]), refinery.predict_targets(X), atol=1e-6)
    predicted = run.predict(str(tmp_path / "train.csv"))["predicted_label"]
    assert predicted.tolist() == (refinery.predict(X) if y.ndim == 1 else task.labels(refinery.predict(X))).tolist()
    if thresholds == "fitted":
        assert run.final_task().thresholds.tolist() == refinery.thresholds_.tolist()
    assert run.labels()["label_quality"].tolist() == refinery.label_quality_.astype(np.float32).tolist()
    assert [entry[f"guard_{task.main_score}"] for entry in run.scores()] == [
        entry[f"guard_{task.main_score}"] for entry in refinery.history_
    ]


def test_the_reference_is_scored_and_changes_nothing(tmp_path):
    frame = labelled_tables.votes()
    frame.to_csv(tmp_path / "train.csv", index=False)
    options = {"id": "key", "rounds": 2, "folds": 3, "estimator": "softmax", "votes": labelled_tables.ANIMALS}
    options["final_targets"] = "refined"
    run = refine(tmp_path / "train.csv", tmp_path / "run", **options, reference="votes")
    plain = refine(tmp_path / "train.csv", tmp_path / "plain", **options)
    assert run.targets().tobytes() == plain.targets().tobytes()
    told = run.metrics()["reference"]
    shares = frame[list(labelled_tables.ANIMALS)].to_numpy() / 5
    assert told["given"]["chebyshev"] == pytest.approx(0, abs=1e-6)
    assert told["refined"]["chebyshev"] == pytest.approx(np.abs(run.targets() - shares).max(axis=1).mean(), abs=1e-6)
    assert run.scores()[-1]["reference_chebyshev"] == told["refined"]["chebyshev"]
    assert "reference" not in plain.metrics()


@pytest.mark.filterwarnings("ignore:.*have no label")
def test_entries_made_wrong_are_counted_one_by_one(tmp_path):
    labelled_tables.several().to_csv(tmp_path / "train.csv", index=False)
    options = {"label": labelled_tables.LABELS, "id": "key", "task": "multilabel", "estimator": "logistic"}
    test = {"test": str(tmp_path / "train.csv")}
    run = refine(
        tmp_path / "train.csv", tmp_path / "run", **options, **test, rounds=2, folds=3, corrupt="symmetric:0.1"
    )
    recovery = run.scores()[-1]["recovery"]
    assert (recovery["n"], recovery["n_wrong"]) == (180, 18)
    assert {"true_oof_mean_ap", "oof_mean_ap", "test_mean_ap"} <= run.scores()[-1].keys()
    assert run.metrics()["test"]["final"]["mean_ap"] > run.scores()[-1]["oof_mean_ap"]
    labels = run.labels()
    assert 0 < (labels["true_label"] != labels["given_label"]).sum() <= 18


def test_a_finished_run_says_so_and_changes_nothing(table, tmp_path):
    config = make_config({**OPTIONS, "source": str(table), "out": tmp_path / "run"})
    first = refine_run(config)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*") if path.is_file()}
    second = refine_run(config)
    assert not first.already
    assert second.already
    assert second.metrics == json.loads(json.dumps(first.metrics))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"momentum": 0.5}, "momentum was 0.75, now 0.5"),
        ({"folds": 4}, "folds was 3, now 4"),
        ({"seed": 1}, "seed was 0, now 1"),
        ({"rounds": 2}, "rounds was 3, now 2"),
        ({"estimator": ("logistic",)}, "estimator was"),
        ({"set": {"C": 2}}, "C"),
        ({"drop": ("b",)}, "drop was not given, now"),
        ({"corrupt": "symmetric:0.1"}, "corrupt was not given, now 'symmetric:0.1'"),
        ({"guard": 0.2}, "guard was not given, now 0.2"),
    ],
)
def test_another_configuration_is_refused_and_the_difference_named(table, tmp_path, change, message):
    refine(table, tmp_path / "run", **OPTIONS)
    before = _contents(tmp_path / "run")
    with pytest.raises(RunConflictError, match=message):
        refine(table, tmp_path / "run", **{**OPTIONS, **change})
    assert _contents(tmp_path / "run") == before


def test_other_data_is_refused_and_a_moved_file_is_not(table, tmp_path):
    refine(table, tmp_path / "run", **OPTIONS)
    moved = tmp_path / "moved.csv"
    shutil.copy(table, moved)
    assert refine(moved, tmp_path / "run", **OPTIONS).done
    frame = pd.read_csv(table)
    frame.iloc[:-1].to_csv(table, index=False)
    with pytest.raises(
        RunConflictError, match=r"the data changed \(60 rows x 2 columns before, 59 rows x 2 columns now\)"
    ):
        refine(table, tmp_path / "run", **OPTIONS)
    with pytest.raises(RunConflictError, match="the test data"):
        refine(moved, tmp_path / "run", **OPTIONS, test=str(table.with_name("test.csv")))


def test_jobs_change_no_byte(table, tmp_path):
    test = str(table.with_name("test.csv"))
    options = {
        **OPTIONS,
        "estimator": ("extra_trees",),
        "set": {"n_estimators": 5},
        "test": test,
        "guard": 0.2,
        "refit_on": "best",
    }
    refine(table, tmp_path / "one", **options, jobs=1)
    refine(table, tmp_path / "two", **options, jobs=2)
    one, two = _contents(tmp_path / "one"), _contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.parametrize("extra", [{}, {"guard": 0.25, "refit_on": "best"}], ids=["plain", "guard"])
def test_more_rounds_extend_a_run_to_the_same_bytes(table, tmp_path, extra):
    options = {**OPTIONS, **extra}
    refine(table, tmp_path / "grown", **{**options, "rounds": 1})
    n_timed = len((tmp_path / "grown" / "timing.jsonl").read_text().splitlines())
    refine(table, tmp_path / "grown", **{**options, "rounds": 4})
    refine(table, tmp_path / "whole", **{**options, "rounds": 4})
    assert _contents(tmp_path / "grown") == _contents(tmp_path / "whole")
    lines = (tmp_path / "grown" / "timing.jsonl").read_text().splitlines()
    assert len(lines) == (15 if extra else 12)  # nothing was fitted twice, the closing pass of the shorter run included
    assert n_timed == (6 if extra else 3)


def test_a_time_limit_stops_between_units_and_the_same_command_goes_on(table, tmp_path):
    with pytest.raises(TimeLimitReached, match="the same command goes on"):
        refine(table, tmp_path / "run", **OPTIONS, time_limit=1e-9)
    run = Run(tmp_path / "run")
    assert not run.done
    assert run.record["state"] == "stopped"
    assert (tmp_path / "run/rounds/01/units/m0-f0").exists()
    refine(table, tmp_path / "run", **OPTIONS)
    refine(table, tmp_path / "whole", **OPTIONS)
    assert _contents(tmp_path / "run") == _contents(tmp_path / "whole")


def test_ctrl_c_keeps_what_is_done(table, tmp_path, monkeypatch):
    from softlabel.learners.softmax_regression import SoftmaxRegression

    calls = []
    original = SoftmaxRegression.fit

    def interrupted(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SoftmaxRegression, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        refine(table, tmp_path / "run", **OPTIONS)
    assert Run(tmp_path / "run").record["state"] == "stopped"
    refine(table, tmp_path / "run", **OPTIONS)
    assert len(calls) == 5 + 5 + 1  # four fits were kept: five of nine were left, and the final one
    refine(table, tmp_path / "whole", **OPTIONS)
    assert _contents(tmp_path / "run") == _contents(tmp_path / "whole")


def test_a_failing_fold_is_named_the_rest_is_kept_and_resumed(table, tmp_path, monkeypatch):
    from softlabel.learners.softmax_regression import SoftmaxRegression

    calls = []
    original = SoftmaxRegression.fit

    def failing(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 5:
            raise MemoryError("no room for the fifth")
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SoftmaxRegression, "fit", failing)
    with pytest.raises(FitError, match=r"round 2, member 0, fold 1: MemoryError: no room for the fifth"):
        refine(table, tmp_path / "run", **OPTIONS)
    run = Run(tmp_path / "run")
    assert run.record["state"] == "stopped"
    assert "fold 1" in run.record["error"]
    assert (run.path / "rounds/02/units/m0-f2").exists()  # the fold after the failing one was still done
    assert not (run.path / "rounds/02/units/m0-f1").exists()
    refine(table, tmp_path / "run", **OPTIONS)
    assert len(calls) == 6 + 1 + 3 + 1
    assert Run(tmp_path / "run").record["error"] is None
    refine(table, tmp_path / "whole", **OPTIONS)
    assert _contents(tmp_path / "run") == _contents(tmp_path / "whole")


def test_two_runs_in_one_directory_are_refused(table, tmp_path):
    with RunLock(RunPaths(tmp_path / "run").lock), pytest.raises(RunLockedError):
        refine(table, tmp_path / "run", **OPTIONS)


def test_a_newer_format_is_refused(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS)
    record = json.loads((run.path / "run.json").read_text())
    key = next(name for name in record if "format" in name)
    (run.path / "run.json").write_text(json.dumps({**record, key: 99}))
    with pytest.raises(NewerFormatError, match="upgrade"):
        refine(table, tmp_path / "run", **OPTIONS)


@pytest.mark.parametrize(
    "name", ["rounds/02/refined.npy", "rounds/01/oof.npy", "rounds/03/units/m0-f1/held_out.npy", "given.npy"]
)
def test_a_file_changed_by_hand_is_refused_by_name(table, tmp_path, name):
    with pytest.raises(TimeLimitReached):  # stopped in round 1
        refine(table, tmp_path / "run", **OPTIONS, time_limit=1e-9)
    refine(table, tmp_path / "run", **OPTIONS)
    path = tmp_path / "run" / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    if "units" in name:  # read again only where its round is missing
        (tmp_path / "run/rounds/03/checksums.json").unlink()
    with pytest.raises(DamagedRunError, match=path.name.removesuffix(".npy")):
        refine(table, tmp_path / "run", **{**OPTIONS, "rounds": 4})


def test_a_folder_with_something_else_is_not_written_into(table, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("meow")
    with pytest.raises(RunError, match="photos"):
        refine(table, tmp_path / "photos", **OPTIONS)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_an_unwritable_place_is_named(table, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((StorageError, RunError), match="file"):
        refine(table, tmp_path / "file" / "run", **OPTIONS)


def test_a_full_disk_keeps_what_is_done(table, tmp_path, monkeypatch):
    import errno
    import os

    original, calls = os.replace, []

    def full(*args, **kwargs):
        calls.append(1)
        if len(calls) == 14:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(*args, **kwargs)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        refine(table, tmp_path / "run", **OPTIONS)
    monkeypatch.undo()
    refine(table, tmp_path / "run", **OPTIONS)
    refine(table, tmp_path / "whole", **OPTIONS)
    assert _contents(tmp_path / "run") == _contents(tmp_path / "whole")


def test_corruption_is_exact_known_and_scored(tmp_path):
    options = {"estimator": ("softmax",), "rounds": 1, "folds": 2, "final_targets": "refined"}
    run = refine("iris", tmp_path / "run", corrupt="symmetric:0.3", **options)
    labels = run.labels()
    assert (labels["given_label"] != labels["true_label"]).sum() == round(0.3 * len(labels))
    recovery = run.metrics()["rounds"][-1]["recovery"]
    moved = labels["moved_in_round"].notna()
    wrong = labels["given_label"] != labels["true_label"]
    assert recovery["n_wrong"] == wrong.sum()
    assert recovery["n_found"] == (moved & wrong).sum()
    assert recovery["n_spoiled"] == (moved & ~wrong).sum()


def test_a_run_on_the_labels_of_a_column(table, tmp_path):
    frame = pd.read_csv(table)
    frame["crowd"] = np.where(frame.index % 6 == 0, "cat", frame["kind"])
    frame.to_csv(table, index=False)
    run = refine(table, tmp_path / "run", **OPTIONS | {"rounds": 1}, corrupt="column:crowd")
    labels = run.labels()
    assert labels["given_label"].tolist() == frame["crowd"].tolist()
    assert labels["true_label"].tolist() == frame["kind"].tolist()
    assert run.metrics()["rounds"][0]["recovery"]["n_wrong"] == (frame["crowd"] != frame["kind"]).sum()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of a column that was no feature
        before = run.predict(str(table))
    frame.drop(columns="crowd").to_csv(tmp_path / "bare.csv", index=False)
    assert np.array_equal(run.predict(str(tmp_path / "bare.csv")), before)
    frame.loc[1, "crowd"] = "cat"
    frame.to_csv(table, index=False)
    with pytest.raises(RunConflictError, match="column crowd changed"):
        refine(table, tmp_path / "run", **OPTIONS | {"rounds": 1}, corrupt="column:crowd")


def test_guard_rows_have_a_quality_and_are_marked(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS, guard=0.2)
    labels = run.labels()
    assert labels["guard"].sum() == 12
    targets = run.targets()
    assert (targets[labels["guard"]].max(axis=1) == 1).all()
    assert labels.loc[labels["guard"], "label_quality"].max() < 1


def test_a_guard_file_stands_behind_the_rows(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS, guard=str(table.with_name("test.csv")))
    labels = run.labels()
    assert len(labels) == 90
    assert labels["guard"].tolist() == [False] * 60 + [True] * 30
    assert labels["id"].iloc[60] == "t0"


def test_predict_and_evaluate_need_nothing_but_the_run(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS)
    test = table.with_name("test.csv")
    predicted = Run(run.path).predict(str(test))
    assert predicted.columns.tolist() == ["id", "predicted_label", "p_ant", "p_bee", "p_cat"]
    assert predicted["id"].iloc[0] == "t0"
    truth = pd.read_csv(test)["kind"]
    assert Run(run.path).evaluate(str(test))["accuracy"] == pytest.approx(
        (predicted["predicted_label"] == truth).mean()
    )
    unlabelled = tmp_path / "unlabelled.csv"
    pd.read_csv(test).drop(columns="kind").to_csv(unlabelled, index=False)
    assert Run(run.path).predict(str(unlabelled)).equals(predicted)


def test_a_test_file_is_scored_each_round_and_at_the_end(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS, test=str(table.with_name("test.csv")))
    metrics = run.metrics()
    assert all("test_accuracy" in entry for entry in metrics["rounds"])
    assert metrics["test"]["final"]["accuracy"] == pytest.approx(
        run.evaluate(str(table.with_name("test.csv")))["accuracy"]
    )
    assert set(metrics["test"]) == {"plain", "final"}


def test_the_test_file_chooses_nothing(table, tmp_path):
    with_test = refine(table, tmp_path / "with", **OPTIONS, test=str(table.with_name("test.csv")))
    without = refine(table, tmp_path / "without", **OPTIONS)
    assert with_test.targets().tobytes() == without.targets().tobytes()
    assert with_test.labels().equals(without.labels())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "kid"}, "kid.*kind"),
        ({"label": None}, "label"),
        ({"test": "nowhere.csv"}, "nowhere.csv"),
        ({"estimator": ("forest",)}, "unknown estimator 'forest'"),
        ({"set": {"depth": 3}}, "depth"),
        ({"corrupt": "random:0.3"}, "random"),
        ({"folds": 100}, "only 60 rows"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(table, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        refine(table, tmp_path / "run", **{**OPTIONS, **options})
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_test_file_with_unseen_classes_is_refused(table, tmp_path):
    test = pd.read_csv(table.with_name("test.csv"))
    test.loc[0, "kind"] = "dog"
    test.to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(InputError, match="dog"):
        refine(table, tmp_path / "run", **OPTIONS, test=str(tmp_path / "odd.csv"))


def test_what_was_deleted_is_made_anew(table, tmp_path):
    refine(table, tmp_path / "run", **OPTIONS)
    before, probabilities = _contents(tmp_path / "run"), Run(tmp_path / "run").predict(str(table))
    for name in ("model", "labels.parquet", "metrics.json", "rounds/02", "rounds/03/units/m0-f1"):
        path = tmp_path / "run" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        refine(table, tmp_path / "run", **OPTIONS)
        if "units" not in name:  # a unit of a whole round is not needed any more
            assert _contents(tmp_path / "run") == before, name
        assert Run(tmp_path / "run").predict(str(table)).equals(probabilities)


def test_a_finished_run_keeps_its_results_while_it_is_extended(table, tmp_path):
    labels = refine(table, tmp_path / "run", **{**OPTIONS, "rounds": 1}).labels()
    with pytest.raises(TimeLimitReached):
        refine(table, tmp_path / "run", **OPTIONS, time_limit=1e-9)
    half = Run(tmp_path / "run")
    assert not half.done
    assert half.labels().equals(labels)
    assert len(half.predict(str(table))) == 60


def test_best_without_a_guard_is_refused_here_too(table, tmp_path):
    with pytest.raises(InputError, match="chooses by the guard, and there is none"):
        refine(table, tmp_path / "run", **OPTIONS, refit_on="best")


def test_a_tuple_among_the_parameters_is_no_other_run(table, tmp_path):
    options = OPTIONS | {"estimator": ("mlp",), "set": {"hidden_layer_sizes": (4,), "max_iter": 5}, "rounds": 1}
    refine(table, tmp_path / "run", **options)
    assert refine_run(make_config({**options, "source": str(table), "out": tmp_path / "run"})).already


def test_a_class_that_corruption_wipes_out_is_still_a_class(tmp_path):
    y = ["cat"] * 20 + ["dog"] * 20 + ["yak"]
    pd.DataFrame({"a": np.r_[np.zeros(20), np.ones(20), 5.0], "kind": y}).to_csv(tmp_path / "rare.csv", index=False)
    options = {"label": "kind", "estimator": ("softmax",), "rounds": 1, "folds": 2, "corrupt": "pair:1.0"}
    run = refine(tmp_path / "rare.csv", tmp_path / "run", **options)
    assert run.classes.tolist() == ["cat", "dog", "yak"]
    assert run.metrics()["rounds"][0]["recovery"]["n_wrong"] == 41


def test_guard_labels_that_are_unknown_are_refused(table, tmp_path):
    pd.read_csv(table).head(5).assign(kind="yak").to_csv(tmp_path / "guard.csv", index=False)
    with pytest.raises(InputError, match="the guard file has labels that the source has not: yak"):
        refine(table, tmp_path / "run", **OPTIONS, guard=str(tmp_path / "guard.csv"))


def test_a_model_that_cannot_be_stored_does_not_cost_the_labels(table, tmp_path, monkeypatch):
    def refusing(*args):
        raise RunError("it holds a lock, which cannot be stored")

    monkeypatch.setattr("softlabel.run.final_models.save_model", refusing)
    with pytest.raises(RunError, match="cannot be stored"):
        refine(table, tmp_path / "run", **OPTIONS)
    assert len(Run(tmp_path / "run").labels()) == 60


def test_a_run_that_is_not_done_has_no_labels_yet(table, tmp_path):
    with pytest.raises(TimeLimitReached):
        refine(table, tmp_path / "run", **OPTIONS, time_limit=1e-9)
    with pytest.raises(RunError, match="is stopped and has no labels; run the same refine command"):
        Run(tmp_path / "run").labels()
    assert np.array_equal(Run(tmp_path / "run").targets(), np.load(tmp_path / "run" / "given.npy"))


def test_a_run_of_pictures_that_stopped_within_a_round_goes_on_to_the_same_bytes(photos, network_options, tmp_path):
    options = network_options | {
        "rounds": 2,
        "tta": "flip",
        "guard": 0.2,
        "test": str(photos / "test"),
        "final": "folds",
    }
    whole = refine(photos / "train", tmp_path / "whole", **options)
    for _ in range(4):  # each time one more unit: it stops within both rounds
        with pytest.raises(TimeLimitReached):
            refine(photos / "train", tmp_path / "cut", **options, cache="disk", time_limit=1e-9)
        assert any((tmp_path / "cut" / "image-cache").iterdir())
    assert not (tmp_path / "cut" / "rounds" / "02" / "oof.npy").exists()
    cut = refine(photos / "train", tmp_path / "cut", **options, cache="none")
    assert _contents(cut.path) == _contents(whole.path)
    assert not (tmp_path / "cut" / "image-cache").exists()
    weights = [(run.path / "model" / "network-2.safetensors").read_bytes() for run in (whole, cut)]
    assert weights[0] == weights[1]


def test_views_change_the_targets_and_not_the_scores_of_test_rows(photos, network_options, tmp_path):
    options = network_options | {"rounds": 1, "test": str(photos / "test")}
    plain, views = (refine(photos / "train", tmp_path / name, **options, tta=name) for name in ("none", "flip"))
    assert not np.array_equal(plain.targets(), views.targets())
    assert plain.scores()[0]["test_nll"] == views.scores()[0]["test_nll"]


def test_processes_give_the_same_bytes_of_networks(photos, network_options, tmp_path):
    options = network_options | {"rounds": 1}
    one, two = (refine(photos / "train", tmp_path / f"{jobs}", **options, jobs=jobs) for jobs in (1, 2))
    assert _contents(one.path) == _contents(two.path)


def test_the_history_of_each_training_is_kept_without_times(photos, network_options, tmp_path):
    run = refine(photos / "train", tmp_path / "run", **network_options | {"rounds": 1, "epochs": 2})
    info = json.loads((run.path / "rounds/01/units/m0-f1/unit.json").read_text())
    text = json.dumps(info)
    assert "train_loss" in text
    assert "train_accuracy" in text
    assert "seconds" not in text


def test_a_network_that_cannot_be_built_is_refused_before_anything_is_written(photos, network_options, tmp_path):
    with pytest.raises(InputError, match=r"estimator small_cnn: .* no option 'wide'"):
        refine(photos / "train", tmp_path / "run", **network_options | {"set": {"network_options": {"wide": 4}}})
    assert not (tmp_path / "run").exists()


def test_broken_pictures_are_told_at_once_and_nothing_is_left(photos, network_options, tmp_path):
    shutil.copytree(photos / "train", tmp_path / "train")
    (tmp_path / "train" / "red" / "empty.png").write_bytes(b"")
    (tmp_path / "train" / "blue" / "cut.png").write_bytes((photos / "train" / "blue" / "000.png").read_bytes()[:60])
    with pytest.raises(InputError, match=r"2 of 62 .* cannot be read: .*cut\.png .*empty\.png"):
        refine(tmp_path / "train", tmp_path / "run", **network_options, cache="disk")
    assert not (tmp_path / "run").exists()


def test_the_content_of_pictures_is_part_of_a_run_and_their_place_is_not(photos, network_options, tmp_path):
    options = network_options | {"rounds": 1}
    refine(photos / "train", tmp_path / "run", **options)
    shutil.copytree(photos / "train", tmp_path / "moved")
    assert refine_run(make_config({**options, "source": str(tmp_path / "moved"), "out": tmp_path / "run"})).already
    shutil.copy(tmp_path / "moved" / "red" / "030.png", tmp_path / "moved" / "red" / "031.png")
    with pytest.raises(RunConflictError, match="the data changed"):
        refine(tmp_path / "moved", tmp_path / "run", **options)
    with pytest.raises(RunConflictError, match="epochs was 1, now 2; image-size was not given, now 8"):
        refine(photos / "train", tmp_path / "run", **options | {"epochs": 2, "image_size": 8})


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_where_nothing_is_refined_no_grade_that_votes_gave_has_moved(tmp_path, view):
    counts = np.random.default_rng(0).multinomial(4, [0.3, 0.2, 0.2, 0.3], size=90)
    frame = labelled_tables.features(90).assign(**{f"n_{grade}": counts[:, grade] for grade in range(4)})
    frame.to_csv(tmp_path / "train.csv", index=False)
    votes = [f"n_{grade}" for grade in range(4)]
    options = {"votes": votes, "task": "ordinal", "view": view, "estimator": "knn", "rounds": 1, "folds": 3}
    run = refine(tmp_path / "train.csv", tmp_path / "run", id="key", momentum=1, **options)
    assert run.metrics()["moved"] == 0
    assert np.array_equal(run.targets(1), run.targets(0))
    given = run.task.codes(run.labels()["given_label"].to_numpy())
    assert (run.task.margin(run.targets(), given) >= 0).all()
    again = refine(tmp_path / "train.csv", tmp_path / "run", id="key", momentum=1, **options)  # the same run
    assert again.evaluate(str(tmp_path / "train.csv"))["n_rows"] == 90


def test_a_guard_without_votes_stands_behind_rows_that_have_them(tmp_path):
    frame = labelled_tables.grades().drop(columns="key")
    frame.to_csv(tmp_path / "train.csv", index=False)
    frame.head(20).to_csv(tmp_path / "guard.csv", index=False)
    votes = pd.DataFrame({"id": range(60), "annotator": 0, "label": 3 - frame["grade"]})
    votes.to_csv(tmp_path / "votes.csv", index=False)
    options = {"votes": str(tmp_path / "votes.csv"), "reference": "votes", "task": "ordinal", "estimator": "ridge"}
    run = refine(
        tmp_path / "train.csv", tmp_path / "run", label="grade", guard=str(tmp_path / "guard.csv"), rounds=1, **options
    )
    assert run.targets(0)[:60, 0].tolist() == (3 - frame["grade"]).tolist()
    assert run.targets(0)[60:, 0].tolist() == frame["grade"].head(20).tolist()
    assert run.metrics()["reference"]["given"]["mae"] == 0


def test_trusted_rows_are_pinned_stored_and_part_of_what_a_run_is(table, tmp_path):
    frame = pd.read_csv(table)
    trusted = np.arange(60) % 5 == 0
    frame.assign(sure=np.where(trusted, 1, 0)).to_csv(tmp_path / "marked.csv", index=False)
    options = OPTIONS | {"trusted": "sure", "momentum": 0.5, "corrupt": "symmetric:0.2"}
    run = refine(tmp_path / "marked.csv", tmp_path / "run", **options)
    assert np.array_equal(run.trusted(), trusted)
    assert np.array_equal(run.targets()[trusted], run.targets(0)[trusted])
    labels = run.labels()
    assert labels["trusted"].tolist() == trusted.tolist()
    assert (labels.loc[trusted, "label_quality"] == 1).all()
    assert not run.issues()["trusted"].any()
    assert (labels["given_label"] == labels["true_label"])[trusted].all()
    metrics = run.metrics()
    assert metrics["n_trusted"] == 12
    assert metrics["rounds"][-1]["recovery"]["n"] == 48
    assert "trusted_accuracy" in metrics["rounds"][0]
    assert len(metrics["trusted_noise"]["matrix"]) == 3
    assert run.predict(str(tmp_path / "marked.csv")).equals(run.predict(str(table)))  # the column is no feature
    before = _contents(run.path)
    ids = pd.DataFrame({"key": frame["key"][trusted][::-1]})
    ids.to_csv(tmp_path / "ids.csv", index=False)
    refine(table, run.path, **options | {"trusted": str(tmp_path / "ids.csv")})  # by content the same run
    assert _contents(run.path) == before
    with pytest.raises(RunConflictError, match="the choice of trusted rows was given and is now missing"):
        refine(table, run.path, **{name: value for name, value in options.items() if name != "trusted"})
    ids[1:].to_csv(tmp_path / "ids.csv", index=False)
    with pytest.raises(RunConflictError, match=r"the choice of trusted rows changed"):
        refine(table, run.path, **options | {"trusted": str(tmp_path / "ids.csv")})


def test_a_run_with_trusted_rows_ends_the_same_when_it_was_stopped(table, tmp_path):
    pd.read_csv(table).assign(sure=np.arange(60) < 35).to_csv(tmp_path / "marked.csv", index=False)
    options = OPTIONS | {"trusted": "sure", "refit_on": "best", "momentum": 0.5}
    whole = refine(tmp_path / "marked.csv", tmp_path / "whole", **options)
    for limit in (1e-9,) * 3:
        with pytest.raises(TimeLimitReached):
            refine(tmp_path / "marked.csv", tmp_path / "cut", **options, time_limit=limit)
    cut = refine(tmp_path / "marked.csv", tmp_path / "cut", **options)
    assert _contents(cut.path) == _contents(whole.path)
    assert "trusted_accuracy" in whole.metrics()["closing"]


def test_where_the_rounds_of_a_chosen_plan_led_astray_run_and_estimator_take_the_given_labels(tmp_path, monkeypatch):
    X, y = blobs(40, spread=0.5)
    moved = np.random.default_rng(1).permutation(120)[:36]
    y[moved] = (y[moved] + 1) % 3
    frame = pd.DataFrame(X, columns=["a", "b"]).assign(label=y)
    frame.to_csv(tmp_path / "train.csv", index=False)
    options = {"label": "label", "estimator": "logistic", "rounds": 2, "folds": 3, "guard": None}
    kept = refine(tmp_path / "train.csv", tmp_path / "kept", **options).metrics()
    assert kept["final_targets"] == "pruned"
    asked = []

    def behind(problem, first, last):
        asked.append((first, last))
        return 0.1, 0.02

    monkeypatch.setattr("softlabel.methods.final_choice.led_astray", behind)
    refine(tmp_path / "train.csv", tmp_path / "run", **options | {"rounds": 1})
    run = refine(tmp_path / "train.csv", tmp_path / "run", **options)  # extended
    metrics = run.metrics()
    stored = [np.load(run.path / f"rounds/0{number}/oof.npy") for number in (1, 2)]
    assert [[np.array_equal(one, oof) for oof in stored] for one in asked[-1]] == [[True, False], [False, True]]
    assert (metrics["final_targets"], metrics["refinements"], metrics["left_out"]) == ("given", 0, 0)
    assert metrics["choice"]["name"] == "given"
    assert metrics["choice"]["reason"].startswith(kept["choice"]["name"] + " was chosen, but")
    assert metrics["choice"]["candidates"] == kept["choice"]["candidates"]
    refinery = StochasticLabelRefinery(named_estimator("logistic"), n_rounds=2, cv=3, random_state=0)
    refinery.fit(frame[["a", "b"]].to_numpy(np.float32), y)
    assert (refinery.final_targets_, refinery.best_round_, refinery.choice_) == ("given", 0, metrics["choice"])
    assert [one.tobytes() for one in asked[-1]] == [one.tobytes() for one in stored]
    asked.clear()
    refinery.set_params(refit_on="best", guard=0.2).fit(frame[["a", "b"]].to_numpy(np.float32), y)
    assert not asked  # the guard has seen what rounds are worth


def _evidence(root):
    return sorted(str(path.parent.relative_to(root)) for path in root.glob("evidence/**/unit.json"))


def test_a_run_chooses_by_default_keeps_the_evidence_and_grows_by_the_same_choice(table, tmp_path):
    whole = refine(table, tmp_path / "whole", **CHOOSING)
    metrics = whole.metrics()
    plans = ["given", "pruned by bayes", "pruned by momentum 0"]
    assert [one["name"] for one in metrics["choice"]["candidates"]] == plans
    assert metrics["choice"]["n_scored"] == 60  # too few to be sure early: each row was in one guard
    assert metrics["final_targets"] == ("given" if metrics["choice"]["name"] == "given" else "pruned")
    assert whole.record["identity"]["final_targets"] == whole.record["identity"]["momentum"] == "auto"
    kept = _evidence(whole.path)
    assert "evidence/1-plain/rounds/01/units/m0-f0" in kept
    assert "evidence/1-fit-given/rounds/01/units/m0-f0" in kept

    grown = refine(table, tmp_path / "grown", **CHOOSING | {"rounds": 1})
    assert (grown.metrics()["choice"], _evidence(grown.path)) == (metrics["choice"], kept)
    n_timed = len((grown.path / "timing.jsonl").read_text().splitlines())
    refine(table, grown.path, **CHOOSING)
    assert len((grown.path / "timing.jsonl").read_text().splitlines()) == n_timed + 6  # two rounds, no evidence again
    assert _contents(grown.path) == _contents(whole.path)


def test_short_teachers_and_a_forest_are_chosen_killed_and_extended_like_others(table, tmp_path):
    options = CHOOSING | {"estimator": ["sklearn.ensemble:HistGradientBoostingClassifier"], "rounds": 2}
    whole = refine(table, tmp_path / "whole", **options)
    names = [one["name"] for one in whole.metrics()["choice"]["candidates"]]
    assert names == [
        "given",
        "pruned by bayes with short teachers",
        "pruned by bayes with a forest",
        "pruned by momentum 0 with a forest",
    ]
    for first in ("plain-short-teachers", "plain-a-forest"):
        assert f"evidence/1-{first}/rounds/01/units/m0-f0" in _evidence(whole.path)
    options |= {"rounds": 1}
    with pytest.raises(TimeLimitReached):
        refine(table, tmp_path / "cut", **options, time_limit=1e-9)
    refine(table, tmp_path / "cut", **options)
    cut = refine(table, tmp_path / "cut", **options | {"rounds": 2})
    assert cut.metrics()["choice"] == whole.metrics()["choice"]
    assert _contents(cut.path) == _contents(whole.path)


def test_a_run_by_a_forest_is_the_estimator_resumed_or_not(tmp_path):
    """One learner that follows every row (a tree of its own for each) and learns by steps: what it says of wrong labels is worth little."""
    draws = np.random.default_rng(0)
    X = draws.normal(size=(240, 3)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int)
    y[:72] = 1 - y[:72]
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=y)
    frame.to_csv(tmp_path / "train.csv", index=False)
    boosting = {"learning_rate": 1.0, "max_depth": 12, "n_estimators": 10, "random_state": 0}
    options = {"label": "y", "folds": 3, "estimator": ["sklearn.ensemble:GradientBoostingClassifier"]}
    options["set"] = boosting
    whole = refine(tmp_path / "train.csv", tmp_path / "whole", **options, rounds=2)
    assert whole.metrics()["choice"]["name"].endswith("with a forest")
    estimator = GradientBoostingClassifier(**boosting)
    refinery = StochasticLabelRefinery(estimator, n_rounds=2, cv=3, random_state=0).fit(
        frame[["a", "b", "c"]].to_numpy(np.float32), y
    )
    assert whole.metrics()["choice"] == json.loads(json.dumps(refinery.choice_))
    assert whole.targets().tobytes() == refinery.refined_targets_.tobytes()
    refine(tmp_path / "train.csv", tmp_path / "grown", **options, rounds=1)
    grown = refine(tmp_path / "train.csv", tmp_path / "grown", **options, rounds=2)
    assert _contents(grown.path) == _contents(whole.path)


@pytest.mark.parametrize("guard", [None, 0.25])
def test_a_choice_that_was_interrupted_goes_on_with_the_fits_that_are_there(table, tmp_path, guard):
    options = CHOOSING | {"rounds": 1, "guard": guard}
    whole = refine(table, tmp_path / "whole", **options)
    for n_done in (1, 2, 3):
        with pytest.raises(TimeLimitReached):
            refine(table, tmp_path / "cut", **options, time_limit=1e-9)
        assert len(_evidence(tmp_path / "cut")) == n_done
        assert not (tmp_path / "cut" / "rounds").exists()
        assert Run(tmp_path / "cut").record["state"] == "stopped"
    cut = refine(table, tmp_path / "cut", **options)
    assert _contents(cut.path) == _contents(whole.path)
    timed = [json.loads(line) for line in (cut.path / "timing.jsonl").read_text().splitlines()]
    assert sum("evidence" in one for one in timed) == len(_evidence(whole.path))  # none was fitted twice


def test_refined_targets_by_name_are_chosen_by_nobody(table, tmp_path):
    run = refine(table, tmp_path / "run", **OPTIONS | {"rounds": 1})
    assert run.metrics()["choice"] is None
    assert run.metrics()["final_targets"] == "refined"
    assert not (run.path / "evidence").exists()
