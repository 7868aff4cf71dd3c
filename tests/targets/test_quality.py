"""What refined targets say about the given labels."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.encode import harden
from softlabel.targets.quality import entropy, harden_from, label_quality, margin

steady = settings(deadline=None, derandomize=True)
TARGETS = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.0, 0.5, 0.5]], dtype=np.float32)


def test_quality_by_hand():
    quality = label_quality(TARGETS, [0, 0, 2])
    assert quality.dtype == np.float64
    assert quality.tolist() == [0.5, 0.125, 0.5]


def test_margin_by_hand():
    before = TARGETS.copy()
    assert margin(TARGETS, [0, 0, 2]).tolist() == [0.25, -0.625, 0.0]
    assert margin([[1.0, 0.0]], [0]).tolist() == [1.0]
    assert margin([[1.0, 0.0]], [1]).tolist() == [-1.0]
    assert_array_equal(TARGETS, before)


def test_entropy_by_hand():
    assert_allclose(entropy([[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]]), [0, np.log(4), np.log(2)])


@steady
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(2, 6))
def test_laws(seed, n, k):
    random = np.random.default_rng(seed)
    targets = random.dirichlet(np.full(k, 0.5), size=n).astype(np.float32)  # (n, k)
    codes = random.integers(0, k, size=n)  # (n,)
    assert_allclose(entropy(targets), scipy.stats.entropy(targets.astype(np.float64), axis=1), atol=1e-6)
    gap = margin(targets, codes)
    assert ((gap >= -1) & (gap <= 1)).all()
    assert_array_equal(gap < 0, (harden(targets) != codes) & (gap != 0))
    assert (label_quality(targets, codes) >= gap).all()
    order, columns = random.permutation(n), random.permutation(k)
    moved = np.argsort(columns)[codes]  # where each class went
    assert_array_equal(margin(targets[order][:, columns], moved[order]), gap[order])
    assert_array_equal(label_quality(targets[order][:, columns], moved[order]), label_quality(targets, codes)[order])


@pytest.mark.parametrize("function", [label_quality, margin])
@pytest.mark.parametrize(
    ("codes", "message"), [([0, 1], "has 2 rows where 3"), ([0, 1, 3], "codes are 0 to 2"), ([0, 1, 0.5], "integers")]
)
def test_codes_that_do_not_fit_are_refused(function, codes, message):
    with pytest.raises(InputError, match=message):
        function(TARGETS, codes)


def test_margin_needs_two_classes():
    with pytest.raises(InputError, match="two classes"):
        margin([[1.0]], [0])


def test_a_tie_stays_with_the_given_label_whatever_the_order_of_classes():
    rows = [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.4, 0.4, 0.2], [0.2, 0.3, 0.5]]
    assert harden_from(rows, [0, 1, 2, 0]).tolist() == [0, 1, 0, 2]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)), min_size=1))
def test_a_label_has_moved_exactly_where_its_margin_is_below_zero(drawn):
    rows = np.array([row[:3] for row in drawn]) + 1e-9
    rows /= rows.sum(axis=1, keepdims=True)
    codes = np.array([row[3] for row in drawn])
    assert np.array_equal(harden_from(rows, codes) != codes, margin(rows, codes) < 0)
