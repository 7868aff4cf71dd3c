from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.inputs import read_inputs


def _config(source, **values):
    return make_config({"source": str(source), "out": "x", **values})


def test_tables_become_features_and_keep_their_ids(table):
    inputs = read_inputs(_config(table, label="kind", id="key"))
    assert inputs.X.shape == (60, 2)
    assert inputs.ids[0] == "r00"
    assert inputs.true_label is None
    assert inputs.fingerprint["source"]["n_rows"] == 60


def test_labels_made_wrong_keep_the_true_ones_and_repeat_by_seed(table):
    first, again, other = (
        read_inputs(_config(table, label="kind", id="key", corrupt="pair:0.2", seed=seed)) for seed in (1, 1, 2)
    )
    wrong = first.y != first.true_label
    assert wrong.sum() == 12
    follows = {"ant": "bee", "bee": "cat", "cat": "ant"}
    assert all(first.y[i] == follows[first.true_label[i]] for i in np.flatnonzero(wrong))
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.y, other.y)


def test_the_fingerprint_is_of_what_was_read_not_of_what_was_made_wrong(table):
    plain, wrong = (
        read_inputs(_config(table, label="kind", id="key", **extra)) for extra in ({}, {"corrupt": "pair:0.2"})
    )
    assert plain.fingerprint == wrong.fingerprint


def test_guard_rows_with_ids_of_their_own_stand_behind(table):
    inputs = read_inputs(_config(table, label="kind", drop=("key",), guard=str(table.with_name("test.csv"))))
    assert inputs.guard.tolist() == [False] * 60 + [True] * 30
    assert len(set(inputs.ids)) == 90
    assert inputs.ids[60] == "guard-0"


def test_test_rows_are_transformed_like_the_others(table, tmp_path):
    frame = pd.read_csv(table)
    frame["colour"] = np.where(frame["a"] > 0, "red", "blue")
    frame.to_csv(tmp_path / "mixed.csv", index=False)
    test = frame.head(10).copy()
    test["colour"] = "green"  # never seen in training
    test.to_csv(tmp_path / "mixed-test.csv", index=False)
    inputs = read_inputs(_config(tmp_path / "mixed.csv", label="kind", id="key", test=str(tmp_path / "mixed-test.csv")))
    assert inputs.X.shape[1] == inputs.X_test.shape[1] == 3
    assert np.isfinite(np.asarray(inputs.X_test, dtype=float)).all()


def test_test_labels_that_are_unknown_are_refused(table, tmp_path):
    test = pd.read_csv(table).head(5).assign(kind="yak")
    test.to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(InputError, match="labels that the source has not: yak; known: ant, bee, cat"):
        read_inputs(_config(table, label="kind", id="key", test=str(tmp_path / "odd.csv")))
