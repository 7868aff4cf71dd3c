"""Cells of the suite of wrong labels: their names, computed once, and a method measured."""

from __future__ import annotations

import argparse
import json

import pytest


def asked_for(**changes):
    usual = {
        "seeds": [0], "sets": ["wine"], "learners": ["linear"], "noises": ["symmetric:0.4"], "methods": ["plain", "slr"], "rows": 100,
    }  # fmt: skip
    return argparse.Namespace(**(usual | changes))


def test_cells_come_seed_by_seed(suite):
    asked = asked_for(seeds=[0, 1], sets=["wine", "breast_cancer"], learners=["linear", "trees"], noises=None)
    cells = list(suite.wrong_labels.cells_of(asked))  # 6 and 4 noises, 2 learners, 2 methods
    assert [cell["seed"] for cell in cells] == [0] * 40 + [1] * 40
    assert len({json.dumps(cell) for cell in cells}) == 80
    assert {cell["rows"] for cell in cells} == {100}


def test_what_is_there_is_not_computed_again(suite, tmp_path, monkeypatch, capsys):
    computed, unlucky = [], [True]

    def made_up(name, noise, learner, seed, method, *, rows, folder):
        computed.append((seed, method))
        if unlucky and (seed, method) == (1, "slr"):
            unlucky.pop()
            raise ValueError("no luck")
        return {"accuracy": 0.5, "seconds": 0.1}

    monkeypatch.setattr(suite.wrong_labels, "measured", made_up)
    monkeypatch.setattr(suite.wrong_labels, "one_thread", lambda: None)
    monkeypatch.setattr(suite.wrong_labels, "code_of_package", lambda: "this")
    monkeypatch.setattr(suite.wrong_labels, "version", lambda name: "1")
    cells = list(suite.wrong_labels.cells_of(asked_for(seeds=[0, 1])))
    failed = suite.wrong_labels.run(cells, tmp_path, 1)
    assert [(cell["seed"], cell["method"]) for cell in failed] == [(1, "slr")]
    assert "no luck" in capsys.readouterr().err
    assert suite.cells.stored(tmp_path, cells[3]) is None
    assert suite.wrong_labels.run(cells, tmp_path, 1) == []
    assert computed == [(0, "plain"), (0, "slr"), (1, "plain"), (1, "slr"), (1, "slr")]
    assert suite.cells.stored(tmp_path, cells[0])["cell"] == cells[0]
    computed.clear()
    suite.wrong_labels.run(cells, tmp_path, 1, renew=["slr"])  # of the same code
    assert computed == []
    monkeypatch.setattr(suite.wrong_labels, "code_of_package", lambda: "another")
    suite.wrong_labels.run(cells, tmp_path, 1, renew=["slr"])
    suite.wrong_labels.run(cells, tmp_path, 1, renew=["slr"])
    assert computed == [(0, "slr"), (1, "slr")]


def test_what_was_kept_on_another_machine_is_there(suite, tmp_path, monkeypatch):
    def made_up(name, noise, learner, seed, method, *, rows, folder):
        return {"accuracy": 0.5, "seconds": 0.1, "chosen": []}

    monkeypatch.setattr(suite.wrong_labels, "measured", made_up)
    monkeypatch.setattr(suite.wrong_labels, "one_thread", lambda: None)
    monkeypatch.setattr(suite.wrong_labels, "code_of_package", lambda: "this")
    monkeypatch.setattr(suite.wrong_labels, "version", lambda name: "1")
    cells = list(suite.wrong_labels.cells_of(asked_for(seeds=[0, 1])))
    suite.wrong_labels.run(cells[:3], tmp_path / "here", 1)
    suite.cells.keep((suite.cells.stored(tmp_path / "here", cell) for cell in cells[:3]), tmp_path / "kept.jsonl")
    kept = suite.cells.read_kept(tmp_path / "kept.jsonl")
    made = []
    monkeypatch.setattr(
        suite.wrong_labels, "measured", lambda *cell, **beside: made.append(cell) or made_up(*cell, **beside)
    )
    suite.wrong_labels.run(cells, tmp_path / "there", 1, kept=kept)
    assert [cell[3:] for cell in made] == [(1, "slr")]
    monkeypatch.setattr(suite.wrong_labels, "code_of_package", lambda: "another")
    suite.wrong_labels.run(cells, tmp_path / "there", 1, renew=["plain"], kept=kept)
    assert [cell[3:] for cell in made[1:]] == [(0, "plain"), (1, "plain")]


def test_a_comment_is_no_other_code(suite, tmp_path):
    first = suite.wrong_labels.digest_of({"a.py": 'def f():\n    """Said."""\n    return 1\n'})
    assert suite.wrong_labels.digest_of({"a.py": 'def f():\n    """Said else."""\n    return 1  # why\n'}) == first
    assert suite.wrong_labels.digest_of({"a.py": 'def f():\n    """Said."""\n    return 2\n'}) != first
    assert suite.wrong_labels.digest_of({"b.py": 'def f():\n    """Said."""\n    return 1\n'}) != first


@pytest.mark.parametrize("method", ["plain", "smoothing", "cleanlab", "slr"])
def test_a_method_is_measured_on_wine(suite, method, tmp_path, monkeypatch):
    if method == "cleanlab":
        pytest.importorskip("cleanlab")
    monkeypatch.setattr(suite.sets, "FOLDS_OF_SMALL", 2)
    (cell,) = suite.wrong_labels.cells_of(asked_for(methods=[method]))
    suite.wrong_labels.version = lambda name: "1"
    found = suite.wrong_labels.compute(cell, tmp_path, "code")
    assert suite.cells.stored(tmp_path, cell) == json.loads(json.dumps(found))
    assert found["n_test"] == 178
    assert found["errors"] == round((1 - found["accuracy"]) * 178)
    assert found["accuracy"] > 0.6
    assert found["wrong"] == pytest.approx(0.4, abs=0.005)
    assert found["fits_a_split"] == {"plain": 1, "smoothing": 1, "cleanlab": 6, "slr": 16}[method]
    assert (found["average_precision"] is None) == (method in ("plain", "smoothing"))
    if found["average_precision"] is not None:
        assert found["average_precision"] > 0.6
    text = suite.wrong_labels.write_report([found], tmp_path)
    assert "1 cells: 1 sets, 1 cases, 1 seeds." in text
    assert (tmp_path / "wrong_labels-cells.csv").read_text().startswith("set,noise,learner,seed,method,rows,accuracy,")
