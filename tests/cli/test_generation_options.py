"""``softlabel refine`` with teachers, from the command line."""

import json

import pytest

from coloured_pictures import photo_folders
from command_line import called
from softlabel import refine

NETWORK = (
    *("--student", "small_cnn", "--set", "network_options={'width': 4}", "--epochs", "1", "--batch-size", "16"),
    *("--augment", "resized_crop:0.5"),
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return photo_folders(tmp_path_factory.mktemp("photos"))


@pytest.fixture
def softlabel(monkeypatch, capsys):
    return lambda *arguments: called(monkeypatch, capsys, *arguments)


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    """A run of two generations, made in Python: the same as the command makes."""
    network = {"student": "small_cnn", "set": {"network_options": {"width": 4}}, "epochs": 1, "batch_size": 16}
    options = network | {"augment": "resized_crop:0.5", "method": "label-refinery", "generations": 2}
    return refine(photos / "train", tmp_path_factory.mktemp("runs") / "lr", test=str(photos / "test"), **options).path


def test_generations_are_told_as_they_come_and_in_a_table(photos, run, softlabel, tmp_path):
    options = ("--method", "label-refinery", "--generations", "2", "--test", photos / "test", *NETWORK)
    status, out, told = softlabel("refine", photos / "train", *options, "--out", tmp_path / "run")
    assert status == 0, told
    assert "2 generations (small_cnn): 2 fits" in told
    assert "generation 2: accuracy on its own rows" in told
    assert "the final model is generation 2" in out
    assert "acc. test" in out
    assert (tmp_path / "run" / "labels.parquet").read_bytes() == (run / "labels.parquet").read_bytes()
    _, shown, _ = softlabel("info", run)
    assert "done, 2 of 2 generations whole" in shown
    assert "acc. own rows" in shown


def test_a_finished_run_says_so(photos, run, softlabel):
    options = ("--method", "label-refinery", "--generations", "2", "--test", photos / "test", *NETWORK)
    _, out, _ = softlabel("refine", photos / "train", *options, "--out", run)
    assert "is done already; nothing was changed (more --generations would extend it)" in out
    assert "labels (rows that they trained on, unless folds taught)" in out  # contradictions of such models say little
    status, _, err = softlabel("info", run, "--noise")
    assert status != 0
    assert "was made by --method label-refinery, which predicts no rows out of fold" in err


def test_a_run_teaches_and_its_model_predicts(photos, run, softlabel, tmp_path):
    options = ("--method", "ldl", "--mix", "cutmix", "--teacher", run, *NETWORK)
    status, out, told = softlabel("refine", photos / "train", *options, "--out", tmp_path / "ldl", "--json")
    assert status == 0, told
    assert [entry["generation"] for entry in json.loads(out)["generations"]] == [1]
    assert "blue" in softlabel("predict", tmp_path / "ldl", photos / "test")[1]


def test_figures_are_drawn(run, softlabel, tmp_path):
    status, _, told = softlabel("info", run, "--figures", tmp_path / "figures")
    assert status == 0, told
    assert (tmp_path / "figures" / "profile.png").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--generations", "2"), "--generations: no option of --method slr; give --method label-refinery"),
        (("--method", "ldl", "--mix", "blur"), "--mix blur has 'blur'; give words joined by +: mixup, cutmix"),
        (("--method", "label-refinery", "--generations", "some"), "--generations some: give a whole number, 1 or more"),
    ],
    ids=["generations", "mix", "number"],
)
def test_one_line_for_what_cannot_be(photos, softlabel, tmp_path, options, message):
    status, _, told = softlabel("refine", photos / "train", *options, "--out", tmp_path / "run")
    assert status == 2
    assert message in told
