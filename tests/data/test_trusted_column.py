from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.source import load
from softlabel.data.trusted_column import trusted_values
from softlabel.errors import InputError


@pytest.mark.parametrize(
    "cells",
    [
        [True, False, True],
        ["yes", "no", "YES"],
        ["True", "false", " true "],
        [1, 0, 1],
        [1.0, 0.0, 1.0],
        ["1", "0.0", "1.0"],
    ],
    ids=["booleans", "words", "texts", "integers", "floats", "digits"],
)
def test_yes_and_no_in_all_their_forms(cells):
    assert trusted_values(cells, name="ok").tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["yes", None, "no"], r"is empty; 1 of 3 cells .*row numbers, counted from 0: 1"),
        (["yes", "perhaps", "2"], r"holds 'perhaps'; 2 of 3 cells .*: 1, 2\); write yes and no"),
        ([[True, False]], r"shape \(1, 2\)"),
    ],
    ids=["empty", "other", "table"],
)
def test_what_says_neither_is_refused(cells, message):
    with pytest.raises(InputError, match=message):
        trusted_values(cells, name="ok")


def test_a_row_is_named_by_its_id():
    with pytest.raises(InputError, match=r"\(ids b\)"):
        trusted_values(["yes", ""], name="ok", ids=np.array(["a", "b"]))


@pytest.fixture
def frame():
    return pd.DataFrame({"x": [1.5, 2.5, 3.5, 4.5], "y": ["a", "b", "a", "b"], "ok": ["no", "yes", "no", "no"]})


def test_a_column_of_a_table_is_no_feature(frame, tmp_path):
    for name in ("train.csv", "train.parquet"):
        frame.to_csv(tmp_path / name, index=False) if name.endswith("csv") else frame.to_parquet(tmp_path / name)
        data = load(tmp_path / name, label="y", trusted="ok")
        assert data.X.columns.tolist() == ["x"]
        assert data.trusted.tolist() == [False, True, False, False]
        assert data.take(np.array([1, 3])).trusted.tolist() == [True, False]


def test_test_rows_need_not_say_so_and_may(frame, tmp_path):
    frame.to_csv(tmp_path / "train.csv", index=False)
    for test in (frame, frame.drop(columns="ok")):
        test.to_csv(tmp_path / "test.csv", index=False)
        data = load(tmp_path / "train.csv", label="y", trusted="ok", test=tmp_path / "test.csv")
        assert data.test.X.columns.tolist() == ["x"]
        assert data.test.trusted is None


def test_a_column_has_one_role(frame, tmp_path):
    frame.to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(InputError, match="column 'y' is given as label and as trusted"):
        load(tmp_path / "train.csv", label="y", trusted="y")
    with pytest.raises(InputError, match="has no column 'okay'"):
        load(tmp_path / "train.csv", label="y", trusted="okay")


def test_an_array_of_an_npz_file(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(4, 2)), np.array([0, 1, 0, 1])
    np.savez(tmp_path / "d.npz", X=X, y=y, ok=np.array([1, 0, 0, 0]), short=np.array([1, 0]))
    assert load(tmp_path / "d.npz", trusted="ok").trusted.tolist() == [True, False, False, False]
    with pytest.raises(InputError, match=r"no array 'sure' .*it holds \['X', 'ok', 'short', 'y'\]"):
        load(tmp_path / "d.npz", trusted="sure")
    with pytest.raises(InputError, match="says of 2 rows which are trusted; give one value for each of 4"):
        load(tmp_path / "d.npz", trusted="short")


def test_what_has_no_columns_has_none_of_trust():
    with pytest.raises(InputError, match="iris has no columns, so --trusted ok names none"):
        load("iris", trusted="ok")
