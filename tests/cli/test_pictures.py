"""Pictures and networks from the command line: folders, tables, arrays; and what is wrong with them in one line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from coloured_pictures import coloured, photo_folders
from made_pictures import encoded

SMALL = [
    "--set",
    "network_options={'width': 4}",
    "--epochs",
    "1",
    "--batch-size",
    "16",
    "--folds",
    "3",
    "--rounds",
    "1",
    "--final-targets",
    "refined",
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return photo_folders(tmp_path_factory.mktemp("photos"))


def test_from_a_folder_to_a_model_that_predicts_others(call, photos, tmp_path):
    run = tmp_path / "run"
    command = [
        "refine",
        photos / "train",
        "--epochs",
        "2",
        "--batch-size",
        "16",
        "--lr",
        "0.05",
        "--augment",
        "crop+flip",
    ]
    command += [
        "--tta",
        "flip",
        "--folds",
        "3",
        "--rounds",
        "1",
        "--test",
        photos / "test",
        "--device",
        "cpu",
        "--out",
        run,
    ]
    command[2:2] = SMALL[:2] + SMALL[-2:]
    status, out, err = call(*command)
    assert status == 0, err
    assert "plan: 60 images of 10 x 10, 3 colours, 2 classes of 30 rows" in err
    assert "1 round x 3 folds x 1 estimator (small_cnn) and the final fit: 5 fits" in err
    assert "final model, refined labels" in out
    identity = json.loads((run / "run.json").read_text())["identity"]
    chosen = {name: identity[name] for name in ("epochs", "batch_size", "lr", "augment", "tta")}
    assert chosen == {"epochs": 2, "batch_size": 16, "lr": 0.05, "augment": "crop+flip", "tta": "flip"}
    assert "device" not in identity
    status, out, _ = call(*command[:-4], "--jobs", "auto", "--out", run)
    assert status == 0
    assert "is done already" in out
    status, out, _ = call("predict", run, photos / "test", "--tta", "flip", "--device", "cpu")
    assert status == 0
    assert out.splitlines()[0] == "id,predicted_label,p_blue,p_red"
    assert out.splitlines()[1].startswith("blue/000.png,")
    status, out, _ = call("evaluate", run, photos / "test", "--json")
    assert status == 0
    scores = json.loads(out)
    views = json.loads(call("evaluate", run, photos / "test", "--tta", "flip", "--json")[1])
    assert views["nll"] != scores["nll"]
    assert call("predict", run, photos / "test")[1] != call("predict", run, photos / "test", "--tta", "flip")[1]
    assert scores["accuracy"] == json.loads((run / "metrics.json").read_text())["test"]["final"]["accuracy"]
    assert "60 images of 10 x 10, 3 colours, 2 classes: blue, red" in call("info", run)[1]
    assert call("export", run, "--part", "corrected", "--to", tmp_path / "out.csv")[0] == 0
    assert pd.read_csv(tmp_path / "out.csv")["id"][0] == "blue/000.png"


def test_several_networks_label_with_views_and_all_are_kept(call, photos, tmp_path):
    members = ["--estimator", "small_cnn", "--estimator", "small_cnn", "--set", "1.network_options={'width': 4}"]
    members += ["--set", "2.network_options={'width': 6}", "--set", "2.epochs=2", "--final-members", "all"]
    options = ["--epochs", "1", "--folds", "2", "--rounds", "1", "--tta", "flip+shift", "--out", tmp_path / "run"]
    status, _, err = call("refine", photos / "train", *members, *options)
    assert status == 0, err
    assert "2 estimators (small_cnn, small_cnn)" in err
    assert len(list((tmp_path / "run" / "model").glob("*.safetensors"))) == 2
    histories = [
        json.loads((tmp_path / f"run/rounds/01/units/m{m}-f0/unit.json").read_text())["info"]["history"] for m in (0, 1)
    ]
    assert [len(history) for history in histories] == [1, 2]


def _contents(root):
    """Every file that equal runs share to the byte."""
    files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
    unequal = ("timing.jsonl", "lock", "model/model.skops", "model/model.json")
    return {name: path.read_bytes() for name, path in files.items() if name not in unequal}


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="kills a group of processes")
def test_a_run_of_pictures_that_is_killed_in_a_round_goes_on_at_the_next_fold(call, photos, tmp_path):
    command = ["refine", str(photos / "train"), *SMALL, "--cache", "disk", "--tta", "flip", "--threads", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "softlabel", *command, "--out", str(tmp_path / "killed")],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("round 1, member 0, fold 0"):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "rounds" / "01" / "oof.npy").exists()
    status, _, err = call(*command, "--out", tmp_path / "killed")
    assert status == 0, err
    assert "already done" in err
    assert call(*command, "--out", tmp_path / "calm")[0] == 0
    assert _contents(tmp_path / "killed") == _contents(tmp_path / "calm")


def test_a_loss_that_is_no_number_stops_the_run_and_says_where(call, photos, tmp_path):
    status, _, err = call("refine", photos / "train", *SMALL, "--lr", "1e30", "--out", tmp_path / "run")
    assert status == 1
    line = err.splitlines()[-1]
    assert "the learner failed in round 1, member 0, fold 0" in line
    assert "epoch 1" in line
    assert "learning rate" in line
    assert line.endswith(
        "what is done is kept: once the cause is gone the same command goes on; with other settings give another --out"
    )


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("estimator", ["small_cnn", "extra_trees"])
def test_arrays_of_pictures(call, tmp_path, colours, estimator):
    X, y = coloured(15)
    X = X if colours == 3 else X[..., 0]
    np.savez(tmp_path / "a.npz", train_images=X, train_labels=y, test_images=X[::3], test_labels=y[::3])
    options = SMALL if estimator == "small_cnn" else ["--estimator", estimator, "--folds", "3", "--rounds", "1"]
    status, _, err = call("refine", tmp_path / "a.npz", *options, "--out", tmp_path / "run")
    assert status == 0, err
    assert f"plan: 30 images of 10 x 10, {'3 colours' if colours == 3 else '1 colour'}" in err
    assert f"({estimator})" in err
    assert json.loads(call("evaluate", tmp_path / "run", tmp_path / "a.npz", "--json")[1])["n_rows"] == 10


@pytest.mark.parametrize("form", ["bytes", "hugging face", "paths"])
def test_tables_of_pictures(call, photos, tmp_path, form):
    X, y = coloured(15)
    cells = [encoded(picture) for picture in X]
    if form == "hugging face":
        cells = [{"bytes": cell, "path": None} for cell in cells]
    elif form == "paths":
        shutil.copytree(photos / "train", tmp_path / "files")
        cells = [f"files/{kind}/{n:03d}.png" for kind, n in zip(y, [*range(15), *range(30, 45)], strict=True)]
    frame = pd.DataFrame({"key": [f"k{n}" for n in range(30)], "picture": cells, "kind": y, "noise": 1.0})
    path = tmp_path / ("t.csv" if form == "paths" else "t.parquet")
    frame.to_csv(path, index=False) if form == "paths" else frame.to_parquet(path)
    columns = ["--label", "kind", "--id", "key", "--image", "picture", "--image-size", "8"]
    status, _, err = call("refine", path, *columns, *SMALL, "--out", tmp_path / "run")
    assert status == 0, err
    assert "plan: 30 images of 8 x 8, 3 colours" in err
    status, out, err = call("predict", tmp_path / "run", path)
    assert (status, out.splitlines()[1].split(",")[0]) == (0, "k0"), err
    assert json.loads(call("evaluate", tmp_path / "run", path, "--json")[1])["n_rows"] == 30
    # What was learnt from a table serves for a folder.
    assert json.loads(call("evaluate", tmp_path / "run", photos / "test", "--json")[1])["n_rows"] == 20


@pytest.fixture
def refused(call, photos, tmp_path, monkeypatch):
    """Refine what must not be refined; return (exit status, the last line of stderr)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a,kind\n1,x\n2,y\n")

    def run(source, *options):
        status, out, err = call("refine", photos / source if source == "train" else source, *options, "--out", "run")
        assert "Traceback" not in err
        assert not (tmp_path / "run").exists()
        assert out == ""
        return status, err.splitlines()[-1]

    return run


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("train", ["--label", "x"], "is no table, so --label cannot name its columns"),
        ("train", ["--image", "x"], "is no table, so --image cannot name its columns"),
        (
            "train",
            ["--estimator", "knn", "--estimator", "small_cnn"],
            "small_cnn takes pictures and knn rows of numbers",
        ),
        ("train", ["--estimator", "knn", "--epochs", "3"], "--epochs 3 is for networks"),
        ("train", ["--estimator", "knn", "--tta", "flip"], "--tta flip averages views of pictures"),
        ("train", ["--estimator", "knn", "--device", "cuda"], "--device cuda is for networks"),
        ("train", ["--augment", "flup"], "did you mean 'flip'?"),
        ("train", ["--tta", "flup"], "did you mean 'flip'?"),
        ("train", ["--image-size", "4"], "--image-size 4: give a whole number of pixels, 8 or more"),
        ("train", ["--lr", "-1"], "--lr -1: give a number above 0"),
        ("train", ["--cache", "tape"], "--cache tape: give auto, memory, disk or none"),
        ("train", ["--device", "gpu"], "--device gpu: give auto, cpu, cuda, cuda:N or mps"),
        ("train", ["--jobs", "many"], "--jobs many: give a number of processes, -1 for one a core, or auto"),
        ("train", ["--weights", "none.pt"], "--weights none.pt: there is no such file"),
        ("train", ["--weights", "t.csv"], "weights 't.csv' cannot be read"),
        ("train", ["--weights", "pretrained"], "for timm:NAME only"),
        ("train", ["--estimator", "timm:nothing_at_all"], "timm has no model 'nothing_at_all'"),
        ("train", ["--set", "colour=red"], "small_cnn has no setting 'colour'"),
        ("train", ["--set", "lr=-1"], "estimator small_cnn: lr=-1; give a number above 0"),
        ("train", ["--test", "t.csv"], "give a folder"),
        ("iris", ["--image-size", "32"], "--image-size cannot resize any"),
        ("iris", ["--epochs", "3"], "--epochs 3 is for networks, and none of the estimators (extra_trees) has it"),
        ("iris", ["--estimator", "torch_mlp", "--tta", "flip"], "the rows of iris are none; leave it out"),
        ("iris", ["--estimator", "torch_mlp", "--augment", "flip"], "is for pictures, and these rows are none"),
        ("iris", ["--estimator", "small_cnn"], "small_cnn"),
        ("t.csv", ["--label", "kind", "--image-size", "8"], "name its column of pictures with --image"),
        ("t.csv", ["--label", "kind", "--image", "photo"], "has no column 'photo'"),
    ],
)
def test_wrong_options_are_told_in_one_line_and_nothing_is_written(refused, source, options, message):
    status, line = refused(source, *options)
    assert status == 2
    assert line.startswith("softlabel: ")
    assert message in line


def test_broken_pictures_are_named_all_at_once(call, photos, tmp_path):
    shutil.copytree(photos / "train", tmp_path / "train")
    (tmp_path / "train" / "red" / "a.png").write_bytes(b"")
    (tmp_path / "train" / "red" / "b.png").write_bytes((photos / "train" / "red" / "030.png").read_bytes()[:70])
    (tmp_path / "train" / "blue" / "c.jpg").write_bytes(b"no picture at all")
    status, _, err = call("refine", tmp_path / "train", *SMALL, "--out", tmp_path / "run")
    assert status == 2
    assert all(name in err.splitlines()[-1] for name in ("3 of 63", "red/a.png", "red/b.png", "blue/c.jpg"))
    assert not (tmp_path / "run").exists()


def test_pictures_of_mixed_size_need_one(call, photos, tmp_path):
    shutil.copytree(photos / "train", tmp_path / "train")
    (tmp_path / "train" / "red" / "wide.png").write_bytes(encoded(coloured(1, side=14)[0][1]))
    status, _, err = call("refine", tmp_path / "train", *SMALL, "--out", tmp_path / "run")
    assert status == 2
    assert "--image-size 10" in err.splitlines()[-1]
    status, _, err = call("refine", tmp_path / "train", *SMALL, "--image-size", "10", "--out", tmp_path / "run")
    assert status == 0, err


@pytest.mark.parametrize(
    ("package", "said"),
    [("torch", "softlabel[torch]"), ("torchvision", "softlabel[vision]"), ("PIL", "softlabel[vision]")],
)
def test_a_missing_extra_is_named_with_the_line_that_installs_it(call, photos, tmp_path, monkeypatch, package, said):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    status, _, err = call("refine", photos / "train", "--out", tmp_path / "run")
    assert status == 1
    assert f"pip install '{said}'; or give --estimator extra_trees" in err.splitlines()[-1]
    assert not (tmp_path / "run").exists()


def test_without_torch_pixels_are_features(call, photos, tmp_path, monkeypatch):
    for package in ("torch", "torchvision", "timm", "safetensors"):
        monkeypatch.setitem(sys.modules, package, None)
    options = ["--estimator", "extra_trees", "--folds", "3", "--rounds", "1", "--out", tmp_path / "run"]
    status, _, err = call("refine", photos / "train", *options)
    assert status == 0, err
    assert call("evaluate", tmp_path / "run", photos / "test")[0] == 0
    monkeypatch.setitem(sys.modules, "PIL", None)
    status, _, err = call("refine", photos / "train", *options[:-1], tmp_path / "other")
    assert status == 1
    assert "pillow is not installed; install it with: pip install 'softlabel[vision]'" in err.splitlines()[-1]
