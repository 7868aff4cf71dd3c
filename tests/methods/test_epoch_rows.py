from __future__ import annotations

import json

import numpy as np
import pytest

from softlabel.methods.epoch_rows import epoch_rows


def test_rows_are_plain_numbers_and_hold_no_times():
    history = [{"epoch": 1, "lr": np.float32(0.5), "train_loss": np.float64(1 / 3), "n": np.int64(4), "seconds": 2.0}]
    rows = epoch_rows(history)
    assert rows == ({"epoch": 1, "lr": 0.5, "train_loss": 1 / 3, "n": 4},)
    assert [type(value) for value in rows[0].values()] == [int, float, float, int]
    assert tuple(json.loads(json.dumps(rows))) == rows
    assert history[0]["seconds"] == 2.0


def test_what_would_not_come_back_from_the_disk_is_left_out():
    assert epoch_rows([{"epoch": 1, "loss": np.nan, "best": np.inf, "note": "warm", "rows": np.ones(2)}]) == (
        {"epoch": 1},
    )


@pytest.mark.parametrize("history", [None, (), {"loss": [1.0]}, [1.0, 2.0], [{"epoch": 1}, None], "epochs"])
def test_other_kinds_of_history_give_none(history):
    assert epoch_rows(history) == ()
