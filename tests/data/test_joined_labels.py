from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabel.data.joined_labels import joined_indicators
from softlabel.errors import InputError


def read(cells, **options):
    codes, names = joined_indicators(cells, name="tags", **options)
    assert codes.dtype == np.int64
    return [[name for name, held in zip(names.tolist(), row, strict=True) if held] for row in codes], names.tolist()


ONE_EACH = pytest.mark.filterwarnings("ignore:each of the:UserWarning", "ignore:the separator:UserWarning")
NAMES = st.lists(st.lists(st.sampled_from(["b", "a a", "c", "10", "9"]), unique=True), min_size=1)


@ONE_EACH
@settings(deadline=None)  # the first call imports pandas
@given(NAMES.filter(any), st.sampled_from(["|", ";", ",", " and "]))
def test_what_was_joined_is_parted(rows, separator):
    held, names = read([separator.join(row) for row in rows], separator=separator)
    assert held == [sorted(row) for row in rows]
    assert names == sorted({name for row in rows for name in row})


@ONE_EACH
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


@pytest.mark.parametrize(
    ("cells", "separator", "message"),
    [
        (
            ["a|b", "b"],
            ";",
            r"the separator ';' is in no cell of column 'tags', and '|' is in 1 of 2.*give --separator '|'",
        ),
        (["a,b", "b,c", ""], "/", "the separator '/' is in no cell of column 'tags', and ',' is in 2 of 3"),
        (["a", "b", "a"], None, "each of the 3 rows has exactly one label in column 'tags'; give --task multiclass"),
        (["a", "b", "a"], "|", "each of the 3 rows has exactly one label"),
        ([["a"], ["b"]], None, "each of the 2 rows has exactly one label"),
    ],
)
def test_cells_that_nothing_parts(cells, separator, message):
    with pytest.warns(UserWarning, match=message.replace("|", "[|]")) as told:
        read(cells, separator=separator)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["a|b", "b;c"], {"separator": "|"}),
        (["a", "", "b"], {"separator": "|"}),
        (["a", "b"], {"label_names": ["a", "b"]}),
        (["a;b", "c"], {"label_names": ["a;b", "c"], "separator": "|"}),
        (["0", "1"], {}),  # which is refused as no names, and said of once
    ],
)
def test_cells_of_which_there_is_nothing_to_tell(cells, options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(cells, **options)
