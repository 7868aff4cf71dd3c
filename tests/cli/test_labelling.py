"""Labels per crop from the command line, end to end."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coloured_pictures import photo_folders
from softlabel import CropStore, StoredCrops, picture_digests
from softlabel.data.source import load
from stored_labels import contents
from taught import small

OPTIONS = ["--crops", "2", "--batch-size", "32", "--device", "cpu"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return photo_folders(tmp_path_factory.mktemp("place"))


@pytest.fixture
def run(call, place):
    """A finished run on the pictures, made once."""
    if not (place / "run").exists():
        command = [
            "refine",
            place / "train",
            "--set",
            "network_options={'width': 4}",
            "--epochs",
            "2",
            "--batch-size",
            "16",
        ]
        assert call(*command, "--rounds", "0", "--final-targets", "refined", "--out", place / "run")[0] == 0
    return place / "run"


def test_from_a_run_to_labels_to_a_student(call, place, run, tmp_path):
    out = tmp_path / "labels"
    command = ["label", place / "train", "--teacher", run, *OPTIONS, "--out", out]
    status, told, progress = call(*command)
    assert status == 0
    assert "60 images of 10 x 10, 3 colours, 2 crops each; 2 classes: blue, red" in told
    assert progress.splitlines()[0] == "plan: crops of 60 pictures to label"
    assert progress.splitlines()[-1] == "60 of 60 pictures labelled"
    before = contents(out)
    status, told, progress = call(*command)
    assert status == 0
    assert told.splitlines()[0] == f"{out} is done already; nothing was changed"
    assert progress == ""
    assert contents(out) == before
    data = load(place / "train")
    assert np.array_equal(CropStore(out).pictures, picture_digests(data.X))
    student = small(labeler=StoredCrops(out, 2)).fit(data.X, data.y)
    assert student.classes_.tolist() == ["blue", "red"]


def test_json_and_info(call, place, run, tmp_path):
    out = tmp_path / "labels"
    status, told, _ = call("label", place / "train", "--teacher", run, *OPTIONS, "--out", out, "--json")
    assert status == 0
    made = json.loads(told)
    assert (made["already_done"], made["n_images"], made["n_crops"], made["done"]) == (False, 60, 2, True)
    assert made["n_bytes"] == CropStore(out).n_bytes
    told = json.loads(call("info", out, "--json")[1])
    assert told == {name: value for name, value in made.items() if name != "already_done"}
    status, told, _ = call("info", out)
    assert status == 0
    assert told.splitlines()[0] == f"{out}: labels of crops, done"
    assert "bytes a crop" in told
    assert "recipe=resized_crop+flip, seed=0, teacher-mode=eval, batch-size=32" in told
    (next((out / "shards").iterdir())).rename(tmp_path / "gone")
    told = call("info", out)[1]
    assert "0 of 60 pictures labelled" in told
    assert "goes on with it" in told


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--crops", "3"], 1, "n_crops was 2, now 3"),
        (["--seed", "4"], 1, "seed was 0, now 4"),
        (["--augment", "crop"], 1, "recipe was 'resized_crop+flip', now 'crop'"),
        (["--teacher-mode", "train"], 1, "teacher_mode was 'eval', now 'train'"),
        (["--augment", "mixup"], 2, "cannot repeat"),
        (["--crops", "many"], 2, "--crops many: give a whole number"),
        (["--teacher", "nowhere"], 1, "nowhere does not exist"),
    ],
)
def test_other_settings_are_refused_in_one_line(call, place, run, tmp_path, options, status, said):
    out = place / "labels"
    command = ["label", place / "train", "--teacher", run, *OPTIONS, "--out", out]
    assert call(*command)[0] == 0
    before = contents(out)
    got, told, complaint = call(*command, *options)
    assert got == status
    assert told == ""
    assert said in complaint
    assert len(complaint.strip().splitlines()) == 1
    assert contents(out) == before


def test_ctrl_c_says_how_to_go_on(call, place, run, tmp_path, monkeypatch):
    from softlabel.cli.label_progress import LabelWatcher

    def interrupted(self, n_labelled, n):
        raise KeyboardInterrupt

    command = ["label", place / "train", "--teacher", run, *OPTIONS, "--out", tmp_path / "labels"]
    with monkeypatch.context() as patched:
        patched.setattr(LabelWatcher, "labelled", interrupted)
        status, told, complaint = call(*command)
    assert (status, told) == (1, "")
    assert "the same command goes on" in complaint
    assert call(*command)[0] == 0


def test_help_names_the_options(call):
    status, told, _ = call("label", "--help")
    assert status == 0
    for option in ("--teacher", "--crops", "--top", "--teacher-mode", "--augment", "--out", "--image-size", "--json"):
        assert option in told
