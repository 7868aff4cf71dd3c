from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.categories import mean_by_class

P = np.array([[0.5, 0.25, 0.25], [0.75, 0.25, 0.0], [0.0, 0.5, 0.5]])


def test_means_by_hand():
    found = mean_by_class(P, [0, 0, 2], 3)
    assert_array_equal(found, [[0.625, 0.25, 0.125], [0, 1, 0], [0, 0.5, 0.5]])
    assert found.dtype == np.float64


def test_classes_without_rows_take_the_fallback():
    fallback = np.full((3, 3), 1 / 3)
    found = mean_by_class(P, [0, 0, 2], 3, fallback)
    assert found[1] == pytest.approx(fallback[1])
    assert_array_equal(found[[0, 2]], mean_by_class(P, [0, 0, 2], 3)[[0, 2]])


def test_predictions_that_are_one_hot_and_right_change_nothing():
    codes = np.array([2, 0, 1, 1, 2])
    assert_array_equal(mean_by_class(np.eye(3)[codes], codes, 3), np.eye(3))


def test_rows_sum_to_one_and_orders_do_not_matter():
    draws = np.random.default_rng(0)
    p, codes = draws.dirichlet(np.ones(5), size=200), draws.integers(0, 5, size=200)
    found = mean_by_class(p, codes, 5)
    assert found.sum(axis=1) == pytest.approx(np.ones(5))
    rows, columns = draws.permutation(200), draws.permutation(5)
    assert mean_by_class(p[rows], codes[rows], 5) == pytest.approx(found)
    renamed = mean_by_class(p[:, columns], np.argsort(columns)[codes], 5)
    assert renamed == pytest.approx(found[columns][:, columns])


@pytest.mark.parametrize(
    ("p", "codes", "fallback", "says"),
    [
        (P, [0, 0], None, "codes has 2 rows where 3 are needed"),
        (P, [0, 0, 3], None, "codes has 3 in row 2"),
        (P[:, :2] + 0.1, [0, 0, 1], None, "probabilities: has 2 columns where 3 are needed"),
        (2 * P, [0, 0, 1], None, "probabilities: row 0 sums to 2"),
        (P, [0, 0, 1], np.full((2, 3), 1 / 3), "fallback: has 2 rows where 3 are needed"),
        (P, [0, 0, 1], np.full((3, 3), 0.5), "fallback: row 0 sums to 1.5"),
    ],
)
def test_what_cannot_be_averaged(p, codes, fallback, says):
    with pytest.raises(InputError, match=says):
        mean_by_class(p, codes, 3, fallback)
