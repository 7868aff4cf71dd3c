from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlabel.data.exact_columns import duplicates, exact_values, some
from softlabel.errors import InputError


def read(values, **options):
    return exact_values(values, name="grade", role="label", **options)


@given(st.lists(st.integers(-(10**18) + 1, 10**18 - 1), min_size=1))
def test_integers_written_as_text_become_integers(integers):
    column = read(pd.Series([str(integer) for integer in integers], dtype=object))
    assert column.dtype == np.int64
    assert column.tolist() == integers


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_text_stays_text_to_the_letter(texts):
    texts = [*texts, "x"]  # at least one that is no integer
    assert read(pd.Series(texts, dtype=object)).tolist() == texts


@pytest.mark.parametrize("text", ["NA", "None", "nan", "001", "1.0", "-0", "+1", " 1", "1e3", "True", "null", "9" * 19])
def test_what_only_looks_like_something_else_is_a_label(text):
    column = read(pd.Series(["1", text], dtype=object))
    assert column.dtype.kind == "U"
    assert column.tolist() == ["1", text]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([3, 1], dtype=np.uint8), [3, 1]),
        (np.array([3.0, 1.0]), [3, 1]),
        (np.array([[3], [1]]), [3, 1]),
        (pd.Series([3, 1], dtype="Int64"), [3, 1]),
        (pd.Categorical(["b", "a"]), ["b", "a"]),
        (pd.Series(["b", "a"], dtype="string"), ["b", "a"]),
        (np.array([0.5, 1.0]), ["0.5", "1.0"]),
        (np.array([True, False]), ["True", "False"]),
        (np.array(["b", "a"]), ["b", "a"]),
        (np.array([2**63, 1], dtype=np.uint64), [str(2**63), "1"]),
        (pd.Series([2, "a"], dtype=object), ["2", "a"]),
    ],
)
def test_types_of_files(values, expected):
    column = read(values)
    assert column.tolist() == expected
    assert column.dtype == np.int64 or column.dtype.kind == "U"


def test_the_kind_of_the_training_labels_is_kept():
    assert read(pd.Series(["1", "2"]), kind="text").tolist() == ["1", "2"]
    assert read(np.array([1, 2]), kind="text").tolist() == ["1", "2"]
    assert read(pd.Series(["1", "2"]), kind="integer").tolist() == [1, 2]
    assert read(pd.Series(["1", "b"]), kind="integer").tolist() == ["1", "b"]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["a", None, ""], dtype=object),
        pd.Series([1, None, None], dtype="Int64"),
        np.array([1.0, np.nan, np.nan]),
        np.array(["a", "", ""]),
        pd.Series(["a", pd.NA, None], dtype="string"),
    ],
)
def test_missing_values_are_counted_and_placed(values):
    with pytest.raises(InputError, match=r"'grade' is empty in 2 of 3 rows \(row numbers, counted from 0: 1, 2\)"):
        read(values)
    with pytest.raises(InputError, match=r"ids r1, r2\)"):
        read(values, ids=np.array(["r0", "r1", "r2"]))


def test_what_is_no_value_is_refused():
    with pytest.raises(InputError, match="holds a bytes"):
        read(pd.Series([b"a", b"b"]))
    with pytest.raises(InputError, match=r"shape \(2, 3\)"):
        read(np.zeros((2, 3)))


def test_duplicates_and_some():
    assert duplicates(np.array(["b", "a", "b", "c", "c"])) == ["b", "c"]
    assert duplicates(np.arange(4)) == []
    assert some(range(7)) == "0, 1, 2, 3, 4 and 2 more"
    assert some([1]) == "1"
