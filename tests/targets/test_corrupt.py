"""Labels made wrong on purpose: exactly as many as asked, and as asked."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.corrupt import Corruption, flip_entries, pair, parse_corruption, symmetric

steady = settings(deadline=None, derandomize=True)
both = pytest.mark.parametrize("corrupt", [symmetric, pair])


@both
@steady
@given(n=st.integers(0, 60), k=st.integers(2, 7), share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_exactly_the_share_moves_to_another_class(corrupt, n, k, share, seed):
    codes = np.random.default_rng(seed).integers(0, k, size=n)
    before = codes.copy()
    wrong = corrupt(codes, share, k, np.random.default_rng(seed))
    assert wrong.dtype == np.int64
    assert int((wrong != codes).sum()) == round(share * n)
    assert ((wrong >= 0) & (wrong < k)).all()
    assert_array_equal(codes, before)
    assert_array_equal(corrupt(codes, share, k, np.random.default_rng(seed)), wrong)


def test_symmetric_is_uniform_among_the_others():
    k, n = 5, 20_000
    codes = np.full(n, 2)
    wrong = symmetric(codes, 1.0, k, np.random.default_rng(0))
    counts = np.bincount(wrong, minlength=k)
    assert counts[2] == 0
    assert scipy.stats.chisquare(np.delete(counts, 2)).pvalue > 1e-3


def test_symmetric_takes_rows_alike():
    hits = np.zeros(10)
    for seed in range(2000):
        hits += symmetric(np.zeros(10, dtype=int), 0.3, 3, np.random.default_rng(seed)) != 0
    assert hits.sum() == 6000
    assert scipy.stats.chisquare(hits).pvalue > 1e-3


def test_pair_moves_to_the_next_class():
    codes = np.arange(40) % 4
    wrong = pair(codes, 0.5, 4, np.random.default_rng(0))
    moved = wrong != codes
    assert moved.sum() == 20
    assert_array_equal(wrong[moved], (codes[moved] + 1) % 4)


@pytest.mark.parametrize(
    ("share", "n", "moved"), [(0.5, 5, 2), (0.5, 7, 4), (0.4, 1797, 719), (1.0, 3, 3), (0.0, 9, 0)]
)
def test_rounding(share, n, moved):
    assert (symmetric(np.zeros(n, dtype=int), share, 2, np.random.default_rng(0)) != 0).sum() == moved


@both
@pytest.mark.parametrize(
    ("codes", "share", "k", "message"),
    [
        ([0, 1], 1.2, 2, "share of rows"),
        ([0, 1], -0.1, 2, "share of rows"),
        ([0, 0], 0.5, 1, "at least two classes"),
        ([0, 2], 0.5, 2, "codes are 0 to 1"),
    ],
)
def test_bad_arguments_are_refused(corrupt, codes, share, k, message):
    with pytest.raises(InputError, match=message):
        corrupt(codes, share, k, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("text", "corruption"),
    [
        ("symmetric:0.4", Corruption("symmetric", 0.4)),
        ("pair:0.2", Corruption("pair", 0.2)),
        ("symmetric:1", Corruption("symmetric", 1.0)),
        (" pair : 2e-1 ", Corruption("pair", 0.2)),
    ],
)
def test_parsing(text, corruption):
    assert parse_corruption(text) == corruption


@steady
@given(st.sampled_from(["symmetric", "pair"]), st.floats(0, 1))
def test_text_round_trip(kind, share):
    corruption = Corruption(kind, share)
    assert parse_corruption(str(corruption)) == corruption


def test_text_is_short():
    assert str(Corruption("symmetric", 0.4)) == "symmetric:0.4"


@pytest.mark.parametrize(
    "text", ["", "symmetric", "symmetric:", "symmetric:a", "symmetric:1.5", "pair:nan", "x:0.1", "0.4"]
)
def test_bad_texts_name_the_forms(text):
    with pytest.raises(InputError, match=r"corruption is .*'symmetric:SHARE' or 'pair:SHARE'"):
        parse_corruption(text)


@pytest.mark.parametrize(("kind", "share"), [("other", 0.1), ("pair", 2.0)])
def test_a_bad_corruption_cannot_be_made(kind, share):
    with pytest.raises(InputError):
        Corruption(kind, share)


@pytest.mark.parametrize(("kind", "function"), [("symmetric", symmetric), ("pair", pair)])
def test_apply_is_the_function_of_its_name(kind, function):
    codes = np.arange(30) % 3
    applied = Corruption(kind, 0.3).apply(codes, 3, np.random.default_rng(1))
    assert_array_equal(applied, function(codes, 0.3, 3, np.random.default_rng(1)))


@steady
@given(n=st.integers(1, 30), k=st.integers(1, 6), share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_exactly_the_share_of_entries_flips(n, k, share, seed):
    codes = np.random.default_rng(seed).integers(0, 2, size=(n, k))
    before = codes.copy()
    flipped = flip_entries(codes, share, np.random.default_rng(seed))
    assert flipped.dtype == np.int64
    assert int((flipped != codes).sum()) == round(share * n * k)
    assert np.isin(flipped, [0, 1]).all()
    assert_array_equal(codes, before)
    assert_array_equal(flip_entries(codes, share, np.random.default_rng(seed)), flipped)


def test_flips_take_entries_alike():
    hits = np.zeros((4, 5))
    for seed in range(2000):
        hits += flip_entries(np.zeros((4, 5), dtype=int), 0.3, np.random.default_rng(seed))
    assert hits.sum() == 12_000
    assert scipy.stats.chisquare(hits.ravel()).pvalue > 1e-3


def test_a_fortran_ordered_table_flips_alike():
    codes = np.asfortranarray(np.zeros((3, 4), dtype=np.int64))
    plain = flip_entries(codes.copy(order="C"), 0.5, np.random.default_rng(3))
    assert_array_equal(flip_entries(codes, 0.5, np.random.default_rng(3)), plain)
    assert plain.sum() == 6


@pytest.mark.parametrize(
    ("codes", "share", "message"),
    [([[0, 1]], 1.5, "share of rows"), ([[0, 2]], 0.5, "has 2 in column 1"), ([0, 1], 0.5, "two-dimensional")],
)
def test_bad_flips_are_refused(codes, share, message):
    with pytest.raises(InputError, match=message):
        flip_entries(codes, share, np.random.default_rng(0))
