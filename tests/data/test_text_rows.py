from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.text_rows import text_rows
from softlabel.errors import InputError


@pytest.mark.parametrize(
    "given",
    [
        ["one", "", "zwölf"],
        ("one", "", "zwölf"),
        np.array(["one", "", "zwölf"]),
        np.array(["one", "", "zwölf"], dtype=object),
        np.array([["one"], [""], ["zwölf"]], dtype=object),
        pd.Series(["one", "", "zwölf"], index=[7, 7, 9]),
        pd.Series(["one", "", "zwölf"], dtype="string"),
        pd.DataFrame({"text": ["one", "", "zwölf"]}),
    ],
    ids=lambda given: type(given).__name__,
)
def test_whatever_holds_texts_becomes_an_array_of_pythons_own(given):
    texts = text_rows(given)
    assert texts.dtype == object
    assert texts.tolist() == ["one", "", "zwölf"]
    assert {type(text) for text in texts} == {str}


def test_the_result_is_the_callers_own():
    given = np.array(["one", "two"], dtype=object)
    text_rows(given)[:] = "three"
    assert given.tolist() == ["one", "two"]


def test_no_rows():
    assert text_rows([]).shape == (0,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["one", 2.5, "three", None], r"2\.5 \(float\) in row 1 \(and 1 further rows hold no text\); give texts"),
        (["one", None], r"None \(NoneType\) in row 1; give texts"),
        (np.array(["one", np.nan], dtype=object), r"nan \(float\) in row 1"),
        (["one", 2], r"2 \(int\) in row 1; give texts"),
        ([["a"], ["b", "c"]], r"\['a'\] \(list\) in row 0"),
        ([b"one"], r"b'one' \(bytes\) in row 0"),
        (np.eye(2), r"shape \(2, 2\), and texts come one a row"),
        (np.arange(3.0), r"0\.0 \(float\) in row 0 \(and 2 further"),
        ("one", "single text, 'one'; give a list"),
        (3, "no rows"),
        ([["a", "b"], ["c", "d"]], r"shape \(2, 2\)"),
        ([b"x" * 100], r"b'x+\.\.\. \(bytes\)"),
    ],
)
def test_what_holds_no_texts_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        text_rows(given)
