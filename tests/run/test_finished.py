from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simple_learners import blobs
from softlabel.errors import InputError
from softlabel.run.python import refine

OPTIONS = {"estimator": "softmax", "rounds": 1, "folds": 3}


@pytest.fixture
def from_table(table, tmp_path):
    return refine(table, tmp_path / "run", label="kind", id="key", **OPTIONS)


@pytest.fixture
def from_arrays(tmp_path):
    X, y = blobs(n_per_class=20, spread=0.8, seed=3)
    np.savez(tmp_path / "train.npz", X=X, y=y)
    return refine(tmp_path / "train.npz", tmp_path / "run", **OPTIONS)


def _arrays(path, width):
    np.savez(path, X=np.arange(6.0 * width).reshape(6, width), y=np.arange(6) % 3)
    return str(path)


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("question", ["predict", "evaluate"])
def test_arrays_of_another_width_are_refused(from_arrays, tmp_path, width, question):
    source = _arrays(tmp_path / "other.npz", width)
    message = f"other.npz does not fit the model of .*run: the rows have {width} columns, .*the run was made from had 2"
    with pytest.raises(InputError, match=message) as caught:
        getattr(from_arrays, question)(source)
    assert "\n" not in str(caught.value)


def test_rows_of_another_shape_are_refused_from_python_too(from_arrays):
    with pytest.raises(InputError, match=r"the rows have 3 columns, .* had 2"):
        from_arrays.predict_proba(np.zeros((4, 3)))
    with pytest.raises(InputError, match=r"the rows have the shape \(2,\)"):
        from_arrays.predict_proba([0.0, 1.0])
    assert from_arrays.predict_proba([[0.0, 1.0]]).shape == (1, 3)


def test_a_table_serves_a_model_of_arrays_where_its_columns_are_as_many_numbers(from_arrays, tmp_path):
    frame = pd.DataFrame({"a": [0.5, 1], "b": [2, 3]})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    predicted = from_arrays.predict(str(tmp_path / "rows.csv"))
    P = from_arrays.predict_proba(frame.to_numpy(dtype=np.float32))
    assert np.array_equal(predicted[["p_0", "p_1", "p_2"]].to_numpy(), P.astype(np.float32))
    frame.assign(b=["x", "y"]).to_csv(tmp_path / "texts.csv", index=False)
    with pytest.raises(InputError, match=r"texts\.csv does not fit"):
        from_arrays.predict(str(tmp_path / "texts.csv"))
    frame.assign(c=1).to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(InputError, match=r"have 3 columns, .* had 2"):
        from_arrays.predict(str(tmp_path / "wide.csv"))


def test_a_model_of_arrays_names_no_label_column(from_arrays, table):
    with pytest.raises(InputError, match="nothing says which column holds the labels") as caught:
        from_arrays.evaluate(str(table))
    assert "--label" not in str(caught.value)


def test_the_column_of_ids_may_be_missing(from_table, table, tmp_path):
    frame = pd.read_csv(table)
    frame[["a", "b"]].to_csv(tmp_path / "rows.csv", index=False)
    with_ids, without = from_table.predict(str(table)), from_table.predict(str(tmp_path / "rows.csv"))
    assert with_ids["id"].tolist() == frame["key"].tolist()
    assert without["id"].tolist() == list(range(60))
    assert without.drop(columns="id").equals(with_ids.drop(columns="id"))


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_a_run_from_csv_is_scored_on_other_files(tmp_path, suffix):
    X, y = blobs(n_per_class=20, spread=0.8, seed=3)
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": y + 1.0})  # floats: "1.0", "2.0" in the .csv
    frame.to_csv(tmp_path / "train.csv", index=False)
    run = refine(tmp_path / "train.csv", tmp_path / "run", label="kind", **OPTIONS)
    assert run.classes.tolist() == [1, 2, 3]
    if suffix == ".npz":
        np.savez(tmp_path / "test.npz", X=X, y=y + 1.0)
    else:
        frame.to_parquet(tmp_path / "test.parquet")
    assert run.evaluate(str(tmp_path / f"test{suffix}")) == run.evaluate(str(tmp_path / "train.csv"))
