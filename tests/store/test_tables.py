from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.errors import DamagedRunError
from softlabel.store.atomic import sha256_of
from softlabel.store.tables import read_table, write_table


def labels():
    return pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "given_label": [1, 0, 1],
            "label_quality": np.array([0.5, 1, 0.25], dtype=np.float32),
            "moved_in_round": pd.array([None, 2, None], dtype="Int64"),
            "distribution": list(np.array([[0.5, 0.5], [1, 0], [0.75, 0.25]], dtype=np.float32)),
            "guard": [True, False, False],
            "true_label": ["x", None, "z"],
        }
    )


def test_a_table_comes_back(tmp_path):
    path = tmp_path / "labels.parquet"
    assert write_table(path, labels()) == sha256_of(path)
    read = read_table(path, advice="")
    assert list(read.columns) == list(labels().columns)
    assert read["id"].tolist() == ["a", "b", "c"]
    assert read["label_quality"].dtype == np.float32
    assert read["moved_in_round"].isna().tolist() == [True, False, True]
    assert read["true_label"].isna().tolist() == [False, True, False]
    np.testing.assert_array_equal(np.stack(read["distribution"]), np.stack(labels()["distribution"]))
    assert np.stack(read["distribution"]).dtype == np.float32
    pd.testing.assert_frame_equal(pd.read_parquet(path), read)  # any tool reads it


def test_equal_tables_give_equal_files(tmp_path):
    one = write_table(tmp_path / "a.parquet", labels())
    other = labels()
    other["id"] = other["id"].astype(object)  # the text type of older pandas versions
    other.index = [5, 6, 7]
    assert write_table(tmp_path / "b.parquet", other) == one
    other.loc[5, "given_label"] = 0
    assert write_table(tmp_path / "c.parquet", other) != one


def test_what_is_no_table(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(DamagedRunError, match="is missing; do this"):
        read_table(path, advice="do this")
    for content in (b"", b"text", b"PAR1" + bytes(60) + b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(DamagedRunError, match=r"is no Parquet file .*; do this"):
            read_table(path, advice="do this")
