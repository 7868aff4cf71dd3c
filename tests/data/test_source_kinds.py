from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.source_kinds import source_kind
from softlabel.errors import InputError


def test_kinds(tmp_path):
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "t.CSV")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    np.savez(tmp_path / "a.npz", X=1)
    found = [source_kind(tmp_path / name) for name in ("t.CSV", "t.parquet", "a.npz", ".")]
    assert found == ["table", "table", "array", "folder"]
    assert source_kind("digits") == "builtin"


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "t.parquet").mkdir()
    with pytest.raises(
        InputError, match=r"t\.parquet is a folder; give a \.csv, .*, a folder of pictures, or one of digits"
    ):
        source_kind(tmp_path / "t.parquet")
