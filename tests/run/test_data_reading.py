from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from coloured_pictures import picture_folder
from softlabel.data.features import TableFeatures
from softlabel.data.images import Images
from softlabel.data.pixels import PixelFeatures
from softlabel.data.text_features import TextFeatures
from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.data_config import DataConfig
from softlabel.run.data_reading import read_data, settled, unfitted_features


def _config(source, **values):
    return make_config({"source": str(source), **values}, kind=DataConfig)


def _written(tmp_path, frame, name="train.csv"):
    frame.to_csv(tmp_path / name, index=False)
    return tmp_path / name


def _features(read, *, texts=False):
    return unfitted_features(read.train, read.members, read.estimators, texts)


def test_rows_are_read_and_nothing_is_changed(table):
    read = read_data(_config(table, label="kind", id="key", test=str(table.with_name("test.csv")), estimator="softmax"))
    frame = pd.read_csv(table)
    assert read.train.y.tolist() == frame["kind"].tolist()
    assert read.train.X["a"].tolist() == frame["a"].tolist()
    assert read.test.y.tolist() == pd.read_csv(table.with_name("test.csv"))["kind"].tolist()
    assert read.task.classes.tolist() == ["ant", "bee", "cat"]
    assert [name for name, _ in read.members] == ["softmax"]
    assert len(read.estimators) == 1
    assert list(read.prints) == ["source", "test"]
    assert (read.prints["source"]["n_rows"], read.prints["test"]["n_rows"]) == (60, 30)
    assert read.targets is read.reference is None


def test_the_training_rows_are_no_test(table):
    with pytest.warns(UserWarning, match="the test rows are the training rows: .* give rows of their own"):
        read_data(_config(table, label="kind", id="key", test=str(table)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_data(_config(table, label="kind", id="key", test=str(table.with_name("test.csv"))))


def test_without_test_rows_there_is_no_print_of_any(table):
    read = read_data(_config(table, label="kind", id="key"))
    assert read.test is None
    assert list(read.prints) == ["source"]


def test_an_array_brings_its_test_rows_along(tmp_path):
    X, y = np.eye(6), np.arange(6) % 2
    np.savez(tmp_path / "a.npz", train_images=X, train_labels=y, test_images=X[:4], test_labels=y[:4])
    read = read_data(_config(tmp_path / "a.npz"))
    assert read.test.y.tolist() == [0, 1, 0, 1]


GRADED = {"id": "key", "task": "ordinal", "view": "distribution"}


def test_labels_that_only_votes_give_are_settled_for_training_and_test_rows(tmp_path):
    """The votes 2, 0, 3 have most of them on grade 2 and their median between: the label is what the first target says."""
    votes = np.array([[2, 0, 3], [0, 4, 1], [3, 0, 2], [1, 3, 1]])
    frame = labelled_tables.features(4).assign(**{f"v_{grade}": votes[:, grade] for grade in range(3)})
    table = _written(tmp_path, frame)
    options = {**GRADED, "votes": ["v_0", "v_1", "v_2"], "reference": "votes"}
    read = read_data(_config(table, **options, test=str(table)))
    assert read.train.y.tolist() == read.test.y.tolist() == [2, 1, 0, 1]
    assert np.allclose(read.targets, votes / 5)
    assert np.allclose(read.reference, votes / 5)
    scalar = read_data(_config(table, **(options | {"view": "scalar"})))
    assert scalar.train.y.tolist() == [1, 1, 1, 1]  # means of 1.2, 1.2, 0.8 and 1
    assert np.allclose(scalar.targets[:, 0], [1.2, 1.2, 0.8, 1.0])
    assert np.allclose(scalar.reference, votes / 5)


def test_settled_labels_stay_as_they_are(tmp_path):
    frame = labelled_tables.votes(20)
    config = _config(_written(tmp_path, frame), id="key", votes=labelled_tables.ANIMALS)
    read = read_data(config)
    assert settled(config, read.train, read.task).y.tolist() == read.train.y.tolist()
    named = _config(tmp_path / "train.csv", id="key", label="a", votes=labelled_tables.ANIMALS)
    assert settled(named, read.train, read.task) is read.train


def test_test_labels_that_are_unknown_are_refused(table):
    other = _written(table.parent, pd.read_csv(table).head(3).assign(kind="yak"), "odd.csv")
    with pytest.raises(InputError, match="the test file has labels that the source has not: yak; known: ant, bee, cat"):
        read_data(_config(table, label="kind", id="key", test=str(other)))


def test_test_rows_need_the_columns_of_the_source(table):
    other = _written(table.parent, pd.read_csv(table).drop(columns="b"), "odd.csv")
    with pytest.raises(InputError, match="b"):
        read_data(_config(table, label="kind", id="key", test=str(other)))


def test_views_are_checked_where_they_are_asked_for(table):
    with pytest.raises(InputError, match="--tta flip makes views of pictures"):
        read_data(_config("iris", estimator="torch_mlp"), tta="flip")
    assert read_data(_config("iris", estimator="torch_mlp")).train.y.shape == (150,)


def test_features_by_what_the_rows_are_and_the_estimator_takes(tmp_path, table):
    assert isinstance(_features(read_data(_config(table, label="kind", id="key"))), TableFeatures)
    np.savez(tmp_path / "a.npz", X=np.eye(6), y=np.arange(6) % 2)
    assert _features(read_data(_config(tmp_path / "a.npz"))) is None
    folder = picture_folder(tmp_path / "photos", 3)
    pixels, as_they_are = (read_data(_config(folder, estimator=name)) for name in ("knn", "small_cnn"))
    assert isinstance(pixels.train.X, Images)
    assert isinstance(_features(pixels), PixelFeatures)
    assert _features(as_they_are) is None


def test_texts_become_words_unless_the_estimator_takes_them(tmp_path):
    table = _written(tmp_path, labelled_tables.texts())
    options = {"label": "mood", "id": "key", "text": "text"}
    assert isinstance(_features(read_data(_config(table, **options)), texts=True), TextFeatures)
    encoder = read_data(_config(table, **options, estimator=f"transformers:{tmp_path}"))
    assert _features(encoder, texts=True) is None


def test_features_are_not_fitted_yet(table):
    features = _features(read_data(_config(table, label="kind", id="key")))
    assert not [name for name in vars(features) if name.endswith("_") and not name.startswith("_")]
    assert features is not _features(read_data(_config(table, label="kind", id="key")))


def test_several_estimators_that_take_different_rows_are_refused(tmp_path):
    folder = picture_folder(tmp_path / "photos", 3)
    with pytest.raises(InputError, match="small_cnn takes pictures and knn rows of numbers"):
        read_data(_config(folder, estimator=("knn", "small_cnn")))
