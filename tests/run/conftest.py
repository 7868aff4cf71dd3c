from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coloured_pictures import photo_folders
from simple_learners import blobs


@pytest.fixture
def table(tmp_path):
    """A small .csv with three classes, 20% of the labels wrong, and a test file beside it."""
    X, y = blobs(n_per_class=20, spread=0.8, seed=3)
    names = np.array(["ant", "bee", "cat"])
    wrong = np.random.default_rng(0).permutation(60)[:12]
    given = y.copy()
    given[wrong] = (y[wrong] + 1) % 3
    frame = pd.DataFrame({"key": [f"r{i:02d}" for i in range(60)], "a": X[:, 0], "b": X[:, 1], "kind": names[given]})
    frame.to_csv(tmp_path / "train.csv", index=False)
    X_test, y_test = blobs(n_per_class=10, spread=0.8, seed=4)
    pd.DataFrame(
        {"key": [f"t{i}" for i in range(30)], "a": X_test[:, 0], "b": X_test[:, 1], "kind": names[y_test]}
    ).to_csv(tmp_path / "test.csv", index=False)
    return tmp_path / "train.csv"


NETWORK = {
    "estimator": "small_cnn",
    "set": {"network_options": {"width": 4}},
    "epochs": 1,
    "batch_size": 16,
    "folds": 3,
}


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder with a folder of 60 pictures, train, and one of 20, test."""
    return photo_folders(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="session")
def network_options():
    """Options of a run of a small network, which takes a second."""
    return dict(NETWORK)
