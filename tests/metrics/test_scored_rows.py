"""The checks before every metric."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.errors import InputError
from softlabel.metrics.scored_rows import scored_rows

P = [[0.8, 0.2], [0.5, 0.5], [0.1, 0.9]]


def test_what_a_row_says():
    rows = scored_rows([0, 1, 1], P, None)
    assert rows.predicted.tolist() == [0, 0, 1]
    assert rows.correct.tolist() == [1, 0, 1]
    assert rows.confidence.tolist() == [0.8, 0.5, 0.9]
    assert rows.total == 3
    assert rows.mean(np.array([1.0, 2.0, 6.0])) == 3


def test_rows_of_weight_zero_are_left_out():
    rows = scored_rows([0, 1, 1], P, [1, 0, 3])
    assert rows.codes.tolist() == [0, 1]
    assert rows.weights.tolist() == [1, 3]
    assert rows.mean(np.array([1.0, 2.0])) == 1.75


@pytest.mark.parametrize("kind", [list, np.asarray, pd.DataFrame])
def test_any_container(kind):
    rows = scored_rows(pd.Series([0, 1, 1]), kind(P), pd.Series([1, 1, 1]))
    assert rows.probabilities.tolist() == P
    assert rows.precision is np.float64


def test_precision_is_remembered():
    assert scored_rows([0, 1, 1], np.array(P, dtype=np.float32), None).precision is np.float32


@pytest.mark.parametrize(
    ("codes", "probabilities", "sample_weight", "message"),
    [
        ([0, 1], P, None, "has 2 rows where 3 are needed"),
        ([0, 1, 2], P, None, "codes are 0 to 1"),
        ([0, 1, 1], [[0.8, 0.2], [np.nan, 0.5], [0.1, 0.9]], None, "row 1 has values that are not finite"),
        ([0, 1, 1], [0.8, 0.5, 0.1], None, r"two-dimensional .* got shape \(3,\)"),
        ([0, 1, 1], [["a", "b"]] * 3, None, "table of numbers"),
        ([0, 1, 1], P, [1, 1], r"sample_weight has shape \(2,\); give one weight for each of 3 rows"),
        ([0, 1, 1], P, [1, -1, 1], "negative or not finite"),
        ([0, 1, 1], P, [1, np.nan, 1], "negative or not finite"),
        ([0, 1, 1], P, [0, 0, 0], "no row to score"),
        ([], np.zeros((0, 2)), None, "no row to score"),
    ],
)
def test_what_does_not_fit_is_refused(codes, probabilities, sample_weight, message):
    with pytest.raises(InputError, match=message):
        scored_rows(codes, probabilities, sample_weight)
