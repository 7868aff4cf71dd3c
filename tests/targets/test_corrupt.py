"""Labels made wrong on purpose: exactly as many as asked, and as asked."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.corrupt import (
    Corruption,
    NoisyColumn,
    flip_entries,
    noisy_columns_in,
    pair,
    parse_corruption,
    symmetric,
)
from softlabel.targets.instance_noise import instance

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
        ("instance:0.3", Corruption("instance", 0.3)),
        ("column:label_worse", NoisyColumn("label_worse")),
        (" column : a: b, c ", NoisyColumn("a: b, c")),
    ],
)
def test_parsing(text, corruption):
    assert parse_corruption(text) == corruption


@steady
@given(st.sampled_from(["symmetric", "pair", "instance"]), st.floats(0, 1))
def test_text_round_trip(kind, share):
    corruption = Corruption(kind, share)
    assert parse_corruption(str(corruption)) == corruption


def test_text_is_short():
    assert str(Corruption("symmetric", 0.4)) == "symmetric:0.4"
    assert str(NoisyColumn("crowd")) == "column:crowd"


@pytest.mark.parametrize(
    "text", ["", "symmetric", "symmetric:", "symmetric:a", "symmetric:1.5", "pair:nan", "x:0.1", "0.4"]
)
def test_bad_texts_name_the_forms(text):
    with pytest.raises(
        InputError, match=r"corruption is .*'instance:SHARE', 'symmetric:SHARE' or 'pair:SHARE'.*'column:NAME'"
    ):
        parse_corruption(text)


@pytest.mark.parametrize("text", ["column:", "column: "])
def test_a_column_has_a_name(text):
    with pytest.raises(InputError, match="names no column"):
        parse_corruption(text)


def test_the_columns_among_corruptions():
    assert noisy_columns_in(["none", "column:b", "pair:0.2", " column:a", "column:b"]) == ("b", "a")
    assert noisy_columns_in([]) == ()


@pytest.mark.parametrize(("kind", "share"), [("other", 0.1), ("pair", 2.0)])
def test_a_bad_corruption_cannot_be_made(kind, share):
    with pytest.raises(InputError):
        Corruption(kind, share)


@pytest.mark.parametrize(("kind", "function"), [("symmetric", symmetric), ("pair", pair)])
def test_apply_is_the_function_of_its_name(kind, function):
    codes = np.arange(30) % 3
    applied = Corruption(kind, 0.3).apply(codes, 3, np.random.default_rng(1))
    assert_array_equal(applied, function(codes, 0.3, 3, np.random.default_rng(1)))


def test_instance_noise_asks_a_model():
    codes, p = np.arange(30) % 3, np.random.default_rng(0).dirichlet(np.ones(3), size=30)
    made = Corruption("instance", 0.3)
    assert made.asks_model
    assert not Corruption("symmetric", 0.3).asks_model
    assert_array_equal(
        made.apply(codes, 3, np.random.default_rng(1), p), instance(codes, 0.3, p, np.random.default_rng(1))
    )
    with pytest.raises(InputError, match=r"instance:0\.3 draws rows by a model's probabilities"):
        made.apply(codes, 3, np.random.default_rng(1))


def test_the_draws_of_earlier_versions_are_the_same():
    codes = np.arange(12) % 4
    assert symmetric(codes, 0.5, 4, np.random.default_rng(0)).tolist() == [3, 1, 1, 2, 2, 3, 2, 1, 0, 1, 2, 3]
    assert pair(codes, 0.5, 4, np.random.default_rng(0)).tolist() == [1, 1, 3, 0, 1, 2, 2, 0, 0, 1, 2, 3]
    flipped = flip_entries(np.zeros((3, 4), dtype=int), 0.25, np.random.default_rng(0))
    assert flipped.tolist() == [[0, 0, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]


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
