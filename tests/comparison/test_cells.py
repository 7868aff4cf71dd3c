"""What is stored of a cell comes back as it was."""

from __future__ import annotations

import json

import numpy as np
import pytest

from softlabel.comparison.cells import Cell, CellResult

FULL = CellResult(
    scores={"accuracy": 0.1 + 0.2, "nll": 1e-17},
    recovery={"n": 10, "n_wrong": 4, "share_corrected": 0.75, "share_kept": 1 / 3},
    reference={"kl": 0.25},
    chosen={"n_rounds": 4, "mode": "average"},
    epochs=({"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "train_loss": 1.0}),
    n_fits=16,
    warnings=(("ConvergenceWarning", "it did not converge"),),
    extra={"posterior_tv": 0.125},
    seconds=3.5,
    fit_seconds=3.25,
)


def test_cells_are_addresses():
    cells = {Cell("none", 1, "slr"): 1, Cell("none", 0, "slr"): 0}
    assert cells[Cell("none", 1, "slr")] == 1
    assert sorted(cells) == [Cell("none", 0, "slr"), Cell("none", 1, "slr")]
    assert str(Cell("none", 2, "slr:n_rounds=6")) == "slr:n_rounds=6, seed 2"
    assert str(Cell("symmetric:0.2", 2, "slr")) == "slr, symmetric:0.2, seed 2"


def test_the_way_through_json_changes_nothing():
    record = json.loads(json.dumps(FULL.record()))
    assert CellResult.from_record(record, FULL.times()) == FULL
    bare = CellResult({"accuracy": 1.0})
    assert CellResult.from_record(json.loads(json.dumps(bare.record()))) == bare


def test_times_are_no_part_of_the_record():
    slower = CellResult(**{**vars(FULL), "seconds": 100.0, "fit_seconds": 99.0})
    assert slower.record() == FULL.record()
    assert slower.times() == {"seconds": 100.0, "fit_seconds": 99.0}
    assert CellResult.from_record(FULL.record()).seconds == 0.0


def test_what_json_does_not_have_is_left_out():
    odd = CellResult(
        {"accuracy": np.float64(0.5), "mean_auc": float("nan")},
        recovery={"share_corrected": None, "share_kept": 1.0},
        epochs=({"train_loss": float("inf"), "epoch": np.int64(1)},),
    )
    record = json.loads(json.dumps(odd.record(), allow_nan=False))
    assert record["scores"] == {"accuracy": 0.5}
    assert record["recovery"] == {"share_kept": 1.0}
    assert record["epochs"] == [{"epoch": 1}]


def test_numbers_by_one_name_each():
    numbers = FULL.numbers()
    assert list(numbers) == [
        *("accuracy", "nll", "share_corrected", "share_kept", "recovery_n", "recovery_n_wrong"),
        *("reference_kl", "posterior_tv", "n_fits", "seconds", "fit_seconds"),
    ]
    assert numbers["share_kept"] == 1 / 3
    assert numbers["n_fits"] == 16.0
    assert all(type(value) is float for value in numbers.values())
    odd = CellResult({"accuracy": float("nan")}, recovery={"share_corrected": None})
    assert list(odd.numbers()) == ["seconds"]  # fits that nobody counted are not called none


@pytest.mark.parametrize("part", ["recovery", "reference", "chosen", "epochs", "warnings", "extra"])
def test_records_of_less_are_read(part):
    record = FULL.record()
    del record[part]
    assert CellResult.from_record(record).scores == FULL.scores
