from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlabel.data.joined_labels import joined_indicators
from softlabel.errors import InputError


def read(cells, **options):
    codes, names = joined_indicators(cells, name="tags", **options)
    assert codes.dtype == np.int64
    return [[name for name, held in zip(names.tolist(), row, strict=True) if held] for row in codes], names.tolist()


NAMES = st.lists(st.lists(st.sampled_from(["b", "a a", "c", "10", "9"]), unique=True), min_size=1)


@given(NAMES.filter(any), st.sampled_from(["|", ";", ",", " and "]))
def test_what_was_joined_is_parted(rows, separator):
    held, names = read([separator.join(row) for row in rows], separator=separator)
    assert held == [sorted(row) for row in rows]
    assert names == sorted({name for row in rows for name in row})


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a|b", "b;c"], [["a", "b"], ["b;c"]]),
        (["a;b", "b,c"], [["a", "b"], ["b,c"]]),
        (["a,b", "b"], [["a", "b"], ["b"]]),
        (["a", "b"], [["a"], ["b"]]),
        ([" a | b ", "a||", "a|a"], [["a", "b"], ["a"], ["a"]]),
        (["", None, np.nan, "  ", "a"], [[], [], [], [], ["a"]]),
        ([["b", "a"], [], np.array(["a|b"])], [["a", "b"], [], ["a|b"]]),
    ],
)
def test_the_separator_is_the_first_that_occurs(cells, expected):
    assert read(cells)[0] == expected


def test_further_rows_have_the_names_of_the_training_data():
    held, names = read(["b", "", "c|a"], label_names=np.array(["c", "b", "a"]))
    assert held == [["b"], [], ["c", "a"]]
    assert names == ["c", "b", "a"]
    # A separator is in no name: where "|" parted the training data, a comma belongs to a name.
    assert read(["a, b", "c"], label_names=["a, b", "c"])[0] == [["a, b"], ["c"]]
    assert read(["", ""], label_names=["a", "b"])[0] == [[], []]


def test_unknown_names():
    with pytest.raises(InputError, match=r"does not have: x, y .the first in row 1.; it has a, b"):
        read(["a", "y|x", "x"], label_names=["a", "b"])
    with pytest.raises(InputError, match="the first in the row of id r"):
        read(["a", "x"], label_names=["a", "b"], ids=np.array(["q", "r"]))


def test_no_label_at_all():
    with pytest.raises(InputError, match="no row has a label in column 'tags'"):
        read(["", "|"])
