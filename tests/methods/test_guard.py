from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabel.errors import InputError
from softlabel.methods.guard import best_refinement, draw_guard, set_apart
from softlabel.seeds import Seeds


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 0.95), st.lists(st.integers(0, 4), min_size=30, max_size=200), st.integers(0, 1000))
def test_a_share_is_drawn_stratified(share, labels, seed):
    codes = np.array(labels)
    mask = draw_guard(share, codes, None, Seeds(seed))
    assert abs(mask.sum() - share * len(codes)) <= 1
    for label in np.unique(codes):
        of_class = codes == label
        assert abs(mask[of_class].sum() - share * of_class.sum()) <= 1.0 + 1e-9


def test_the_draw_depends_on_the_seed_alone():
    codes = np.arange(100) % 4
    assert np.array_equal(draw_guard(0.2, codes, None, Seeds(3)), draw_guard(0.2, codes, None, Seeds(3)))
    assert not np.array_equal(draw_guard(0.2, codes, None, Seeds(3)), draw_guard(0.2, codes, None, Seeds(4)))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4, 0.6, 0.7, 0.9])
def test_groups_are_drawn_whole(share):
    rng = np.random.default_rng(0)
    groups = rng.integers(40, size=400)
    mask = draw_guard(share, rng.integers(3, size=400), groups, Seeds(0))
    assert not np.intersect1d(groups[mask], groups[~mask]).size
    assert abs(mask.mean() - share) < 0.05


def test_no_guard_and_a_mask():
    codes = np.zeros(4, dtype=int)
    assert not draw_guard(None, codes, None, Seeds(0)).any()
    given_mask = np.array([True, False, False, True])
    assert np.array_equal(draw_guard(given_mask, codes, None, Seeds(0)), given_mask)


@pytest.mark.parametrize(
    ("guard", "groups", "message"),
    [
        (0.0, None, "guard=0.0"),
        (1.0, None, "guard=1.0"),
        (True, None, "guard=True"),
        ("0.2", None, "guard='0.2'"),
        (-0.5, None, "guard=-0.5"),
        (np.ones(3, dtype=bool), None, "shape"),
        (np.zeros(4, dtype=int), None, "type int64"),
        (np.zeros(4, dtype=bool), None, "0 of 4 rows"),
        (np.ones(4, dtype=bool), None, "4 of 4 rows"),
        (0.01, None, "0 of 4 rows"),
        (np.array([True, False, False, False]), np.array(["a", "a", "b", "b"]), "cuts group a"),
        (0.5, np.array(["a"] * 4), "only one group"),
    ],
)
def test_a_guard_that_cannot_be_is_refused(guard, groups, message):
    with pytest.raises(InputError, match=message):
        draw_guard(guard, np.zeros(4, dtype=int), groups, Seeds(0))


def test_the_best_refinement_is_the_earliest_of_ties():
    assert best_refinement([0.5, 0.7, 0.7, 0.6]) == 1
    assert best_refinement([0.9, 0.7]) == 0


@pytest.mark.parametrize("share", [0.004, 0.01, 0.03, 0.08, 0.25, 0.5])
def test_rows_of_several_labels_give_their_share_of_each(share):
    codes = (np.random.default_rng(0).random((2000, 3)) < [0.5, 0.3, 0.1]).astype(int)
    mask = draw_guard(share, codes, None, Seeds(0))
    assert abs(mask.mean() - share) <= 0.0051
    assert np.abs(codes[mask].sum(axis=0) - share * codes.sum(axis=0)).max() <= 4


def test_whole_groups_of_several_labels_are_never_none():
    codes = np.eye(2, dtype=int)[np.arange(40) % 2]
    groups = np.arange(40) // 10
    mask = draw_guard(0.02, codes, groups, Seeds(0))
    assert mask.sum() == 10
    assert len(np.unique(groups[mask])) == 1


def test_a_class_in_few_groups_is_no_reason_to_warn():
    codes, groups = np.array([0, 1] * 20 + [2, 2]), np.repeat(np.arange(14), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set_apart(0.2, codes, groups, Seeds(0), "test").any()
