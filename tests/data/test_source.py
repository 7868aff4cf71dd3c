from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.source import label_kind, load, load_labelled_part, load_unlabelled, source_kind
from softlabel.errors import InputError


@pytest.fixture
def table(tmp_path):
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "label": ["1", "z"]}).to_csv(tmp_path / "train.csv", index=False)
    return tmp_path / "train.csv"


@pytest.fixture
def archive(tmp_path):
    np.savez(tmp_path / "train.npz", X=np.eye(3), y=np.array([0, 1, 2]))
    return tmp_path / "train.npz"


def test_each_kind_of_source(table, archive, tmp_path):
    pd.read_csv(table).to_parquet(tmp_path / "train.parquet")
    assert load(table, label="label").y.tolist() == ["1", "z"]
    assert load(tmp_path / "train.parquet", label="label").y.tolist() == ["1", "z"]
    assert load(archive).X.shape == (3, 3)
    assert load(str(archive)).source == str(archive)
    assert len(load("iris")) == 150
    assert [source_kind(source) for source in (table, archive, "toy")] == ["table", "array", "builtin"]


def test_a_test_table_has_the_columns_of_the_training_table(table, tmp_path):
    # Other order, a column more, labels that alone would be integers.
    pd.DataFrame({"c": [0], "label": [1], "b": ["y"], "a": [5]}).to_csv(tmp_path / "test.csv", index=False)
    data = load(table, label="label", test=tmp_path / "test.csv")
    assert list(data.test.X.columns) == ["a", "b"]
    assert data.test.y.tolist() == ["1"]
    pd.DataFrame({"a": [5], "label": [1]}).to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(InputError, match=r"lacks the columns \['b'\]"):
        load(table, label="label", test=tmp_path / "short.csv")


def test_ids_groups_and_dropped_columns_may_be_missing_in_a_test_table(tmp_path):
    frame = pd.DataFrame({"id": [1, 2], "g": [0, 1], "d": [0, 0], "x": [1, 2], "label": ["a", "b"]})
    frame.to_csv(tmp_path / "train.csv", index=False)
    frame[["x", "label"]].to_csv(tmp_path / "test.csv", index=False)
    data = load(tmp_path / "train.csv", label="label", id="id", groups="g", drop=["d"], test=tmp_path / "test.csv")
    assert list(data.test.X.columns) == ["x"]
    assert data.test.groups is None
    part = load_labelled_part(tmp_path / "test.csv", label="label", id="id", groups="g", drop=["d"])
    assert part.ids.tolist() == [0, 1]


def test_a_test_archive(archive, tmp_path):
    np.savez(tmp_path / "test.npz", X=np.eye(3)[:1], y=np.array([2]))
    assert load(archive, test=tmp_path / "test.npz").test.y.tolist() == [2]
    np.savez(tmp_path / "narrow.npz", X=np.eye(2), y=np.array([2, 1]))
    with pytest.raises(InputError, match="have 2 columns and training rows 3"):
        load(archive, test=tmp_path / "narrow.npz")


def test_a_test_source_of_another_kind(table, archive):
    with pytest.raises(InputError, match=r"give a \.csv or \.parquet"):
        load(table, label="label", test=archive)
    with pytest.raises(InputError, match=r"give an \.npz"):
        load(archive, test=table)
    with pytest.raises(InputError, match="has no test file"):
        load("iris", test=table)


def test_the_label_column_must_be_named(table):
    with pytest.raises(InputError, match=r"columns are \['a', 'b', 'label'\]; give one with --label"):
        load(table)


def test_columns_of_what_is_no_table(archive):
    with pytest.raises(InputError, match="--label, --drop cannot name its columns"):
        load(archive, label="y", drop=["x"])
    with pytest.raises(InputError, match="--groups"):
        load("iris", groups="g")


def test_unlabelled_rows(table, archive):
    data = load_unlabelled(table, drop=["label", "not there"])
    assert data.y is None
    assert list(data.X.columns) == ["a", "b"]
    assert load_unlabelled(table, id="b").ids.tolist() == ["x", "y"]
    assert load_unlabelled(table, id="not there").ids.tolist() == [0, 1]
    assert load_unlabelled(archive).y is None
    assert load_unlabelled("iris").y is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("train.csb", "neither a file, nor a folder, nor a built-in name"),
        ("nothing.csv", "there is no file"),
        ("trian.csv", r"did you mean .*train\.csv\?"),
        ("no_folder/train.csv", "no folder"),
        ("notes.txt", "a file of another kind"),
        ("folder.csv", "is a folder; give a .csv"),
    ],
)
def test_sources_that_do_not_exist(table, source, message):
    (table.parent / "notes.txt").write_text("x")
    (table.parent / "folder.csv").mkdir()
    with pytest.raises(InputError, match=message) as caught:
        load(table.parent / source, label="label")
    assert "digits, wine" in str(caught.value)


def test_a_built_in_name_with_a_slip():
    with pytest.raises(InputError, match=r"did you mean digits\?"):
        load("digit")


def test_label_kind():
    assert label_kind(np.array([1, 2])) == "integer"
    assert label_kind(np.array(["a"])) == "text"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
def test_labels_that_are_floats_are_the_same_from_every_file(tmp_path, suffix):
    def write(labels):
        frame = pd.DataFrame({"a": [1, 2, 3], "label": labels})
        if suffix == ".npz":
            np.savez(tmp_path / "t.npz", X=frame[["a"]], y=frame["label"])
        else:
            (frame.to_parquet if suffix == ".parquet" else frame.to_csv)(tmp_path / f"t{suffix}", index=False)
        return load(tmp_path / f"t{suffix}", label=None if suffix == ".npz" else "label")

    whole = write([1.0, 2.0, 1.0]).y
    assert whole.dtype == np.int64
    assert whole.tolist() == [1, 2, 1]
    with pytest.raises(InputError, match=r"^Unknown label type: continuous.* '(label|y)' holds 2.25 in row 1"):
        write([1.0, 2.25, 3.5])


def test_rows_to_score_are_not_asked_for_columns_that_they_cannot_have(table, archive):
    assert load_labelled_part(archive, label="label", id="id", drop=["a"]).y.tolist() == [0, 1, 2]
    assert len(load_labelled_part("iris", label="label")) == 150
    with pytest.raises(
        InputError, match=r"is a table, and the model was made from data without named columns"
    ) as caught:
        load_labelled_part(table)
    assert "--label" not in str(caught.value)
