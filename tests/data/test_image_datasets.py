from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from made_pictures import class_folder, encoded, pixels
from softlabel.data.columns import Columns
from softlabel.data.fingerprint import fingerprint
from softlabel.data.image_datasets import Decoding, folder_dataset, picture_table_dataset
from softlabel.data.images import Images
from softlabel.data.source import load, load_labelled_part, load_unlabelled, source_kind
from softlabel.errors import InputError


@pytest.fixture
def folder(tmp_path):
    return class_folder(tmp_path / "set", {"dog": 2, "cat": 1})


@pytest.fixture
def table(folder):
    paths = ["set/dog/0.png", "set/dog/1.png", "set/cat/0.png"]
    pd.DataFrame({"file": paths, "label": ["dog", "dog", "cat"], "key": list("abc"), "more": [1, 2, 3]}).to_csv(
        folder.parent / "t.csv", index=False
    )
    return folder.parent / "t.csv"


def test_a_folder(folder):
    data = folder_dataset(folder, Decoding())
    assert isinstance(data.X, Images)
    assert data.ids.tolist() == ["cat/0.png", "dog/0.png", "dog/1.png"]
    assert data.y.tolist() == ["cat", "dog", "dog"]
    np.testing.assert_array_equal(data.X.read(), [pixels(1000), pixels(0), pixels(1)])
    assert data.source == str(folder)
    assert folder_dataset(folder, Decoding(size=4)).X.shape == (3, 4, 4, 3)
    assert folder_dataset(folder, Decoding(cache="none")).X.lazy
    assert folder_dataset(folder, Decoding(), labelled=False).y is None


def test_names_of_classes_are_labels_like_any_other(tmp_path):
    whole = class_folder(tmp_path / "whole", {"0": 1, "10": 1, "2": 1})
    assert folder_dataset(whole, Decoding()).y.tolist() == [0, 10, 2]
    assert folder_dataset(whole, Decoding(), label_kind="text").y.tolist() == ["0", "10", "2"]
    kept = class_folder(tmp_path / "kept", {"000": 1, "001": 1, "NA": 1})
    assert folder_dataset(kept, Decoding()).y.tolist() == ["000", "001", "NA"]


def test_a_table(table):
    data = picture_table_dataset(table, Decoding(), Columns(image="file", label="label", id="key", groups="more"))
    np.testing.assert_array_equal(data.X.read(), [pixels(0), pixels(1), pixels(1000)])
    assert (data.y.tolist(), data.ids.tolist(), data.groups.tolist()) == (["dog", "dog", "cat"], list("abc"), [1, 2, 3])


def test_both_ways_of_loading_give_the_same_pictures(folder, table):
    by_folder, by_table = load(folder), load(table, image="file", label="label", id="key")
    np.testing.assert_array_equal(by_folder.X.read([1, 2, 0]), by_table.X.read())
    cells = [encoded(pixels(row)) for row in (0, 1, 1000)]
    frame = pd.DataFrame({"file": cells, "label": ["dog", "dog", "cat"], "key": list("abc")})
    frame.to_parquet(table.parent / "t.parquet")
    held = load(table.parent / "t.parquet", image="file", label="label", id="key")
    assert fingerprint(held) == fingerprint(by_table)


def test_a_test_folder(folder, tmp_path):
    assert source_kind(folder) == "folder"
    test = class_folder(tmp_path / "test", {"cat": 2, "cow": 0})
    data = load(folder, test=test)
    assert data.test.y.tolist() == ["cat", "cat"]
    assert load_labelled_part(test, label="label", id="key", image="file").y.tolist() == ["cat", "cat"]
    large = class_folder(tmp_path / "large", {"cat": 1}, height=16, width=9)
    with pytest.raises(
        InputError, match=r"\(.*large\) are 9 x 16, 3 colours and training pictures 8 x 8.*--image-size N"
    ):
        load(folder, test=large)
    assert load(folder, test=large, image_size=8).test.X.shape == (1, 8, 8, 3)
    with pytest.raises(
        InputError, match=r"the training pictures come from a folder, the test pictures from .*; give a folder"
    ):
        load(folder, test="iris")


def test_labels_of_a_test_folder_are_of_the_kind_of_the_training_labels(tmp_path):
    train = class_folder(tmp_path / "train_set", {"1": 1, "a": 1})
    test = class_folder(tmp_path / "test_set", {"1": 1})
    assert load(train, test=test).test.y.tolist() == ["1"]


def test_a_test_table(table, tmp_path):
    pd.DataFrame({"file": ["set/cat/0.png"], "label": ["cat"]}).to_parquet(table.parent / "test.parquet")
    data = load(table, image="file", label="label", id="key", drop=["more"], test=table.parent / "test.parquet")
    assert (data.test.y.tolist(), data.test.ids.tolist()) == (["cat"], [0])
    part = load_labelled_part(table.parent / "test.parquet", image="file", label="label", id="key", drop=["more"])
    np.testing.assert_array_equal(part.X.read(), [pixels(1000)])
    large = encoded(pixels(0, 9, 9))
    pd.DataFrame({"file": [large], "label": ["cat"]}).to_parquet(table.parent / "test.parquet")
    with pytest.raises(InputError, match="are 9 x 9, 3 colours and training pictures 8 x 8"):
        load(table, image="file", label="label", test=table.parent / "test.parquet")


def test_rows_to_be_predicted(folder, table):
    (folder / "loose.PNG").write_bytes(encoded(pixels(9)))
    data = load_unlabelled(folder, id="key", drop=["label"], image="file")
    assert data.y is None
    assert data.ids.tolist() == ["cat/0.png", "dog/0.png", "dog/1.png", "loose.PNG"]
    data = load_unlabelled(table, id="key", drop=["label", "none"], image="file", image_size=5)
    assert data.y is None
    assert data.ids.tolist() == list("abc")
    assert data.X.shape == (3, 5, 5, 3)
    np.savez(folder.parent / "a.npz", X=np.zeros((2, 8, 8, 3), np.uint8))
    assert load_unlabelled(folder.parent / "a.npz", image="file", image_size=8).X.shape == (2, 8, 8, 3)


def test_a_folder_with_the_name_of_a_built_in(tmp_path, monkeypatch):
    class_folder(tmp_path / "iris", {"dog": 1, "cat": 1})
    monkeypatch.chdir(tmp_path)
    assert source_kind("iris") == "builtin"
    assert source_kind("./iris") == "folder"
    assert len(load("./iris")) == 2


def test_options_that_do_not_go_together(folder, table):
    np.savez(folder.parent / "a.npz", X=np.zeros((2, 8, 8, 3), np.uint8), y=[0, 1])
    for source, options, message in [
        (folder, {"label": "y"}, "is no table, so --label cannot name its columns"),
        (folder, {"image": "file"}, "is no table, so --image cannot name"),
        (folder, {"id": "i", "groups": "g", "drop": ["d"]}, "--id, --groups, --drop"),
        (table, {"label": "label", "image_size": 8}, r"no files of pictures, so --image-size .* with --image$"),
        (folder.parent / "a.npz", {"image_size": 8}, "--image-size cannot resize any; leave it out$"),
        ("iris", {"image_size": 8}, "--image-size cannot resize any"),
        (table, {"image": "file"}, "which column of .* holds the labels"),
        (table, {"image": "file", "label": "label", "test": folder}, "the training rows come from a table"),
        (folder, {"cache": "ram"}, "cache='ram'"),
    ]:
        with pytest.raises(InputError, match=message) as caught:
            load(source, **options)
        assert "\n" not in str(caught.value)


def test_broken_pictures_are_named_by_their_path(folder):
    (folder / "dog" / "2.jpg").write_bytes(b"")
    (folder / "cat" / "1.png").write_bytes(encoded(pixels(0))[:-40])
    with pytest.raises(
        InputError, match=r"^2 of 5 pictures cannot be read: cat/1\.png \(.*\), dog/2\.jpg \(empty file\); mend"
    ):
        load(folder)


def test_a_good_folder_gives_no_warning(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(folder)
        load(folder, cache="none")
