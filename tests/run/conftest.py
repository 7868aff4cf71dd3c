from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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
