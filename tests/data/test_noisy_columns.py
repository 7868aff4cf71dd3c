"""Labels beside the true ones: read as these are, and no features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from made_pictures import encoded, pixels
from softlabel.data.noisy_columns import kind_like
from softlabel.data.source import load
from softlabel.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write_table(frame, name="t.csv"):
        path = tmp_path / name
        (frame.to_parquet if path.suffix == ".parquet" else frame.to_csv)(path, index=False)
        return path

    return write_table


def _frame(n=12):
    frame = labelled_tables.features(n)
    kind = np.array(["ant", "bee", "cat"])[np.arange(n) % 3]
    return frame.assign(kind=kind, crowd=np.where(np.arange(n) % 4 == 0, "cat", kind), worse=np.roll(kind, 1))


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_columns_of_a_table_are_labels_and_no_features(write, name):
    frame = _frame()
    data = load(write(frame, name), label="kind", id="key", noisy=["crowd", "worse"])
    assert list(data.X.columns) == ["a", "b", "c"]
    assert data.y.tolist() == frame["kind"].tolist()
    assert {name: labels.tolist() for name, labels in data.noisy_labels.items()} == {
        "crowd": frame["crowd"].tolist(),
        "worse": frame["worse"].tolist(),
    }
    some = data.take(np.array([3, 1]))
    assert some.noisy_labels["crowd"].tolist() == frame["crowd"][[3, 1]].tolist()
    assert load(write(frame, name), label="kind", id="key").noisy_labels is None


def test_they_are_of_the_kind_of_the_true_ones(write):
    frame = labelled_tables.features(4)
    frame = frame.assign(code=["01", "02", "01", "03"], crowd=["1", "2", "1", "3"], grade=[0, 1, 2, 1])
    frame["half"] = ["0.0", "1.0", "2.0", "1.0"]
    texts = load(write(frame), label="code", id="key", noisy=["crowd"])
    assert texts.noisy_labels["crowd"].tolist() == ["1", "2", "1", "3"]  # as texts, for "01" is one
    numbers = load(write(frame), label="grade", id="key", noisy=["half"], drop=["code"])
    assert numbers.noisy_labels["half"].tolist() == [0, 1, 2, 1]
    assert numbers.noisy_labels["half"].dtype == np.int64


@pytest.mark.parametrize(
    ("y", "asked", "kind"),
    [
        (np.array([1, 2]), None, "integer"),
        (np.array([1, 2]), "number", "number"),
        (np.array([0.5]), None, "number"),
        (np.array(["a"]), "number", "text"),
    ],
)
def test_how_labels_like_others_are_read(y, asked, kind):
    assert kind_like(y, asked) == kind


def test_test_rows_need_none_and_have_them_as_no_features(write):
    frame = _frame()
    table = write(frame)
    for other in (frame, frame.drop(columns="crowd")):
        data = load(table, label="kind", id="key", noisy=["crowd"], drop=["worse"], test=write(other, "test.csv"))
        assert list(data.test.X.columns) == ["a", "b", "c"]
        assert data.test.noisy_labels is None


def test_a_column_to_be_dropped_may_be_one_of_labels(write):
    data = load(write(_frame()), label="kind", id="key", noisy=["crowd"], drop=["crowd", "worse"])
    assert list(data.X.columns) == ["a", "b", "c"]
    assert list(data.noisy_labels) == ["crowd"]


def test_pictures_and_texts_have_them_too(write):
    kind = ["ant", "bee"] * 2
    pictures = pd.DataFrame({"image": [encoded(pixels(row)) for row in range(4)], "kind": kind, "worse": kind[::-1]})
    data = load(write(pictures, "p.parquet"), label="kind", image="image", noisy=["worse"])
    assert data.noisy_labels["worse"].tolist() == kind[::-1]
    texts = pd.DataFrame({"text": ["a", "b", "c", "d"], "kind": kind, "worse": kind[::-1]})
    data = load(write(texts), label="kind", text="text", noisy=["worse"])
    assert data.noisy_labels["worse"].tolist() == kind[::-1]


def test_joined_names_stand_in_a_column_of_joined_names(write):
    frame = labelled_tables.joined(labelled_tables.several(20))
    frame["crowd"] = ["rust"] * 10 + ["scab|mildew"] * 10
    data = load(write(frame), label="tags", id="key", several=True, noisy=["crowd"])
    assert data.label_names.tolist() == ["mildew", "rust", "scab"]
    assert data.noisy_labels["crowd"][[0, 19]].tolist() == [[0, 1, 0], [1, 0, 1]]
    assert data.y.shape == data.noisy_labels["crowd"].shape
    with pytest.raises(InputError, match="blight"):
        load(write(frame.assign(crowd="blight")), label="tags", id="key", several=True, noisy=["crowd"])


def test_several_columns_of_true_labels_have_no_single_noisy_one(write):
    frame = labelled_tables.several(20).assign(crowd="rust")
    with pytest.raises(
        InputError, match=r"column:crowd names one column, and the true labels stand in 3; give these as one"
    ):
        load(write(frame), label=labelled_tables.LABELS, id="key", several=True, noisy=["crowd"])


def test_arrays_of_a_file(tmp_path):
    X, y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 0, 2])
    np.savez(tmp_path / "a.npz", X=X, y=y, crowd=y[::-1, None], short=y[:2], X_test=X[:2], y_test=y[:2])
    data = load(tmp_path / "a.npz", noisy=["crowd"])
    assert data.noisy_labels["crowd"].tolist() == [2, 0, 1, 0]
    assert data.test.noisy_labels is None
    with pytest.raises(InputError, match=r"has no array 'mob' of labels; it holds \['X', 'X_test', 'crowd'"):
        load(tmp_path / "a.npz", noisy=["mob"])
    with pytest.raises(InputError, match=r"'short' of .* has the shape \(2,\), and the true labels \(4,\)"):
        load(tmp_path / "a.npz", noisy=["short"])
    several = np.eye(4, dtype=int)[:, :3]
    np.savez(tmp_path / "b.npz", X=X, y=several, crowd=several[::-1], label_names=["a", "b", "c"])
    data = load(tmp_path / "b.npz", several=True, noisy=["crowd"])
    assert data.noisy_labels["crowd"].tolist() == several[::-1].tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "kind", "noisy": ["mob"]}, r"has no column 'mob'; its columns are"),
        ({"label": "kind", "noisy": ["kind"]}, "'kind' is given as label and as corrupt"),
        ({"label": "kind", "noisy": ["crowd", "crowd"]}, "'crowd' is given twice as corrupt"),
        ({"label": "kind", "noisy": ["crowd"], "id": "crowd"}, "'crowd' is given as corrupt and as id"),
        ({"label": "kind", "noisy": ["gap"]}, "label column 'gap' is empty in 1 of 12 rows"),
        (
            {"votes": ["v_ant", "v_bee"], "noisy": ["crowd"]},
            "has only votes; name the column of true ones with --label",
        ),
    ],
)
def test_what_is_no_column_of_labels(write, options, message):
    frame = _frame().assign(v_ant=1, v_bee=2, gap=["ant", ""] + ["bee"] * 10)
    with pytest.raises(InputError, match=message):
        load(write(frame), **options)


def test_what_has_no_columns(tmp_path):
    with pytest.raises(InputError, match=r"digits has no column of labels beside its own, so --corrupt column:crowd"):
        load("digits", noisy=["crowd"])
    (tmp_path / "sheet.csv").write_text("image\n")
    with pytest.raises(InputError, match=r"the format deepdrid says itself what --corrupt column:NAME would say"):
        load(tmp_path / "sheet.csv", format="deepdrid", noisy=["crowd"])
