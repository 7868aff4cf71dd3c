from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softlabel.learners.row_copies import copy_rows


def test_a_row_becomes_its_classes_largest_first():
    copies = copy_rows(np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]]), min_mass=0.01)
    assert copies.rows.tolist() == [0, 0, 0, 1]
    assert copies.codes.tolist() == [1, 2, 0, 0]
    np.testing.assert_allclose(copies.masses, [0.5, 0.3, 0.2, 1.0])


def test_small_masses_are_dropped_and_the_rest_scaled_up():
    copies = copy_rows(np.array([[0.795, 0.2, 0.005], [0.0, 0.0, 1.0]]), min_mass=0.01)
    assert copies.codes.tolist() == [0, 1, 2]
    np.testing.assert_allclose(copies.masses, [0.795 / 0.995, 0.2 / 0.995, 1.0])


def test_no_row_loses_everything():
    copies = copy_rows(np.full((2, 300), 1 / 300), min_mass=0.01)
    assert set(copies.rows.tolist()) == {0, 1}


def test_no_class_disappears():
    targets = np.full((500, 2), [0.995, 0.005])
    targets[17] = [0.993, 0.007]
    copies = copy_rows(targets, min_mass=0.01)
    rare = copies.rows[copies.codes == 1]
    assert len(rare) == 3  # the class has a mass of 2.502
    assert 17 in rare


def test_nearly_certain_rows_cost_hardly_more_than_hard_ones():
    rng = np.random.default_rng(0)
    targets = 0.97 * np.eye(10)[rng.integers(10, size=2000)] + 0.03 * rng.dirichlet(np.ones(10), 2000)
    assert (
        len(copy_rows(targets, min_mass=0.01).rows)
        < 1.25 * 2000
        < 5 * 2000
        < len(copy_rows(targets, min_mass=0.0).rows)
    )


@settings(deadline=None, max_examples=60)
@given(
    arrays(float, st.tuples(st.integers(1, 30), st.integers(2, 6)), elements=st.floats(0, 1)),
    st.sampled_from([0.0, 0.01, 0.2]),
)
def test_laws(raw, min_mass):
    targets = raw + 1e-3
    targets /= targets.sum(axis=1, keepdims=True)
    before = targets.copy()
    copies = copy_rows(targets, min_mass)
    n, k = targets.shape
    np.testing.assert_array_equal(targets, before)
    assert set(copies.rows.tolist()) == set(range(n))
    assert set(copies.codes.tolist()) == set(range(k))
    assert len(set(zip(copies.rows.tolist(), copies.codes.tolist(), strict=True))) == len(copies.rows)
    np.testing.assert_allclose(np.bincount(copies.rows, copies.masses), 1.0)
    np.testing.assert_array_equal(copies.codes[copies.groups.first], targets.argmax(axis=1))
    rebuilt = np.zeros_like(targets)
    rebuilt[copies.rows, copies.codes] = copies.masses
    if min_mass == 0:
        np.testing.assert_allclose(rebuilt, targets)
    kept = rebuilt > 0
    ratio = np.divide(rebuilt, targets, where=kept, out=np.full_like(targets, np.nan))
    np.testing.assert_allclose(np.nanmax(ratio, axis=1), np.nanmin(ratio, axis=1))  # proportions stay


@pytest.mark.parametrize("min_mass", [0.0, 0.01, 0.4])
def test_hard_rows_are_single(min_mass):
    targets = np.eye(4)[[2, 0, 1, 3, 3]]
    copies = copy_rows(targets, min_mass)
    assert copies.single
    assert copies.codes.tolist() == [2, 0, 1, 3, 3]
