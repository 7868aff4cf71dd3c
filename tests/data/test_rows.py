from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from softlabel.data.images import Images
from softlabel.data.rows import as_rows, concatenate, n_rows, take
from softlabel.errors import InputError


class Pictures:
    """What a lazily loaded collection looks like."""

    def __init__(self, names):
        self.names = list(names)

    def __len__(self):
        return len(self.names)

    def take(self, rows):
        return Pictures([self.names[row] for row in rows])

    def concatenate(self, other):
        return Pictures(self.names + other.names)


def as_list(X):
    if isinstance(X, Pictures):
        return X.names
    if isinstance(X, Images):
        return X.read()[:, 0, :, 0].tolist()
    if sparse.issparse(X):
        return X.toarray().tolist()
    if isinstance(X, pd.DataFrame):
        return X.to_numpy().tolist()
    return [row.tolist() if hasattr(row, "tolist") else row for row in X]


VALUES = [[0.0, 1.0], [2.0, 0.0], [4.0, 5.0], [6.0, 7.0]]
KINDS = {
    "array": np.array(VALUES),
    "frame": pd.DataFrame(VALUES, columns=["a", "b"], index=[3, 2, 1, 0]),
    "csr": sparse.csr_matrix(VALUES),
    "csc": sparse.csc_array(VALUES),
    "coo": sparse.coo_matrix(VALUES),
    "list": list(VALUES),
    "pictures": Pictures(VALUES),
    "images": Images.from_array(np.array(VALUES, dtype=np.uint8)[:, None, :]),
}


@pytest.mark.parametrize("kind", KINDS)
@given(rows=st.lists(st.integers(0, 3), max_size=6))
def test_take_returns_the_rows_at_these_positions(kind, rows):
    taken = take(KINDS[kind], rows)
    assert as_list(taken) == [VALUES[row] for row in rows]
    assert n_rows(taken) == len(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_is_the_positions_where_it_is_true(kind):
    mask = np.array([True, False, False, True])
    assert as_list(take(KINDS[kind], mask)) == [VALUES[0], VALUES[3]]
    with pytest.raises(InputError, match="mask of 2 rows does not fit data of 4"):
        take(KINDS[kind], mask[:2])


@pytest.mark.parametrize("kind", KINDS)
def test_concatenate_undoes_a_cut(kind):
    X = KINDS[kind]
    assert as_list(concatenate(take(X, [0]), take(X, [1, 2, 3]))) == VALUES


def test_columns_of_frames_are_matched_by_name():
    below = concatenate(pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"b": [4], "a": [3]}))
    assert below["a"].tolist() == [1, 3]
    assert below.index.tolist() == [0, 1]


def test_a_series_is_taken_by_position():
    series = pd.Series([10, 20, 30], index=[2, 1, 0])
    assert take(series, [0]).tolist() == [10]
    assert concatenate(series, series).tolist() == [10, 20, 30] * 2


def test_taking_does_not_touch_the_data():
    X = np.array(VALUES)
    take(X, [0, 1])[:] = -1
    np.testing.assert_array_equal(X, VALUES)


@pytest.mark.parametrize(
    ("A", "B", "message"),
    [
        (np.ones((2, 2)), np.ones((2, 3)), "same columns"),
        (sparse.csr_matrix((2, 2)), sparse.csr_matrix((2, 3)), "same columns"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), r"missing: \['a'\], extra: \['b'\]"),
        (np.ones((2, 2)), pd.DataFrame({"a": [1]}), "DataFrame cannot stand below a ndarray"),
    ],
)
def test_what_does_not_fit_is_not_concatenated(A, B, message):
    with pytest.raises(InputError, match=message):
        concatenate(A, B)


def test_as_rows_keeps_what_has_rows():
    for kind in ("array", "frame", "csr", "csc", "pictures", "images"):
        assert as_rows(KINDS[kind]) is KINDS[kind]
    texts = ["one text", "another"]
    assert as_rows(texts) is texts
    assert as_rows(KINDS["coo"]).format == "csr"
    assert isinstance(as_rows([[1, 2], [3, 4]]), np.ndarray)


@pytest.mark.parametrize("X", [None, 3, {"a": 1}, np.float64(2.0), np.array(1.0)])
def test_what_has_no_rows_is_refused(X):
    with pytest.raises(InputError, match="no rows"):
        as_rows(X)


def test_n_rows_of_what_has_no_length():
    with pytest.raises(InputError, match="no length"):
        n_rows(object())
    with pytest.raises(InputError, match="take"):
        take(object(), [0])
