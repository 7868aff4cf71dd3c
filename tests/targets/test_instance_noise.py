"""Rows and classes are drawn as a model confuses them: exactly as many as asked, with the chances that it says."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.instance_noise import instance, instance_entries

steady = settings(deadline=None, derandomize=True)


def _drawn(seed, n, k):
    draws = np.random.default_rng(seed)
    return draws.integers(0, k, size=n), draws.dirichlet(np.full(k, 0.1), size=n)  # most rows are nearly certain


@steady
@given(n=st.integers(0, 60), k=st.integers(2, 7), share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_exactly_the_share_moves_to_another_class(n, k, share, seed):
    codes, p = _drawn(seed, n, k)
    before = codes.copy(), p.copy()
    wrong = instance(codes, share, p, np.random.default_rng(seed))
    assert wrong.dtype == np.int64
    assert int((wrong != codes).sum()) == round(share * n)
    assert ((wrong >= 0) & (wrong < k)).all()
    assert_array_equal(codes, before[0])
    assert_array_equal(p, before[1])
    assert_array_equal(instance(codes, share, p, np.random.default_rng(seed)), wrong)


@pytest.mark.parametrize("certain", [0.0, 1.0], ids=["of another", "of theirs"])
def test_rows_of_which_the_model_is_certain_move_too(certain):
    codes = np.arange(12) % 3
    p = np.where(np.eye(3)[codes] == 1, certain, (1 - certain) / 2)
    wrong = instance(codes, 1.0, p, np.random.default_rng(0))
    assert (wrong != codes).all()


def test_rows_are_drawn_one_after_the_other_by_how_unsure_the_model_is():
    u = np.array([0.5, 0.3, 0.2])  # (3,) which sum to 1: the chances of the first draw
    p = np.stack([1 - u, u], axis=1)  # (3, 2) all rows are of class 0
    chances = {
        pair: sum(u[first] * u[second] / (1 - u[first]) for first, second in (pair, pair[::-1]))
        for pair in combinations(range(3), 2)
    }
    assert sum(chances.values()) == pytest.approx(1)
    n, seen = 4000, dict.fromkeys(chances, 0)
    rng = np.random.default_rng(0)
    for _ in range(n):
        seen[tuple(np.flatnonzero(instance([0, 0, 0], 2 / 3, p, rng)).tolist())] += 1
    expected = [n * chances[pair] for pair in seen]
    assert scipy.stats.chisquare(list(seen.values()), expected).pvalue > 1e-3


def test_a_row_goes_where_the_model_confuses_it():
    n, row = 20_000, [0.05, 0.15, 0.6, 0.2, 0.0]
    wrong = instance(np.full(n, 2), 1.0, np.tile(row, (n, 1)), np.random.default_rng(0))
    counts = np.bincount(wrong, minlength=5)
    assert counts[2] == counts[4] == 0
    assert scipy.stats.chisquare(counts[[0, 1, 3]], n * np.array([0.05, 0.15, 0.2]) / 0.4).pvalue > 1e-3


def test_rows_of_a_smaller_share_are_among_those_of_a_larger_one():
    codes, p = _drawn(1, 200, 4)
    less, more = (instance(codes, share, p, np.random.default_rng(5)) for share in (0.1, 0.4))
    moved = less != codes
    assert moved.sum() == 20
    assert_array_equal(less[moved], more[moved])


def test_near_the_boundary_labels_are_wrong_more_often():
    x = np.linspace(-3, 3, 1000)
    p = 1 / (1 + np.exp(-3 * x))
    codes = (x > 0).astype(int)
    wrong = instance(codes, 0.1, np.stack([1 - p, p], axis=1), np.random.default_rng(0))
    moved = np.abs(x[wrong != codes])
    assert np.median(moved) < 0.5
    assert np.median(np.abs(x)) > 1.4


@pytest.mark.parametrize(
    ("codes", "share", "p", "message"),
    [
        ([0, 1], 1.2, [[1, 0], [0, 1]], "share of rows"),
        ([0], 0.5, [[1.0]], "at least two classes"),
        ([0, 2], 0.5, [[1, 0], [0, 1]], "codes are 0 to 1"),
        ([0, 1, 1], 0.5, [[1, 0], [0, 1]], "3 codes and 2 rows of probabilities"),
        ([0, 1], 0.5, [1, 0], r"shape \(2,\)"),
        ([0, 1], 0.5, [[1, 0], [np.nan, 1]], "not all from 0 to 1"),
        ([0, 1], 0.5, [[1.1, 0], [0, 1]], "not all from 0 to 1"),
        ([0, 1], 0.5, [[1, 0], [0.5, 0.4]], "probabilities of row 1 sum to 0.9; give rows that sum to 1"),
        ([0, 1], 0.5, [[1, -0.1], [0, 1]], "not all from 0 to 1"),
    ],
)
def test_bad_arguments_are_refused(codes, share, p, message):
    with pytest.raises(InputError, match=message):
        instance(codes, share, p, np.random.default_rng(0))


@steady
@given(n=st.integers(1, 30), k=st.integers(1, 6), share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_exactly_the_share_of_entries_flips(n, k, share, seed):
    draws = np.random.default_rng(seed)
    codes, p = draws.integers(0, 2, size=(n, k)), draws.random((n, k)).round(1)
    flipped = instance_entries(codes, share, p, np.random.default_rng(seed))
    assert flipped.dtype == np.int64
    assert int((flipped != codes).sum()) == round(share * n * k)
    assert np.isin(flipped, [0, 1]).all()


def test_entries_flip_by_how_unsure_the_model_is_of_what_they_are():
    p = np.array([[0.1, 0.9], [0.7, 0.0]])  # of the label being there
    unsure = np.array([0.1, 0.1, 0.7, 0.0])  # of codes 0 1 / 0 0
    rng, n = np.random.default_rng(0), 4000
    hits = sum((instance_entries([[0, 1], [0, 0]], 0.25, p, rng) != [[0, 1], [0, 0]]).ravel() for _ in range(n))
    assert hits[3] == 0
    assert scipy.stats.chisquare(hits[:3], n * unsure[:3] / unsure.sum()).pvalue > 1e-3


def test_entries_need_a_probability_each():
    with pytest.raises(InputError, match=r"shape \(1, 2\) and probabilities \(2, 2\)"):
        instance_entries([[0, 1]], 0.5, [[0, 1], [1, 0]], np.random.default_rng(0))
