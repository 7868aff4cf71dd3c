from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from softlabel.data.dataset import Dataset
from softlabel.data.images import Images
from softlabel.data.shared_rows import groups_also_in, ids_also_in, rows_also_in

A, B = np.array([[1.0, 0.0], [np.nan, 2.0], [3.0, 4.0]]), np.array([[3, 5], [1, 0]])
FRAME = pd.DataFrame({"n": [1, 2, 3], "s": ["a", None, "c"]})


@pytest.mark.parametrize(
    ("X", "others", "shared"),
    [
        (A, B, [True, False, False]),
        (A, A[1:], [False, True, True]),
        (A, -0.0 * B, [False, False, False]),
        (sparse.csr_matrix(np.nan_to_num(A)), sparse.csc_matrix(B), [True, False, False]),
        (["one", "two"], ["two"], [False, True]),
        (np.array(["one", "two"], dtype=object), ["two"], [False, True]),
        (FRAME, FRAME[["s", "n"]].iloc[1:].astype({"n": float}), [False, True, True]),
        (FRAME, FRAME.assign(s=["b", None, "C"]), [False, True, False]),
        (FRAME, FRAME.rename(columns={"s": "t"}), [False, False, False]),
        (FRAME.assign(s=[1, 2, 3]), FRAME.assign(s=["1", "2", "4"]), [True, True, False]),
        (A, ["one"], [False, False, False]),
    ],
    ids=range(11),
)
def test_rows_are_the_same_by_their_features(X, others, shared):
    assert rows_also_in(X, others).tolist() == shared


def test_pictures_are_the_same_by_their_pixels():
    pixels = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4)
    assert rows_also_in(Images.from_array(pixels), Images.from_array(pixels[[2, 0]])).tolist() == [True, False, True]


def test_ids_and_groups_are_the_same_as_texts():
    one = Dataset(A, None, np.array([3, 1, 2]), groups=np.array(["g", "h", "g"]))
    other = Dataset(B, None, np.array(["2", "3"]), groups=np.array(["g", "i"]))
    assert ids_also_in(one, other) == ["3", "2"]
    assert groups_also_in(one, other) == ["g"]
    assert groups_also_in(one, Dataset(B, None, np.array([0, 1]))) == []
