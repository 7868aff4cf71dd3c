from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from softlabel.data.columns import Columns
from softlabel.data.table import column_names, read_table
from softlabel.data.table_datasets import table_dataset as dataset_of
from softlabel.errors import InputError


def table_dataset(path, **columns):
    return dataset_of(path, Columns(**columns))


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


def test_a_csv_becomes_features_labels_ids_and_groups(write):
    path = write("name,age,site,grade,note\nr7,31,A,2,x\nr3,,A,0,y\nr5,44.5,B,2,z\n")
    data = table_dataset(path, label="grade", id="name", groups="site", drop=["note"])
    assert list(data.X.columns) == ["age"]
    assert data.y.tolist() == [2, 0, 2]
    assert data.y.dtype == np.int64
    assert data.ids.tolist() == ["r7", "r3", "r5"]
    assert data.groups.tolist() == ["A", "A", "B"]
    assert data.source == str(path)
    assert data.X["age"].isna().tolist() == [False, True, False]


def test_without_a_label_there_is_none_and_ids_are_row_numbers(write):
    data = table_dataset(write("a,b\n1,2\n3,4\n"), label=None)
    assert data.y is None
    assert data.ids.tolist() == [0, 1]
    assert data.groups is None


def test_labels_that_look_like_missing_values_or_numbers_stay_what_they_are(write):
    path = write('x,label\n1,NA\n2,None\n3,"001"\n4,1.0\n5,null\n6,?\n')
    assert table_dataset(path, label="label").y.tolist() == ["NA", "None", "001", "1.0", "null", "?"]


def test_long_integer_ids_keep_each_digit(write):
    path = write("id,x,label\n9007199254740993,1,a\n9007199254740992,2,b\n")
    assert table_dataset(path, label="label", id="id").ids.tolist() == [9007199254740993, 9007199254740992]


def test_a_question_mark_is_a_missing_number(write):
    data = table_dataset(write("x,label\n1,a\n?,b\nNA,a\n"), label="label")
    assert data.X["x"].dtype == np.float64
    assert data.X["x"].isna().tolist() == [False, True, True]


def test_numbers_are_read_to_the_last_bit(write):
    numbers = np.random.default_rng(0).standard_normal(200) * 1e-7
    path = write("x,label\n" + "".join(f"{number!r},a\n" for number in numbers.tolist()))
    np.testing.assert_array_equal(table_dataset(path, label="label").X["x"], numbers)


def test_the_type_of_a_column_is_decided_by_all_of_its_rows(write):
    path = write("code,label\n" + "1,a\n" * 300_000 + "x,b\n")
    codes = table_dataset(path, label="label").X["code"]
    assert set(codes) == {"1", "x"}  # not the number 1 in those parts of the file that hold nothing else


def test_byte_order_mark_quotes_and_line_ends(write):
    path = write(b'\xef\xbb\xbf"the label","a, b"\r\nx,"1"\r\n"y\nz",2\r\n')
    data = table_dataset(path, label="the label")
    assert data.y.tolist() == ["x", "y\nz"]
    assert data.X["a, b"].tolist() == [1, 2]


def test_csv_and_parquet_give_the_same(write, tmp_path):
    frame = pd.DataFrame({"n": [1.5, None, 2.5], "t": ["a", None, "c"], "label": ["x", "y", "x"], "k": [3, 1, 2]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    one, two = (table_dataset(tmp_path / name, label="label", id="k") for name in ("t.csv", "t.parquet"))
    pd.testing.assert_frame_equal(one.X, two.X, check_dtype=False)
    assert one.y.tolist() == two.y.tolist()
    assert one.ids.tolist() == two.ids.tolist()


def test_parquet_with_index_decimals_and_integer_names(tmp_path):
    frame = pd.DataFrame({0: [1.0, 2.0], "label": [1, 0]}, index=pd.Index(["u", "v"], name="key"))
    frame.columns = frame.columns.astype(str)
    frame.to_parquet(tmp_path / "indexed.parquet")
    assert table_dataset(tmp_path / "indexed.parquet", label="label", id="key").ids.tolist() == ["u", "v"]
    table = pa.table({"d": pa.array([1, 2], pa.decimal128(5, 2)), "label": [1, 0]})
    pq.write_table(table, tmp_path / "decimal.parquet")
    assert table_dataset(tmp_path / "decimal.parquet", label="label").X["d"].tolist() == [1.0, 2.0]


def test_the_name_of_a_folder_is_no_column(tmp_path):
    (tmp_path / "year=2020").mkdir()
    pd.DataFrame({"x": [1], "label": ["a"]}).to_parquet(tmp_path / "year=2020" / "t.parquet")
    assert list(read_table(tmp_path / "year=2020" / "t.parquet").columns) == ["x", "label"]


def test_a_saved_row_index_is_no_feature(tmp_path):
    frame = pd.DataFrame({"x": [1.0, 2.0], "label": ["a", "b"]}, index=[5, 3])
    frame.to_csv(tmp_path / "t.csv")
    frame.to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        with pytest.warns(UserWarning, match="has no name"):
            data = table_dataset(tmp_path / name, label="label")
        assert list(data.X.columns) == ["x"]
        assert column_names(tmp_path / name) == ["x", "label"]


def test_an_unknown_column_names_those_there_are(write):
    path = write("Grade,age\na,1\n")
    with pytest.raises(InputError, match=r"no column 'grad'; its columns are 'Grade', 'age'; did you mean 'Grade'\?"):
        table_dataset(path, label="grad")
    for options in ({"id": "nr"}, {"groups": "nr"}, {"drop": ["nr"]}):
        with pytest.raises(InputError, match="no column 'nr'"):
            table_dataset(path, label="Grade", **options)
    with pytest.raises(InputError, match="something else than commas"):
        table_dataset(write("x;label\n1;a\n", "semicolon.csv"), label="label")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "No columns to parse"),
        ("x,label\n", "0 rows"),
        ("x,label,x\n1,a,2\n", "more than one column named 'x'"),
        ("x,label\n1,a\n1,a,5,6\n", "cannot be read as a table"),
        ("x,label\n1,a,9\n2,b,9\n", "cannot be read as a table"),
        (b"x,label\n\xff\xfe,a\n", "not UTF-8"),
        (b"PK\x03\x04\x00\x00\x00\x00", "holds binary data|cannot be read as a table"),
        ("x,label\n1,a\n2,\n", r"'label' is empty in 1 of 2 rows"),
        ("label\na\nb\n", "no column .* left as a feature"),
    ],
)
def test_csv_files_that_cannot_be_used(write, content, message):
    with pytest.raises(InputError, match=message) as caught:
        table_dataset(write(content), label="label")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not parquet at all", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_parquet_files_that_cannot_be_used(write, content):
    path = write(content, "broken.parquet")
    for read in (lambda: table_dataset(path, label="label"), lambda: column_names(path)):
        with pytest.raises(InputError, match="cannot be read as a table") as caught:
            read()
        assert "\n" not in str(caught.value)


def test_parquet_with_two_columns_of_one_name(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array(["a"])], names=["x", "x", "label"])
    pq.write_table(table, tmp_path / "twice.parquet")
    with pytest.raises(InputError, match="more than one column named 'x'"):
        table_dataset(tmp_path / "twice.parquet", label="label")


def test_empty_parquet(tmp_path):
    pd.DataFrame({"x": [], "label": []}).to_parquet(tmp_path / "empty.parquet")
    with pytest.raises(InputError, match="2 columns and 0 rows"):
        table_dataset(tmp_path / "empty.parquet", label="label")


def test_missing_files_folders_and_other_kinds(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_table(tmp_path / "folder.csv")
    with pytest.raises(InputError, match=r"neither a \.csv nor a \.parquet"):
        read_table(tmp_path / "table.xlsx")


def test_duplicated_ids_are_named(write):
    path = write("id,x,label\na,1,0\nb,2,1\na,3,0\n")
    with pytest.raises(InputError, match="not unique: a occur more than once"):
        table_dataset(path, label="label", id="id")


def test_missing_ids_and_groups(write):
    path = write("id,g,x,label\na,u,1,0\n,u,2,1\nc,,3,0\n")
    with pytest.raises(InputError, match="id column 'id' is empty in 1 of 3"):
        table_dataset(path, label="label", id="id")
    with pytest.raises(InputError, match="group column 'g' is empty in 1 of 3"):
        table_dataset(path, label="label", groups="g")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"id": "label"}, "label and as id"),
        ({"groups": "label"}, "label and as groups"),
        ({"drop": ["label"]}, "label and as drop"),
        ({"id": "x", "drop": ["x"]}, "is to be dropped and is given another role"),
    ],
)
def test_a_column_has_one_role(write, options, message):
    with pytest.raises(InputError, match=message):
        table_dataset(write("x,label\n1,a\n"), label="label", **options)


def test_column_names_are_read_without_the_rows(write, tmp_path):
    assert column_names(write("a,b\n1,2,3,4\n")) == ["a", "b"]
    assert column_names(write("a,b", "header.csv")) == ["a", "b"]
    pd.DataFrame({"x": [1], "y": [2]}).to_parquet(tmp_path / "t.parquet")
    assert column_names(tmp_path / "t.parquet") == ["x", "y"]
    with pytest.raises(InputError, match="does not exist"):
        column_names(tmp_path / "none.csv")
