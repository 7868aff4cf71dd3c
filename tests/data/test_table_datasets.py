from __future__ import annotations

import pandas as pd
import pytest

from softlabel.data.columns import Columns
from softlabel.data.table_datasets import table_dataset
from softlabel.errors import InputError


@pytest.fixture
def path(tmp_path):
    frame = pd.DataFrame({"x": [1.5, 2.5], "t": ["NA", "001"], "a": [1, 0], "b": [0, 1], "n_a": [2, 0], "n_b": [0, 2]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_columns_of_any_role_are_no_features(path):
    data = table_dataset(path, Columns(("a", "b"), votes=("n_a", "n_b"), drop=("t",)))
    assert list(data.X.columns) == ["x"]
    assert data.y.tolist() == ["a", "b"]
    assert data.source == str(path)
    with pytest.raises(InputError, match=r"no column of .* is left as a feature"):
        table_dataset(path, Columns(("a", "b"), votes=("n_a", "n_b"), drop=("t", "x")))


def test_texts_are_the_only_features(path):
    data = table_dataset(path, Columns(("a", "b"), text="t"))
    assert data.X.dtype == object
    assert data.X.shape == (2,)
    assert data.X.tolist() == ["NA", "001"]
    assert data.take([1]).X.tolist() == ["001"]
    with pytest.raises(InputError, match="holds a float"):
        table_dataset(_as_parquet(path), Columns("a", text="x"))


def test_empty_texts(tmp_path):
    (tmp_path / "t.csv").write_text('id,t,y\na,"  ",0\nb,,1\nc,fine,1\n')
    with pytest.raises(InputError, match=r"'t' is empty in 2 of 3 rows \(ids a, b\)"):
        table_dataset(tmp_path / "t.csv", Columns("y", "id", text="t"))


def test_roles_are_checked(path):
    with pytest.raises(InputError, match="pictures of column 'x' and the texts of column 't'"):
        table_dataset(path, Columns("a", image="x", text="t"))


def _as_parquet(path):
    pd.read_csv(path).to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")
