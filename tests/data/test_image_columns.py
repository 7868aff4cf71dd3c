from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_pictures import encoded, pixels
from softlabel.data.columns import Columns
from softlabel.data.image_columns import picture_table as picture_table_of
from softlabel.errors import InputError

CELLS = [encoded(pixels(row)) for row in range(3)]


def picture_table(path, **columns):
    return picture_table_of(path, Columns(**columns))


@pytest.fixture
def write(tmp_path):
    for row, cell in enumerate(CELLS):
        (tmp_path / "p").mkdir(exist_ok=True)
        (tmp_path / "p" / f"{row}.png").write_bytes(cell)

    def write_table(suffix=".csv", **columns):
        frame = pd.DataFrame(columns)
        (frame.to_parquet if suffix == ".parquet" else frame.to_csv)(tmp_path / f"t{suffix}", index=False)
        return tmp_path / f"t{suffix}"

    return write_table


def contents(table):
    return [table.images.read(row) for row in range(len(table.images))]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_paths_below_the_folder_of_the_table_or_from_the_root(write, suffix, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    paths = ["p/0.png", str(tmp_path / "p" / "1.png"), "p/../p/2.png"]
    table = picture_table(
        write(suffix, picture=paths, other=[1.5, None, 2], y=["1", "a", "1"]), image="picture", label="y"
    )
    assert contents(table) == CELLS
    assert list(table.images.names) == paths
    assert table.values.y.tolist() == ["1", "a", "1"]
    assert table.values.ids.tolist() == [0, 1, 2]
    assert table.values.groups is None


def test_a_path_that_looks_like_a_number_or_a_missing_value(write, tmp_path):
    for name, cell in zip(("007", "NA", "1.0"), CELLS, strict=True):
        (tmp_path / name).write_bytes(cell)
    assert contents(picture_table(write(picture=["007", "NA", "1.0"]), image="picture", label=None)) == CELLS


def test_bytes_and_what_the_hub_stores(write):
    path = write(".parquet", picture=CELLS, y=[0, 1, 1], i=[7, 8, 9], g=["a", "a", "b"])
    table = picture_table(path, image="picture", label="y", id="i", groups="g")
    assert contents(table) == CELLS
    assert list(table.images.names) == ["id 7", "id 8", "id 9"]
    assert table.values.ids.tolist() == [7, 8, 9]
    assert table.values.groups.tolist() == ["a", "a", "b"]
    structs = [{"bytes": cell, "path": None} for cell in CELLS]
    table = picture_table(write(".parquet", picture=structs), image="picture", label=None)
    assert contents(table) == CELLS
    assert table.values.y is None
    assert list(table.images.names) == ["row 0", "row 1", "row 2"]
    structs = [{"bytes": None, "path": f"p/{row}.png"} for row in range(3)]
    assert contents(picture_table(write(".parquet", picture=structs), image="picture", label=None)) == CELLS
    structs = [{"bytes": cell, "path": "not/there.png"} for cell in CELLS]
    assert contents(picture_table(write(".parquet", picture=structs), image="picture", label=None)) == CELLS


def test_labels_are_read_as_elsewhere(write):
    path = write(picture=["p/0.png"] * 3, y=["1", "2", "1"])
    assert picture_table(path, image="picture", label="y").values.y.dtype == np.int64
    assert picture_table(path, image="picture", label="y", label_kind="text").values.y.tolist() == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"picture": ["p/0.png", None, "p/1.png"]}, r"'picture' is empty in 1 of 3 rows \(row 1; rows count from 0\)"),
        ({"picture": [f"q/{row}.png" for row in range(7)] + ["p/0.png"]},
         r"^7 of 8 files in column 'picture' do not exist: q/0\.png, .*q/4\.png and 2 more; paths are relative to "),
        ({"picture": ["https://x.org/a.png"]}, "1 of 1 files .* do not exist: https://.*; download the pictures first"),
        ({"picture": [1, 2]}, r"holds a int \(1\); give paths of files"),
        ({"picture": [[1, 2], [3]]}, "holds a ndarray"),
        ({"picture": [{"bytes": CELLS[0], "path": None}, {"bytes": None, "path": "p/1.png"}]},
         "holds bytes in 1 rows and paths in 1; give one of both"),
        ({"picture": [{"bytes": None, "path": None}]}, "empty in 1 of 1"),
        ({"pictures": ["a"]}, "no column 'picture'.*did you mean 'pictures'"),
    ],
)  # fmt: skip
def test_cells_that_are_no_pictures(write, columns, message):
    with pytest.raises(InputError, match=message) as caught:
        picture_table(write(".parquet", **columns), image="picture", label=None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "picture"}, "'picture' is given as image and as label"),
        ({"label": "y", "id": "picture"}, "'picture' is given as image and as id"),
        ({"label": "y", "drop": ["picture"]}, "'picture' is given as image and as drop"),
        ({"label": "y", "id": "y"}, "'y' is given as label and as id"),
        ({"label": "z"}, "no column 'z'"),
        ({"label": "y", "drop": ["z"]}, "no column 'z'"),
        ({"label": "y", "id": "i"}, "ids in column 'i' of .* are not unique: 5 occur"),
        ({"label": "e"}, "the label column 'e' is empty in 1 of 2 rows"),
    ],
)
def test_columns_that_do_not_fit(write, options, message):
    path = write(picture=["p/0.png", "p/1.png"], y=[1, 2], i=[5, 5], e=["a", None])
    with pytest.raises(InputError, match=message):
        picture_table(path, image="picture", **options)
