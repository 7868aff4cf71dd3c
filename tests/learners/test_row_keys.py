from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from softlabel.learners.row_keys import row_keys

RNG = np.random.default_rng(0)


def _agree(keys, groups):
    """Keys are equal exactly where groups are."""
    _, by_key = np.unique(keys, return_inverse=True)
    pairs = set(zip(by_key.tolist(), list(groups), strict=True))
    return len(pairs) == len(set(by_key.tolist())) == len(set(groups))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.uint8, bool])
def test_small_whole_numbers_do_not_collide(dtype):
    """Their floats differ in a few high bits only, which defeats weaker hashes."""
    table = np.array(np.meshgrid(*[range(2 if dtype is bool else 6)] * 5)).reshape(5, -1).T.astype(dtype)
    table = np.repeat(table, 2, axis=0)
    assert _agree(row_keys(table), [tuple(row) for row in table.tolist()])


def test_order_of_columns_counts():
    keys = row_keys(np.array([[1.0, 2.0], [2.0, 1.0], [0.0, 3.0]]))
    assert len(set(keys.tolist())) == 3


def test_missing_and_signed_zero():
    keys = row_keys(np.array([[np.nan, 0.0], [np.nan, -0.0], [np.inf, 0.0], [1e300, 0.0]]))
    assert keys[0] == keys[1]
    assert keys[0] != keys[2]


def test_the_last_digits_of_a_product_do_not_separate_equal_rows():
    row = RNG.normal(size=8)
    table = np.vstack([row, row * (1 + 1e-16), row * (1 + 1e-3)])
    keys = row_keys(table)
    assert keys[0] == keys[1] != keys[2]


def test_sparse_rows_whatever_is_stored():
    dense = RNG.integers(0, 3, size=(400, 3)).astype(float)
    matrix = sparse.csr_matrix(dense)
    matrix.data[::7] = matrix.data[::7]
    explicit = sparse.csr_matrix((np.array([0.0, 1.0]), np.array([0, 1]), np.array([0, 2])), shape=(1, 3))
    stacked = sparse.vstack([matrix, explicit, sparse.csr_matrix([[0.0, 1.0, 0.0]])], format="csr")
    assert _agree(row_keys(stacked), [tuple(row) for row in stacked.toarray().tolist()])
    assert row_keys(sparse.csc_matrix(dense)).tolist() == row_keys(matrix).tolist()


def test_frames_of_mixed_columns():
    frame = pd.DataFrame(
        {
            "text": ["a", "b", "a", "a"],
            "number": [1.0, 1.0, 1.0, np.nan],
            "level": pd.Categorical(["x", "y", "x", "x"]),
        },
        index=[5, 5, 7, 9],
    )
    assert _agree(row_keys(frame), ["first", "second", "first", "third"])
    assert _agree(row_keys(frame[["number"]]), [0, 0, 0, 1])
    assert _agree(row_keys(pd.DataFrame({"lists": [[1], [1], [2]]})), [0, 0, 1])


def test_sequences_of_anything():
    assert _agree(row_keys(["a text", "another", "a text"]), [0, 1, 0])
    assert _agree(row_keys([[1, [2]], [1, [2]], [3, [2]]]), [0, 0, 1])
    assert _agree(row_keys(np.array([["a", 1], ["b", 1], ["a", 1]], dtype=object)), [0, 1, 0])
