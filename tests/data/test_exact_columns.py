from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlabel.data.exact_columns import duplicates, exact_values, is_missing, label_kind, some
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
        (pd.Series([3.0, 1.0], dtype="Float64"), [3, 1]),
        (pd.Series(["3.0", "1.0", "-2.0", "0.0"], dtype=object), [3, 1, -2, 0]),
        (pd.Series(["3.0", "01.0"], dtype=object), ["3.0", "01.0"]),
        (pd.Series(["0.5 mg", "1 mg"], dtype=object), ["0.5 mg", "1 mg"]),
        (pd.Series(["0.5", "low"], dtype=object), ["0.5", "low"]),
        (np.array([2.0**60, 1.0]), [repr(2.0**60), "1.0"]),
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


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.0, 0.25, 0.5]),
        pd.Series([1.0, 0.25, 0.5], dtype="Float64"),
        pd.Series(["1.0", "0.25", "5e-1"], dtype=object),
        np.array(["1", "0.25", ".5"]),
        np.array([1.0, 0.25, np.inf]),
    ],
)
def test_labels_that_are_measurements_are_refused(values):
    message = r"^Unknown label type: continuous; the label column 'grade' holds 0\.25 in row 1, and 2 of 3 values"
    with pytest.raises(InputError, match=message):
        read(values)
    with pytest.raises(InputError, match="in the row of id b, and"):
        read(values, ids=np.array(["a", "b", "c"]))


def test_ids_and_groups_may_be_measurements_and_stay_to_the_letter():
    for role in ("id", "group"):
        assert exact_values(np.array([0.5, 1.0]), name="t", role=role).tolist() == ["0.5", "1.0"]
        assert exact_values(pd.Series(["1.0", "2.0"]), name="t", role=role).tolist() == ["1.0", "2.0"]


def test_numbers_may_be_among_labels_that_are_text_elsewhere():
    assert read(pd.Series(["0.5", "1.0"]), kind="text").tolist() == ["0.5", "1.0"]
    with pytest.raises(InputError, match="continuous"):
        read(pd.Series(["0.5", "1.0"]), kind="integer")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([1.0, 0.25, 2]), [1.0, 0.25, 2.0]),
        (pd.Series(["1", "0.25", "2.50"], dtype=object), [1.0, 0.25, 2.5]),
        (pd.Series(["-1.5", "5e-1"], dtype=object), [-1.5, 0.5]),
        (pd.Series([0.5, 1], dtype="Float64"), [0.5, 1.0]),
        (np.array([1.0, 2.0]), [1, 2]),
        (pd.Series(["1", "2.0", "3"], dtype=object), [1, 2, 3]),
        (np.array([3, 1], dtype=np.uint8), [3, 1]),
        (pd.Series(["1", "high"], dtype=object), ["1", "high"]),
        (pd.Series(["001", "0.5"], dtype=object), ["001", "0.5"]),
        (pd.Series([True, False], dtype=object), ["True", "False"]),
        (np.array([True, False]), ["True", "False"]),
    ],
)
def test_grades_are_numbers(values, expected):
    column = read(values, kind="number")
    assert column.tolist() == expected
    assert column.dtype == {int: np.int64, float: np.float64, str: column.dtype}[type(expected[0])]
    assert exact_values(values, name="i", role="id", kind="number").dtype != np.float64  # the rule is for labels


def test_grades_are_finite_and_not_missing():
    for values in (np.array([1.0, np.inf]), pd.Series(["1", "1e999"], dtype=object)):
        with pytest.raises(InputError, match="'grade' holds infinite numbers; give finite grades"):
            read(values, kind="number")
    with pytest.raises(InputError, match="is empty in 1 of 2"):
        read(np.array([1.0, np.nan]), kind="number")


def test_label_kind():
    assert label_kind(np.array([1, 2])) == "integer"
    assert label_kind(np.array([[1, 0]])) == "integer"
    assert label_kind(np.array([0.5])) == "number"
    assert label_kind(np.array(["a"])) == "text"


def test_cells_that_hold_nothing():
    assert all(is_missing(cell) for cell in (None, np.nan, float("nan"), pd.NA, pd.NaT))
    assert not any(is_missing(cell) for cell in ("", "nan", 0, 0.0, False, [], np.zeros(2)))
