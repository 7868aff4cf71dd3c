"""What may be a label, in every container that a column of labels comes in."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from softlabel.errors import InputError
from softlabel.targets.labels import as_labels

WORDS = ["b", "a", "b"]


@pytest.mark.parametrize(
    "y",
    [
        WORDS,
        tuple(WORDS),
        np.array(WORDS),
        np.array(WORDS, dtype=object),
        pd.Series(WORDS),
        pd.Series(WORDS, dtype=object),
        pd.Series(WORDS, dtype="category"),
        pd.Categorical(WORDS, categories=["c", "b", "a"]),
        pd.Series(WORDS, dtype="string[pyarrow]"),
        pd.Series(WORDS, dtype="string[python]"),
        pa.array(WORDS),
        pa.chunked_array([WORDS[:1], WORDS[1:]]),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', '')}",
)
def test_strings_in_any_container(y):
    labels = as_labels(y)
    assert labels.shape == (3,)
    assert labels.dtype.kind in "OU"
    assert labels.tolist() == WORDS


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([2, 0, 2], "i"),
        (np.array([2, 0, 2], dtype=np.uint8), "u"),
        (np.array([2, 0, 2], dtype=object), "i"),
        ([2.0, 0, 2], "f"),
        (np.array([2.0, 0, 2], dtype=np.float32), "f"),
        ([True, False, True], "b"),
        (np.array([True, False, True], dtype=object), "b"),
        (pd.Series([2, 0, 2], dtype="Int64"), "i"),
        (pd.Series([2, 0, 2], dtype="int64[pyarrow]"), "i"),
        (pd.Series([2, 0, 2], dtype="category"), "i"),
        (pd.Series([True, False, True], dtype="boolean"), "b"),
    ],
)
def test_numbers_and_booleans_keep_their_kind(y, kind):
    labels = as_labels(y)
    assert labels.dtype.kind == kind
    assert labels.tolist() == list(y)


@pytest.mark.parametrize(
    "y",
    [
        ["a", None, "b", None],
        ["a", float("nan"), "b", np.nan],
        ["a", pd.NA, "b", pd.NaT],
        [1, None, 0, None],
        [1.0, np.nan, 0.0, np.nan],
        np.array([1.0, np.nan, 0.0, np.nan]),
        np.array(["a", None, "b", np.float32("nan")], dtype=object),
        np.array([True, None, False, None], dtype=object),
        np.ma.masked_array([1, 2, 3, 4], mask=[False, True, False, True]),
        pd.Series(["a", None, "b", None]),
        pd.Series(["a", None, "b", None], dtype=object),
        pd.Series(["a", None, "b", None], dtype="category"),
        pd.Series(["a", None, "b", None], dtype="string[pyarrow]"),
        pd.Series(["a", None, "b", None], dtype="string[python]"),
        pd.Series([1, None, 2, None], dtype="Int64"),
        pd.Series([True, None, False, None], dtype="boolean"),
        pd.Series([1, None, 2, None], dtype="int64[pyarrow]"),
        pd.Series([1, None, 2, None], dtype="category"),
        pa.array(["a", None, "b", None]),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', '')}",
)
def test_missing_labels_are_named_by_row(y):
    with pytest.raises(InputError, match=r"no label .* in 2 of 4 rows: 1, 3 \(counted from 0\); drop these rows"):
        as_labels(y)


def test_many_missing_rows_are_cut_short():
    with pytest.raises(InputError, match=r"in 50 of 51 rows: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 40 more"):
        as_labels(["a"] + [None] * 50)


@pytest.mark.parametrize(
    ("y", "kinds"),
    [
        (["a", 1], "integer, string"),
        (np.array(["a", 1], dtype=object), "integer, string"),
        (pd.Series(["a", 1.0]), "float, string"),
        ([True, "yes"], "boolean, string"),
        ([True, 2], "boolean, integer"),
        ([("a",), None, "b"][::2], "string, tuple"),
    ],
)
def test_mixed_types_are_refused_by_name(y, kinds):
    with pytest.raises(InputError, match=f"mixes labels of several types \\({kinds}\\)"):
        as_labels(y)


def test_integers_and_whole_floats_mix():
    assert as_labels(np.array([1, 2.0], dtype=object)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "y",
    [[0.5, 1.0], np.array([0.0, np.inf]), np.array([1, 0.25], dtype=object), pd.Series([0.1, 0.2])],
)
def test_continuous_values_are_refused(y):
    with pytest.raises(InputError, match=r"^Unknown label type: continuous; y has .* in row \d"):
        as_labels(y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([1 + 2j, 0]),
        np.array([b"a", b"b"]),
        [b"a", b"b"],
        np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]"),
        [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)],
        [2**80, 1],
        [[0, 1], [1]],
    ],
)
def test_other_types_are_refused(y):
    with pytest.raises(InputError, match=r"^(Unknown label type|Complex data not supported): y holds"):
        as_labels(y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed, but the target y is None"),
        ([[0, 1], [1, 0]], r"got shape \(2, 2\) of list"),
        (np.zeros((3, 1)), r"got shape \(3, 1\) of ndarray"),
        (pd.DataFrame({"y": [0, 1]}), r"got shape \(2, 1\) of DataFrame"),
        (3, r"got shape \(\) of int"),
        ("abc", r"got shape \(\) of str"),
    ],
)
def test_wrong_shapes_are_refused(y, message):
    with pytest.raises(InputError, match=message):
        as_labels(y)


def test_message_uses_the_name():
    with pytest.raises(InputError, match=r"^classes has no label"):
        as_labels([1, None], name="classes")


def test_input_is_not_changed():
    y = np.array(["a", "b"], dtype=object)
    labels = as_labels(y)
    assert y.tolist() == ["a", "b"]
    assert labels is not None
