"""Runs of generations: killed at any instant and started again, the same bytes as one that was not."""

from __future__ import annotations

import os
import random

import pytest

from coloured_pictures import photo_folders
from killed_child import dies_at_rename
from softlabel import refine

OPTIONS = {
    "estimator": "small_cnn",
    "set": {"network_options": {"width": 4}},
    "epochs": 1,
    "batch_size": 16,
    "method": "label-refinery",
    "generations": 2,
    "teacher": "folds",
    "folds": 2,
}
TIMES = ("timing.jsonl", "lock")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return photo_folders(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def whole(photos, tmp_path_factory):
    return _contents(refine(photos / "train", tmp_path_factory.mktemp("whole") / "run", **OPTIONS).path)


def _contents(root):
    """Every file that equal runs share to the byte; skops files of models may number their parts in another order."""
    files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
    return {
        name: b"" if path.suffix == ".skops" or path.name == "model.json" else path.read_bytes()
        for name, path in files.items()
        if path.name not in TIMES
    }


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_renames(tmp_path, photos, whole, seed):
    draw, deaths = random.Random(seed), 0
    while dies_at_rename(
        draw.randint(1, 20), draw.random() < 0.5, lambda: refine(photos / "train", tmp_path / "run", **OPTIONS)
    ):
        deaths += 1
    assert deaths >= 1
    assert refine(photos / "train", tmp_path / "run", **OPTIONS).done
    assert _contents(tmp_path / "run") == whole
