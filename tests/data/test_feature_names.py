from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.feature_names import feature_names, names_of_rows

KEYS = [f"r{number}" for number in range(40)]


def test_texts_and_times_are_marked():
    frame = pd.DataFrame({"s": ["a", "b"], "n": [1, 2], "b": [True, False], "t": pd.to_datetime(["2020-01-01"] * 2)})
    assert feature_names(frame) == ("s (text)", "n", "b", "t (time)")
    assert feature_names(np.zeros((2, 3))) == ()


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (KEYS, "has a different text in each of 40 rows;"),
        ([*KEYS[:39], "r0"], "has a different text in 39 of 40 rows;"),
        ([*KEYS[:37], "r0", "r0", "r0"], None),
        ([None] * 5 + KEYS[5:], None),
        (range(40), None),
        ([f"2020-01-{1 + number % 28:02d} 0{number // 28}:00" for number in range(40)], None),
    ],
    ids=range(6),
)
def test_a_text_of_its_own_in_nearly_every_row_is_no_feature(column, told):
    sentences = names_of_rows(pd.DataFrame({"x": np.arange(40) % 3, "the key": list(column)}))
    assert bool(sentences) == (told is not None)
    if told is not None:
        assert sentences == [f"column 'the key' {told} name it with --id, or leave it out with --drop 'the key'"]


def test_few_rows_and_arrays_say_nothing():
    assert names_of_rows(pd.DataFrame({"key": KEYS[:9]})) == []
    assert names_of_rows(np.zeros((40, 2))) == []
