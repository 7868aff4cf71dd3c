"""Results come back from the disk as they were."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from made_results import epochs_of, results_of
from softlabel.comparison.cells import Cell
from softlabel.comparison.stored_results import as_results, read_results, store_results
from softlabel.errors import DamagedRunError, InputError
from softlabel.tasks import OrdinalScalar
from softlabel.tasks.grade_scale import GradeScale


def full_results():
    whole = results_of(
        corruptions=("none", "pair:0.2"),
        failures={Cell("none", 9, "up"): "FitError: no room"},
        skipped={"swa": "it needs a network"},
        baseline="same",
        level=0.9,
        about={"source": "train.csv", "versions": {"numpy": "2.0"}},
    )
    first = next(iter(whole.cells))
    told = replace(
        whole.cells[first],
        recovery={"share_corrected": 0.5, "n_wrong": 3},
        chosen={"share": 0.1},
        epochs=epochs_of((2.0, 2.5), (1.0, 2.0)),
        warnings=(("UserWarning", "odd"),),
    )
    return replace(whole, cells={**whole.cells, first: told})


def test_everything_comes_back(tmp_path):
    results = full_results()
    store_results(results, tmp_path)
    again = read_results(tmp_path)
    for name in ("cells", "failures", "skipped", "baseline", "level", "methods", "corruptions", "seeds", "about"):
        assert getattr(again, name) == getattr(results, name), name
    assert list(again.cells) == list(results.cells)
    assert again.task.record() == results.task.record()
    assert again.table().equals(results.table())
    assert again.text() == results.text()


def test_other_tasks_come_back(tmp_path):
    task = OrdinalScalar(GradeScale([0, 1, 2]), [0.4, 1.6])
    store_results(results_of(task=task), tmp_path)
    assert read_results(tmp_path).task.record() == task.record()


def test_times_stand_apart(tmp_path):
    results = full_results()
    slower = replace(results, cells={cell: replace(r, seconds=r.seconds * 2) for cell, r in results.cells.items()})
    store_results(results, tmp_path / "a")
    store_results(slower, tmp_path / "b")
    assert (tmp_path / "a/results.json").read_bytes() == (tmp_path / "b/results.json").read_bytes()
    assert (tmp_path / "a/times.json").read_bytes() != (tmp_path / "b/times.json").read_bytes()
    (tmp_path / "a/times.json").unlink()
    assert {result.seconds for result in read_results(tmp_path / "a").cells.values()} == {0.0}


def test_a_folder_serves_wherever_results_do(tmp_path):
    results = results_of()
    assert as_results(results) is results
    store_results(results, tmp_path)
    assert as_results(str(tmp_path)).cells == results.cells


def test_what_is_no_comparison(tmp_path):
    with pytest.raises(InputError, match=r"holds no results\.json"):
        read_results(tmp_path)
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(DamagedRunError, match="is not JSON"):
        read_results(tmp_path)
    (tmp_path / "results.json").write_text(json.dumps({"format_version": 99}))
    with pytest.raises(DamagedRunError, match="not of format 1"):
        read_results(tmp_path)
