from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabel.data.label_stratification import stratified_parts
from softlabel.errors import InputError


def drawn(n=400, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((n, 4)) < [0.5, 0.2, 0.05, 0.02]).astype(int)


@pytest.mark.parametrize("seed", range(5))
def test_each_part_has_its_share_of_rows_and_of_every_label(seed):
    labels = drawn(seed=seed)
    part = stratified_parts(labels, 5, np.random.default_rng(seed))
    assert np.ptp(np.bincount(part, minlength=5)) <= 2
    for column in labels.T:
        share = np.bincount(part[column == 1], minlength=5)
        assert np.ptp(share) <= 2
    rare = np.bincount(part[labels[:, 3] == 1], minlength=5)
    assert np.ptp(rare) <= 1


def test_it_is_better_than_chance_on_rare_labels():
    labels = drawn()
    spread = np.ptp(np.bincount(stratified_parts(labels, 5, np.random.default_rng(0))[labels[:, 2] == 1], minlength=5))
    by_chance = np.random.default_rng(0).permutation(len(labels)) % 5
    assert spread < np.ptp(np.bincount(by_chance[labels[:, 2] == 1], minlength=5))


def test_groups_stay_whole_and_parts_even():
    labels = drawn()
    groups = np.arange(400) // 4
    part = stratified_parts(labels, 5, np.random.default_rng(0), groups)
    assert all(len(set(part[groups == group])) == 1 for group in range(100))
    assert np.ptp(np.bincount(part, minlength=5)) <= 16  # four groups of four
    assert np.ptp(np.bincount(part[labels[:, 1] == 1], minlength=5)) <= 6


def test_the_same_seed_deals_alike_and_another_one_otherwise():
    labels = drawn()
    first, again, other = (stratified_parts(labels, 5, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_single_labels_are_stratified_as_one_hot_rows():
    y = np.repeat([0, 1, 2], [50, 20, 5])
    part = stratified_parts(np.eye(3, dtype=int)[y], 5, np.random.default_rng(0))
    table = np.array([np.bincount(part[y == c], minlength=5) for c in range(3)])
    assert (table == [[10] * 5, [4] * 5, [1] * 5]).all()


def test_rows_without_labels_are_dealt_out_too():
    part = stratified_parts(np.zeros((10, 3)), 5, np.random.default_rng(0))
    assert np.bincount(part).tolist() == [2] * 5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 5), st.booleans())
def test_every_row_goes_to_one_part_and_no_part_is_empty(seed, n, k, grouped):
    rng = np.random.default_rng(seed)
    labels = (rng.random((n, k)) < rng.random(k)).astype(int)
    groups = rng.integers(0, 8, n).astype(str) if grouped else None
    n_units = n if groups is None else len(np.unique(groups))
    for n_parts in {1, (n_units + 1) // 2, n_units}:
        part = stratified_parts(labels, n_parts, rng, groups)
        assert part.shape == (n,)
        assert np.unique(part).tolist() == list(range(n_parts))
        if groups is not None:
            assert len({(group, at) for group, at in zip(groups, part.tolist(), strict=True)}) == n_units


def test_the_order_of_rows_with_the_same_labels_comes_from_the_generator_alone():
    labels = drawn()
    before = labels.copy()
    stratified_parts(labels, 5, np.random.default_rng(0))
    assert np.array_equal(labels, before)


@pytest.mark.parametrize("n_parts", [0, 5])
def test_more_parts_than_rows_or_groups(n_parts):
    labels = np.eye(4, dtype=int)
    with pytest.raises(InputError, match=f"{n_parts} parts of 4 rows"):
        stratified_parts(labels, n_parts, np.random.default_rng(0))
    with pytest.raises(InputError, match="3 parts of 2 groups"):
        stratified_parts(labels, 3, np.random.default_rng(0), np.array([0, 0, 1, 1]))


def test_large_groups_are_dealt_out_before_small_ones():
    sizes = np.r_[[40] * 5, [1] * 200]
    groups = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.ones((len(groups), 1))
    for seed in range(5):
        part = stratified_parts(labels, 5, np.random.default_rng(seed), groups)
        assert np.bincount(part).tolist() == [80] * 5
        part = stratified_parts(0 * labels, 5, np.random.default_rng(seed), groups)
        assert np.bincount(part).tolist() == [80] * 5
