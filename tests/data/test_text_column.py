from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.text_column import texts
from softlabel.errors import InputError


def test_texts_stay_to_the_letter():
    cells = ["NA", " 007\n", "None", "ü"]
    found = texts(pd.Series(cells, dtype="string").to_numpy(dtype=object), name="t")
    assert found.dtype == object
    assert found.tolist() == cells
    assert {type(one) for one in found} == {str}
    assert texts([np.str_("a")], name="t").tolist() == ["a"]


def test_empty_texts_are_counted_and_placed():
    cells = ["a", None, "", " \t\n", np.nan, pd.NA, "b"]
    with pytest.raises(InputError, match=r"'t' is empty in 5 of 7 rows \(row numbers, counted from 0: 1, 2, 3, 4, 5\)"):
        texts(cells, name="t")
    with pytest.raises(InputError, match=r"\(ids r1, r2, r3, r4, r5\)"):
        texts(cells, name="t", ids=np.array([f"r{row}" for row in range(7)]))


def test_what_is_no_text():
    with pytest.raises(
        InputError, match="holds a int in row numbers, counted from 0: 1, and 2 of 3 cells are no texts"
    ):
        texts(["a", 1, b"c"], name="t")
