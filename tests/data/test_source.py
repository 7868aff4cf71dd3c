from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_pictures import encoded, pixels
from softlabel.data.source import load, load_labelled_part, load_unlabelled, source_kind
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


def test_several_labels_from_every_kind_of_file(tmp_path):
    frame = pd.DataFrame({"x": [1, 2, 3], "p": [1, 0, 1], "q": [1, 0, 0]})
    frame.to_csv(tmp_path / "c.csv", index=False)
    pd.DataFrame({"x": [1, 2, 3], "tags": ["p;q", "", "p"]}).to_parquet(tmp_path / "j.parquet")
    np.savez(tmp_path / "a.npz", X=frame[["x"]], y=frame[["p", "q"]], label_names=["p", "q"])
    for source, options in (("c.csv", {"label": ["p", "q"]}), ("j.parquet", {"label": "tags"}), ("a.npz", {})):
        data = load(tmp_path / source, several=True, **options)
        assert data.y.tolist() == [[1, 1], [0, 0], [1, 0]]
        assert data.label_names.tolist() == ["p", "q"]
        part = load_labelled_part(tmp_path / source, several=True, label_names=data.label_names, **options)
        assert part.y.tolist() == data.y.tolist()
    with pytest.raises(InputError, match=r"\(3, 2\); give one label a row, .* or --task multilabel"):
        load(tmp_path / "a.npz")
    with pytest.raises(InputError, match="each row of iris has one label"):
        load("iris", several=True)


def test_label_columns_that_exclude_each_other(tmp_path):
    pd.DataFrame({"x": [1, 2], "p": [1, 0], "q": [0, 1]}).to_csv(tmp_path / "c.csv", index=False)
    assert load(tmp_path / "c.csv", label=("p", "q")).y.tolist() == ["p", "q"]
    assert load_labelled_part(tmp_path / "c.csv", label=["p", "q"]).y.tolist() == ["p", "q"]
    assert load(tmp_path / "c.csv", label=("p",), drop=["q"]).y.tolist() == [1, 0]


def test_grades_that_are_not_whole(tmp_path):
    pd.DataFrame({"x": [1, 2, 3], "y": [0, 0.5, 1]}).to_csv(tmp_path / "c.csv", index=False)
    assert load(tmp_path / "c.csv", label="y", label_kind="number").y.tolist() == [0, 0.5, 1]
    part = load(tmp_path / "c.csv", label="y", label_kind="number", test=tmp_path / "c.csv").test
    assert part.y.tolist() == [0, 0.5, 1]
    np.savez(tmp_path / "a.npz", X=np.eye(3), y=[0, 0.5, 1], X_test=np.eye(3), y_test=[0, 0.5, 1])
    assert load(tmp_path / "a.npz", label_kind="number").test.y.tolist() == [0, 0.5, 1]
    with pytest.raises(InputError, match="continuous"):
        load(tmp_path / "a.npz")


def test_votes_are_labels_and_first_targets(tmp_path):
    frame = pd.DataFrame({"id": ["u", "v"], "x": [1, 2], "n_0": [3, 0], "n_1": [1, 2]})
    frame.to_csv(tmp_path / "c.csv", index=False)
    data = load(tmp_path / "c.csv", id="id", votes=["n_0", "n_1"], reference=["votes"])
    assert data.y.tolist() == [0, 1]
    assert data.targets.tolist() == data.reference.tolist() == [[0.75, 0.25], [0, 1]]
    part = load_labelled_part(tmp_path / "c.csv", id="id", votes=["n_0", "n_1"], label_names=data.label_names)
    assert part.y.tolist() == [0, 1]
    long = pd.DataFrame({"id": ["u", "u", "v"], "annotator": [1, 2, 1], "label": [1, 1, 0]})
    long.to_csv(tmp_path / "v.csv", index=False)
    votes = str(tmp_path / "v.csv")
    data = load(tmp_path / "c.csv", id="id", drop=["n_0", "n_1"], votes=votes)
    assert data.y.tolist() == [1, 0]
    one = load(tmp_path / "c.csv", id="id", votes=votes).take([1])
    assert (one.targets.tolist(), one.label_names.tolist()) == ([[1, 0]], [0, 1])


def test_a_file_of_votes_on_what_is_no_table(archive, tmp_path):
    pd.DataFrame({"id": [0, 1, 2, 2], "annotator": [1, 1, 1, 2], "label": [0, 1, 1, 2]}).to_csv(
        tmp_path / "v.csv", index=False
    )
    data = load(archive, votes=[str(tmp_path / "v.csv")], votes_as="share")
    assert data.targets.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]]
    assert data.y.tolist() == [0, 1, 2]
    part = load(archive, votes=[str(tmp_path / "v.csv")], label_names=data.label_names)  # of whose rows it says nothing
    assert part.targets is None
    assert part.y.tolist() == [0, 1, 2]


def test_a_file_of_votes_by_row_number_is_for_the_training_set_though_its_classes_are_named(tmp_path):
    pd.DataFrame({"x": [1, 2], "y": [0, 1]}).to_csv(tmp_path / "t.csv", index=False)
    pd.DataFrame({"id": [0, 1], "annotator": [1, 1], "label": [1, 1]}).to_csv(tmp_path / "v.csv", index=False)
    options = {"label": "y", "votes": str(tmp_path / "v.csv"), "label_names": [0, 1, 2]}
    assert load(tmp_path / "t.csv", **options, part=False).targets.tolist() == [[0, 1, 0], [0, 1, 0]]
    assert load(tmp_path / "t.csv", **options).targets is None
    pd.DataFrame({"id": [0, 9], "annotator": [1, 1], "label": [1, 1]}).to_csv(tmp_path / "v.csv", index=False)
    with pytest.raises(InputError, match="votes on 1 ids that no row has: 9"):
        load(tmp_path / "t.csv", **options, part=False)


def test_texts(tmp_path):
    pd.DataFrame({"t": ["NA", "b c"], "y": [0, 1], "more": [1, 2]}).to_csv(tmp_path / "t.csv", index=False)
    data = load(tmp_path / "t.csv", label="y", text="t", drop=["more"], test=tmp_path / "t.csv")
    assert data.X.tolist() == data.test.X.tolist() == ["NA", "b c"]
    assert load_unlabelled(tmp_path / "t.csv", text="t", drop=["y"]).X.tolist() == ["NA", "b c"]
    assert load_labelled_part(tmp_path / "t.csv", label="y", text="t", drop=["none"]).y.tolist() == [0, 1]
    with pytest.raises(InputError, match="is no table, so --text cannot name its columns"):
        load("iris", text="t")


def test_label_sheets_of_challenges(tmp_path):
    names = ("healthy", "multiple_diseases", "rust", "scab")
    for at, one in enumerate(("a", "b")):
        (tmp_path / f"{one}.jpg").write_bytes(encoded(pixels(at)))
    frame = pd.DataFrame([["a", 0, 1, 0, 0], ["b", 0, 0, 0, 1]], columns=["image_id", *names])
    frame.to_csv(tmp_path / "t.csv", index=False)
    sheet = {"format": "plant-pathology", "image_size": 4}
    data = load(tmp_path / "t.csv", **sheet, test=tmp_path / "t.csv")
    assert data.X.shape == data.test.X.shape == (2, 4, 4, 3)
    assert data.y.tolist() == data.test.y.tolist() == ["multiple_diseases", "scab"]
    assert load_labelled_part(tmp_path / "t.csv", **sheet, label="x").y.tolist() == data.y.tolist()
    assert load_unlabelled(tmp_path / "t.csv", **sheet).y is None
    with pytest.raises(InputError, match="give one of the same form"):
        load(tmp_path / "t.csv", **sheet, test="iris")
    with pytest.raises(InputError, match="says itself what --label"):
        load(tmp_path / "t.csv", **sheet, label="healthy")


def test_rows_that_belong_to_a_training_set_may_share_its_file_of_votes(tmp_path):
    pd.DataFrame({"id": ["u"], "x": [1], "y": ["a"]}).to_csv(tmp_path / "guard.csv", index=False)
    pd.DataFrame({"id": ["u", "w"], "annotator": [1, 1], "label": ["a", "b"]}).to_csv(tmp_path / "v.csv", index=False)
    options = {"label": "y", "id": "id", "votes": str(tmp_path / "v.csv")}
    with pytest.raises(InputError, match="votes on 1 ids that no row has: w"):
        load(tmp_path / "guard.csv", **options)
    data = load(tmp_path / "guard.csv", **options, label_names=np.array(["a", "b", "c"]))
    assert data.targets.tolist() == [[1, 0, 0]]
    with pytest.raises(InputError, match="name the classes b, which the training data does not have"):
        load(tmp_path / "guard.csv", **options, label_names=np.array(["a", "c"]))
