from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from simple_learners import blobs
from softlabel.cli import main

REFINE = ["--label", "kind", "--id", "key", "--estimator", "softmax", "--folds", "3"]


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line in this process; return (exit status, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main sets its own: put back afterwards
        monkeypatch.setattr(sys, "argv", ["softlabel", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = stop.code or 0
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


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
