"""Seeds are addresses: the same whoever asks, and whenever."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.seeds import PURPOSES, Seeds

ADDRESS = {"round": 2, "member": 1, "fold": 3}
SPLIT = [3402254845, 4075565362, 453765885, 1454998528]
FIT = 1644109533
CORRUPT = "8f2d78940eb19509"


def test_the_purposes_keep_their_places():
    # Their positions are part of the format of a run.
    assert PURPOSES[:6] == ("split", "fit", "guard", "corrupt", "augment", "final")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_an_address_is_the_seed_sequence_that_the_design_says(purpose):
    expected = np.random.SeedSequence((7, PURPOSES.index(purpose), 2, 1, 3))
    sequence = Seeds(7).sequence(purpose, **ADDRESS)
    assert sequence.entropy == expected.entropy
    assert_array_equal(sequence.generate_state(8), expected.generate_state(8))


def test_known_bytes():
    # Runs of earlier versions must resume: these numbers never change.
    assert Seeds(0).sequence("split", round=1).generate_state(4).tolist() == SPLIT
    assert Seeds(0).integer("split", round=1) == SPLIT[0] >> 1
    assert Seeds(42).integer("fit", **ADDRESS) == FIT
    assert Seeds(42).generator("corrupt").bytes(8).hex() == CORRUPT


def test_addresses_differ():
    seeds = Seeds(0)
    addresses = itertools.product(PURPOSES, range(4), range(3), range(5))
    drawn = [tuple(seeds.sequence(p, round=r, member=m, fold=f).generate_state(4).tolist()) for p, r, m, f in addresses]
    assert len(set(drawn)) == len(drawn) == len(PURPOSES) * 60


@settings(deadline=None, derandomize=True)
@given(st.permutations([(p, r) for p in PURPOSES for r in range(3)]))
def test_the_order_of_asking_does_not_matter(order):
    seeds = Seeds(5)
    drawn = {(p, r): seeds.integer(p, round=r) for p, r in order}
    assert drawn == {(p, r): Seeds(5).integer(p, round=r) for p, r in sorted(order)}


def test_a_generator_is_fresh_each_time():
    seeds = Seeds(1)
    first, second = seeds.generator("fit", round=1), seeds.generator("fit", round=1)
    assert first is not second
    assert_array_equal(first.random(5), second.random(5))


def test_integers_fit_libraries_with_signed_seeds():
    drawn = [Seeds(s).integer("fit", fold=f) for s in range(20) for f in range(20)]
    assert all(type(seed) is int and 0 <= seed < 2**31 for seed in drawn)
    assert max(drawn) > 2**30  # the range is used
    assert len(set(drawn)) == len(drawn)


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the very generator that must not move
    Seeds(None).generator("split").random(3)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_none_draws_entropy_once_and_records_it():
    seeds, others = Seeds(None), Seeds(None)
    assert type(seeds.random_state) is int
    assert seeds.random_state != others.random_state
    assert seeds.integer("fit") == Seeds(seeds.random_state).integer("fit")


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_generator_gives_one_integer(make):
    first, again = Seeds(make(3)), Seeds(make(3))
    assert type(first.random_state) is int
    assert 0 <= first.random_state <= 2**32 - 1
    assert first.random_state == again.random_state
    generator = make(3)
    assert Seeds(generator).random_state != Seeds(generator).random_state  # it moves on, as in scikit-learn


@pytest.mark.parametrize("random_state", [0, 2**32 - 1, np.int64(7), np.uint32(2**32 - 1)])
def test_integers_are_used_as_they_are(random_state):
    seeds = Seeds(random_state)
    assert type(seeds.random_state) is int
    assert seeds.random_state == random_state


@pytest.mark.parametrize("random_state", [-1, 2**32, 1.0, "0", True, np.bool_(False), [1], np.random.SeedSequence(0)])
def test_anything_else_is_refused(random_state):
    with pytest.raises(InputError, match="give an integer from 0 to 4294967295, None, or a NumPy generator"):
        Seeds(random_state)


def test_an_unknown_purpose_is_an_error():
    with pytest.raises(ValueError, match="tuple"):
        Seeds(0).sequence("fitt")
