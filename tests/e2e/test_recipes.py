"""The recipes at toy size: sheets as the challenges have them, pictures of a few pixels, networks of a few weights."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from command_line import called
from made_pictures import encoded

LEAVES = ("healthy", "multiple_diseases", "rust", "scab")
TOY = ["--weights", "none", "--image-size", "16", "--set", "image_size=16", "--epochs", "1", "--batch-size", "8"]
SHORT = ["--rounds", "1", "--folds", "2", "--device", "cpu"]


@pytest.fixture
def call(monkeypatch, capsys):
    return partial(called, monkeypatch, capsys)


def _picture(brightness, seed):
    draws = np.random.default_rng(seed)
    return encoded(np.clip(draws.normal(60 + 45 * brightness, 15, (20, 20, 3)), 0, 255).astype(np.uint8), "JPEG")


def _retinas(folder):
    """Four pictures a patient, the left eye's grade in one column, the right eye's in another."""
    (folder / "Images").mkdir(parents=True)
    rows = []
    for patient in range(8):
        grade = patient % 4
        for picture in ("l1", "l2", "r1", "r2"):
            name = f"{patient}_{picture}"
            (folder / "Images" / f"{name}.jpg").write_bytes(_picture(grade, len(rows)))
            rows.append((patient, name, f"\\Images\\{name}.jpg", grade, grade, grade))
    columns = ["patient_id", "image_id", "image_path", "left_eye_DR_Level", "right_eye_DR_Level", "patient_DR_Level"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "sheet.csv", index=False)
    return folder / "sheet.csv"


def _leaves(folder):
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(24):
        (folder / "images" / f"Train_{number}.jpg").write_bytes(_picture(number % 4, number))
        rows.append({"image_id": f"Train_{number}", **{name: int(number % 4 == c) for c, name in enumerate(LEAVES)}})
    pd.DataFrame(rows).to_csv(folder / "train.csv", index=False)
    return folder / "train.csv"


@pytest.mark.parametrize("estimator", ["small_cnn", "timm:test_efficientnet.r160_in1k"])
def test_retinas(call, tmp_path, estimator):
    """Scalar grades, generalised-mean pooling, patients whole."""
    sheet, out = _retinas(tmp_path / "data"), tmp_path / "run"
    status, told, err = call(
        "refine", sheet, "--config", "deepdrid", "--estimator", estimator, *TOY, *SHORT, "--test", sheet, "--out", out
    )
    assert status == 0, err
    assert "plan: 32 images of 16 x 16, 3 colours, 5 grades of 0 to 8 rows, as numbers" in err
    assert "QWK" in told
    record = json.loads((out / "run.json").read_text())
    identity = record["identity"]
    assert record["task"]["classes"] == [0, 1, 2, 3, 4]
    assert (identity["momentum"], identity["lr"], identity["set"]["optimizer"]) == (0.75, 0.001, "adamw")
    assert identity["estimator"][0][1]["network_options"] == {"pool": "gem"}
    split = np.load(out / "rounds" / "01" / "split.npy")  # (2, 32)
    assert (split.reshape(2, 8, 4) == split.reshape(2, 8, 4)[..., :1]).all()
    scores = json.loads(call("evaluate", out, sheet, "--json")[1])
    assert scores == {"n_rows": 32, **json.loads((out / "metrics.json").read_text())["test"]["final"]}
    predicted = json.loads(call("predict", out, sheet, "--json")[1])
    assert [list(row) for row in predicted[:1]] == [["id", "predicted_label", "grade"]]
    assert predicted[0]["id"] == "0_l1"


def test_leaves(call, tmp_path):
    sheet, out = _leaves(tmp_path / "data"), tmp_path / "run"
    command = ["refine", sheet, "--config", "plant_pathology", "--estimator", "small_cnn", *TOY, *SHORT]
    status, told, err = call(*command, "--set", "network_options={'width':4}", "--out", out)
    assert status == 0, err
    assert "24 images of 16 x 16, 3 colours, 4 classes of 6 rows" in err
    identity = json.loads((out / "run.json").read_text())["identity"]
    assert identity["set"]["schedule"] == "cosine"
    assert identity["set"]["network_options"] == {"width": 4}
    without = pd.read_csv(sheet)[["image_id"]]
    without.to_csv(sheet.with_name("test.csv"), index=False)
    predicted = pd.DataFrame(json.loads(call("predict", out, sheet.with_name("test.csv"), "--json")[1]))
    assert predicted.columns.tolist() == ["id", "predicted_label", *(f"p_{name}" for name in LEAVES)]
    assert json.loads(call("evaluate", out, sheet, "--json")[1])["n_rows"] == 24
