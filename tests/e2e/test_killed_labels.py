"""A labelling that is killed at any instant and started again ends with the same bytes as one that was not."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest

from killed_child import dies_at_rename
from softlabel import CropStore, label_crops
from stored_labels import contents
from taught import pictures, teacher

OPTIONS = {"n_crops": 2, "images_per_shard": 5, "batch_size": 8, "device": "cpu", "threads": 1}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return contents(
        label_crops(teacher(), pictures()[0], tmp_path_factory.mktemp("whole") / "store", **OPTIONS).paths.root
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_renames(tmp_path, whole, seed):
    draw, out, deaths = random.Random(seed), tmp_path / "store", 0
    X = pictures()[0]
    while dies_at_rename(draw.randint(1, 14), draw.random() < 0.5, lambda: label_crops(teacher(), X, out, **OPTIONS)):
        deaths += 1
        if CropStore.exists(out):  # what is there can be read and is what it will be
            store = CropStore(out)
            there = np.flatnonzero(store.labelled())
            assert store.verify() == len(store.paths.shard_numbers())
            assert len(there) == store.n_labelled
            if len(there):
                assert store.read(there).targets().shape == (len(there), 2, 2)
    assert deaths >= 1
    assert label_crops(teacher(), X, out, **OPTIONS).done
    assert contents(out) == whole
