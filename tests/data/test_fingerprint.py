from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from made_pictures import encoded, pixels
from softlabel.data.dataset import Dataset
from softlabel.data.encoded_images import BytesImages, FileImages
from softlabel.data.fingerprint import fingerprint, labels_fingerprint, shape_of
from softlabel.data.image_cache import load_images
from softlabel.data.images import Images
from softlabel.data.source import load
from softlabel.errors import InputError


def table():
    return pd.DataFrame(
        {
            "n": [1.0, np.nan, 3.0],
            "i": [1, 2, 3],
            "t": ["a", None, "c"],
            "d": pd.to_datetime(["2020-01-01", "2021-01-01", None]),
            "k": pd.Categorical(["u", "v", "u"]),
        }
    )


def dataset(X=None, **changes):
    X = table() if X is None else X
    base = Dataset(X, np.array([0, 1, 0]), np.array(["a", "b", "c"]), groups=np.array([1, 1, 2]), source="x")
    return replace(base, **changes)


def test_equal_content_has_equal_fingerprints():
    base = fingerprint(dataset())
    assert base == fingerprint(dataset())
    assert len(base) == 64
    assert base == fingerprint(dataset(source="another", test=dataset()))
    assert base == fingerprint(dataset(y=np.array([0, 1, 0], dtype=np.int8)))
    assert base == fingerprint(dataset(ids=np.array(["a", "b", "c"], dtype=object)))
    other = table()
    other["i"] = other["i"].astype("int32")
    other["t"] = other["t"].astype("string")
    other["k"] = other["k"].astype(object)
    other["d"] = other["d"].astype("datetime64[s]")
    other.index = [7, 8, 9]
    assert base == fingerprint(dataset(other))


def test_each_change_changes_it():
    changed = [dataset(), dataset(y=np.array([0, 1, 1])), dataset(y=None), dataset(groups=None)]
    changed.append(dataset(ids=np.array(["a", "c", "b"])))
    changed.append(dataset(groups=np.array([1, 2, 2])))
    for column, value in (("n", 1.5), ("i", 9), ("t", "b"), ("d", pd.Timestamp("2020-01-02")), ("k", "v")):
        frame = table()
        frame.loc[0, column] = value
        changed.append(dataset(frame))
    for column in ("n", "t", "d"):
        frame = table()
        frame.loc[0, column] = None
        changed.append(dataset(frame))
    changed.append(dataset(table().iloc[::-1]))
    changed.append(dataset(table()[["i", "n", "t", "d", "k"]]))
    changed.append(dataset(table().rename(columns={"n": "m"})))
    changed.append(dataset(table().drop(columns="n")))
    prints = [fingerprint(one) for one in changed]
    assert len(set(prints)) == len(prints)


@given(st.lists(st.text(max_size=4), min_size=2, max_size=5), st.integers(0, 10))
def test_texts_do_not_run_into_each_other(texts, cut):
    """Moving a letter from one cell to the next is a change."""
    joined = "".join(texts)
    position = min(cut, len(joined))
    other = [joined[:position], joined[position:], *[""] * (len(texts) - 2)]

    def of(values):
        return fingerprint(Dataset(pd.DataFrame({"t": pd.Series(values, dtype=object)}), None, np.arange(len(values))))

    assert (of(texts) == of(other)) == (texts == other)


@given(st.lists(st.floats(width=32), min_size=1, max_size=8))
def test_the_width_of_numbers_does_not_count(values):
    def of(dtype):
        X = np.array(values, dtype=dtype)[:, None]
        return fingerprint(Dataset(X, None, np.arange(len(values))))

    assert of(np.float32) == of(np.float64)


def test_arrays_sparse_matrices_and_lists(monkeypatch):
    X = np.array([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    assert fingerprint(dataset(X)) != fingerprint(dataset(X.reshape(3, 2, 1)))
    assert fingerprint(dataset(X)) == fingerprint(dataset(np.asfortranarray(X)))
    negative = np.where(X == 0, -0.0, X)
    assert np.signbit(negative).any()
    assert fingerprint(dataset(negative)) == fingerprint(dataset(X))  # 0 and -0 are one number
    csr = fingerprint(dataset(sparse.csr_matrix(X)))
    assert csr == fingerprint(dataset(sparse.csc_matrix(X))) == fingerprint(dataset(sparse.coo_matrix(X)))
    assert csr != fingerprint(dataset(sparse.csr_matrix(2 * X)))
    same = sparse.csr_matrix(([2.0, 0.5, 0.0, 0.5], ([1, 0, 2, 0], [0, 1, 0, 1])), shape=(3, 2))
    in_parts = sparse.csr_matrix((np.array([0.5, 0.5, 2.0, 0.0]), np.array([1, 1, 0, 0]), np.array([0, 2, 3, 4])))
    assert csr == fingerprint(dataset(same)) == fingerprint(dataset(in_parts))
    assert in_parts.nnz == 4  # and it is left as it was
    assert fingerprint(dataset(["a", "b", "c"])) != fingerprint(dataset(["a", "b", "d"]))
    whole = fingerprint(dataset(X))
    monkeypatch.setattr("softlabel.data.fingerprint._CHUNK", 2)
    assert fingerprint(dataset(X)) == whole
    with pytest.raises(InputError, match="no fingerprint"):
        fingerprint(Dataset(range(3), None, np.arange(3)))


def test_pictures_count_by_their_pixels_or_by_the_bytes_of_their_files(tmp_path):
    array = np.stack([pixels(row) for row in range(3)])
    whole = fingerprint(dataset(Images.from_array(array)))
    assert whole == fingerprint(dataset(Images.from_array(np.asfortranarray(array))))
    assert whole == fingerprint(dataset(Images.from_array(array[[2, 0, 1]]).take([1, 2, 0])))
    halves = Images.from_array(array[:1]).concatenate(Images.from_array(array[1:]))
    assert whole == fingerprint(dataset(halves))
    changed = array.copy()
    changed[2, 7, 7, 2] ^= 1
    prints = {whole, fingerprint(dataset(Images.from_array(changed))), fingerprint(dataset(array))}
    prints.add(fingerprint(dataset(Images.from_array(array[[1, 0, 2]]))))
    prints.add(fingerprint(dataset(Images.from_array(array.reshape(3, 4, 16, 3)))))
    cells = [encoded(picture) for picture in array]
    for row, cell in enumerate(cells):
        (tmp_path / f"{row}.png").write_bytes(cell)
    files = FileImages([tmp_path / f"{row}.png" for row in range(3)], "abc")
    of_files = {fingerprint(dataset(load_images(files, cache=cache))) for cache in ("memory", "none")}
    of_files.add(fingerprint(dataset(load_images(BytesImages(cells, "xyz")))))
    assert len(of_files) == 1
    prints |= of_files
    prints.add(fingerprint(dataset(load_images(files, size=4))))
    prints.add(fingerprint(dataset(load_images(BytesImages([encoded(array[0], compress_level=1), *cells[1:]], "xyz")))))
    assert len(prints) == 8


def test_csv_and_parquet_of_one_table_agree(tmp_path):
    frame = pd.DataFrame({"x": [0.1, None, 2e-17], "i": [1, 2, 3], "t": ["a", None, "c"], "label": [0, 1, 0]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    assert len({fingerprint(load(tmp_path / name, label="label")) for name in ("t.csv", "t.parquet")}) == 1


def test_labels_alone_have_one_too():
    codes = np.array([0, 1, 1])
    assert labels_fingerprint(codes) == labels_fingerprint(codes.astype(np.int8))
    others = [codes[::-1], codes[:, None], codes[:2], codes.astype(str), codes.astype(float)]
    assert len({labels_fingerprint(one) for one in [codes, *others]}) == 6


def test_it_is_the_same_in_each_process_and_version():
    # A golden value: a run that was begun must be recognised by a later version of this package.
    X = pd.DataFrame({"a": [1.0, 2.5], "b": ["x", None], "c": [True, False]})
    data = Dataset(X, np.array([1, 0]), np.arange(2))
    assert fingerprint(data) == "25c924513c8019fe455a211427e9a1abb1567f45f7a4f415f075eefc5af97744"
    program = (
        "import numpy as np, pandas as pd; from softlabel.data.dataset import Dataset; "
        "from softlabel.data.fingerprint import fingerprint; "
        "X = pd.DataFrame({'a': [1.0, 2.5], 'b': ['x', None], 'c': [True, False]}); "
        "print(fingerprint(Dataset(X, np.array([1, 0]), np.arange(2))))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == fingerprint(data)


def test_shape_of():
    assert shape_of(dataset()) == (3, 5)
    assert shape_of(dataset(np.zeros((3, 2, 2)))) == (3, 4)
    assert shape_of(dataset(["a", "b", "c"])) == (3, None)
    assert shape_of(dataset(Images.from_array(np.zeros((3, 4, 5, 3), np.uint8)))) == (3, 60)


def test_labels_in_columns_votes_and_a_reference_count():
    names, rows = np.array(["p", "q"]), np.array([[1, 0], [1, 1], [0, 0]])
    other = rows[[0, 2, 1]]
    several = {"y": rows, "label_names": names}
    changed = [
        dataset(),
        dataset(label_names=names),
        dataset(**several),
        dataset(y=other, label_names=names),
        dataset(y=rows, label_names=names[::-1]),
        dataset(label_names=names, targets=np.float32(rows)),
        dataset(label_names=names, targets=np.float32(other)),
        dataset(label_names=names, reference=rows / 1.0),
        dataset(label_names=names, reference=other / 1.0),
        dataset(label_names=names, reference=rows / 1.0, targets=np.float32(rows)),
    ]
    assert len({fingerprint(one) for one in changed}) == len(changed)
    assert fingerprint(dataset(**several)) == fingerprint(dataset(y=rows.astype(np.int8), label_names=names))
    assert fingerprint(dataset(y=np.array([1, 0, 1]))) != fingerprint(dataset(y=rows[:, :1], label_names=names[:1]))


def test_what_was_there_before_keeps_its_fingerprint():
    # Runs of earlier versions are resumed by it.
    data = Dataset(np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]), np.arange(3))
    assert fingerprint(data) == "7b409117a634a0be0543d87c0381c5372a689caf5cc3ba11cad2678e470b14b6"


def test_texts():
    texts = np.array(["a", "b c", "NA"], dtype=object)
    base = fingerprint(dataset(texts))
    assert base == fingerprint(dataset(texts.copy()))
    assert base != fingerprint(dataset(np.array(["a", "b  c", "NA"], dtype=object)))
    assert shape_of(dataset(texts)) == (3, None)
