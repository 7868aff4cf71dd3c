"""Names of cells, and those that are kept in one file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def cell(suite):
    return suite.cells.cell_of("wine", "symmetric:0.4", "linear", 0, "slr", 100)


def test_all_that_matters_is_in_the_name_of_a_cell(suite, cell, monkeypatch):
    folder = Path("f")
    path = suite.cells.path_of(folder, cell)
    assert path.parts[:4] == ("f", "cells", "wine", "symmetric-0.4")
    assert path.name.startswith("linear-0-slr-")
    for key in ("set", "noise", "learner", "seed", "method", "rows", "classifier", "edition"):
        assert suite.cells.path_of(folder, cell | {key: "other"}) != path
    monkeypatch.setitem(suite.methods.METHODS["slr"].settings, "n_rounds", 4)
    changed = suite.cells.cell_of("wine", "symmetric:0.4", "linear", 0, "slr", 100)
    assert suite.cells.path_of(folder, changed) != path


def row_of(cell, **changes):
    choice = {"name": "given", "reason": "why", "n_scored": 9, "candidates": [{"gain": 0.1}]}
    usual = {
        "accuracy": 2 / 3,
        "n_test": 178,
        "f1": None,
        "chosen": [{"final_targets_": "given", "best_round_": 0, "choice_": choice}],
        "commit": "abc",
        "code": "def",
        "versions": "numpy 2",
    }
    return {"cell": cell, **usual, **changes}


def test_a_kept_cell_is_read_as_it_was_stored_but_for_digits_and_evidence(suite, cell, tmp_path):
    file = tmp_path / "kept.jsonl"
    assert suite.cells.keep([row_of(cell)], file) == 1
    choice = {"name": "given", "n_scored": 9}
    short = [{"final_targets_": "given", "best_round_": 0, "choice_": choice}]
    kept = suite.cells.read_kept(file)
    assert suite.cells.stored(tmp_path, cell, kept) == row_of(cell, accuracy=0.666667, chosen=short)
    assert suite.cells.stored(tmp_path, cell | {"seed": 1}, kept) is None
    assert suite.cells.stored(tmp_path, cell) is None


def test_the_folder_comes_before_what_is_kept(suite, cell, tmp_path):
    file = tmp_path / "kept.jsonl"
    suite.cells.keep([row_of(cell)], file)
    path = suite.cells.path_of(tmp_path, cell)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(row_of(cell, accuracy=0.25)))
    assert suite.cells.stored(tmp_path, cell, suite.cells.read_kept(file))["accuracy"] == 0.25


def test_keeping_adds_replaces_and_sorts(suite, cell, tmp_path):
    file = tmp_path / "kept.jsonl"
    others = [cell | {"seed": seed} for seed in (2, 1)]
    suite.cells.keep([row_of(one) for one in others], file)
    assert suite.cells.keep([row_of(others[0], accuracy=0.25), row_of(cell)], file) == 3
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(row["seed"], row["accuracy"]) for row in rows] == [(0, 0.666667), (1, 0.666667), (2, 0.25)]
    before = file.read_bytes()
    again = [suite.cells.stored(tmp_path, one, suite.cells.read_kept(file)) for one in (cell, *others)]
    suite.cells.keep(again, file)
    assert file.read_bytes() == before
