from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from command_line import called
from simple_learners import blobs

REFINE = ["--label", "kind", "--id", "key", "--estimator", "softmax", "--folds", "3"]


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line in this process; return (exit status, stdout, stderr)."""

    return partial(called, monkeypatch, capsys)


@pytest.fixture
def table(tmp_path):
    X, y = blobs(n_per_class=15, spread=0.8, seed=3)
    frame = pd.DataFrame(
        {"key": [f"r{i}" for i in range(45)], "a": X[:, 0], "b": X[:, 1], "kind": np.array(["ant", "bee", "cat"])[y]}
    )
    frame.to_csv(tmp_path / "train.csv", index=False)
    return tmp_path / "train.csv"


@pytest.fixture
def finished(call, table, tmp_path):
    status, *_ = call("refine", table, *REFINE, "--out", tmp_path / "run")
    assert status == 0
    return tmp_path / "run"
