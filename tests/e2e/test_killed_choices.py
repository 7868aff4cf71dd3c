"""A run that chooses how to refine, killed between the fits behind its choice: it goes on with them, to the same bytes."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

from killed_child import dies_at_rename
from simple_learners import blobs
from softlabel import refine

OPTIONS = {"label": "kind", "estimator": ("softmax",), "rounds": 1, "folds": 3, "guard": 0.25}
TIMES = ("timing.jsonl", "lock")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    X, y = blobs(n_per_class=16, spread=0.8, seed=3)
    given = np.where(np.arange(len(y)) % 5 == 0, (y + 1) % 3, y)
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": given}).to_csv(path, index=False)
    return path


def _contents(root):
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name not in TIMES]
    return {str(path.relative_to(root)): path.read_bytes() for path in files if "model" not in path.parts}


def _units(root):
    return sorted(root.glob("evidence/*/rounds/*/units/m*-f*/unit.json"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
def test_killed_between_units_of_evidence(tmp_path, table):
    whole = refine(table, tmp_path / "whole", **OPTIONS)
    run, seen = tmp_path / "run", []
    for call, before in ((16, True), (9, False), (7, True)):  # a unit is renamed with its files, then as a whole
        assert dies_at_rename(call, before, lambda: refine(table, run, **OPTIONS))
        seen.append(len(_units(run)))
        assert not (run / "rounds").exists()  # it was killed while it chose
    assert 0 < seen[0] < seen[1] < seen[2] < len(_units(whole.path))
    while not (run / "rounds").exists():
        assert dies_at_rename(12, False, lambda: refine(table, run, **OPTIONS))
    assert len(_units(run)) == len(_units(whole.path))  # the last one was killed in the round
    assert refine(table, run, **OPTIONS).done
    assert _contents(run) == _contents(whole.path)
