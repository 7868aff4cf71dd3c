"""Label smoothing in both conventions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.encode import one_hot
from softlabel.targets.smooth import smooth_others, smooth_uniform

steady = settings(deadline=None, derandomize=True)
distributions = arrays(
    np.float32, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=6), elements=st.floats(0, 1, width=32)
).map(lambda rows: ((rows + 0.01) / (rows + 0.01).sum(axis=1, keepdims=True)).astype(np.float32))
both = pytest.mark.parametrize("smooth", [smooth_uniform, smooth_others])


def test_uniform_by_hand():
    smoothed = smooth_uniform(one_hot([0], 5), 0.1)
    assert smoothed.dtype == np.float32
    assert_allclose(smoothed, [[0.92, 0.02, 0.02, 0.02, 0.02]], rtol=1e-6)


def test_others_by_hand_as_on_the_slides():
    smoothed = smooth_others(one_hot([0], 5), 0.1)
    assert smoothed.dtype == np.float32
    assert_allclose(smoothed, [[0.9, 0.025, 0.025, 0.025, 0.025]], rtol=1e-6)


def test_soft_rows_by_hand():
    assert_allclose(smooth_uniform([[0.5, 0.3, 0.2]], 0.3), [[0.45, 0.31, 0.24]], rtol=1e-6)
    assert_allclose(smooth_others([[0.5, 0.3, 0.2]], 0.2), [[0.45, 0.31, 0.24]], rtol=1e-6)


@both
@steady
@given(targets=distributions, eps=st.floats(0, 1))
def test_rows_stay_valid(smooth, targets, eps):
    before = targets.copy()
    smoothed = smooth(targets, eps)
    assert smoothed.dtype == np.float32
    assert (smoothed >= 0).all()
    assert_allclose(smoothed.sum(axis=1, dtype=np.float64), 1.0, atol=1e-6)
    assert_array_equal(targets, before)


@both
@steady
@given(targets=distributions)
def test_no_smoothing_is_the_identity(smooth, targets):
    assert_array_equal(smooth(targets, 0.0), targets)


@steady
@given(targets=distributions)
def test_full_smoothing_is_uniform(targets):
    assert_allclose(smooth_uniform(targets, 1.0), 1 / targets.shape[1], rtol=1e-6)


@steady
@given(targets=distributions, eps=st.floats(0, 1))
def test_others_is_uniform_of_a_larger_share(targets, eps):
    k = targets.shape[1]
    share = eps * k / (k - 1)
    if share <= 1:
        assert_allclose(smooth_others(targets, eps), smooth_uniform(targets, share), atol=1e-6)


@both
@steady
@given(targets=distributions, eps=st.floats(0, 1), random=st.randoms(use_true_random=False))
def test_permuted_columns_are_smoothed_alike(smooth, targets, eps, random):
    columns = random.sample(range(targets.shape[1]), targets.shape[1])
    assert_array_equal(smooth(targets[:, columns], eps), smooth(targets, eps)[:, columns])


@both
@pytest.mark.parametrize("eps", [-0.1, 1.1, float("nan")])
def test_eps_out_of_range_is_refused(smooth, eps):
    with pytest.raises(InputError, match=r"eps is .* from 0 .* to 1"):
        smooth([[1, 0]], eps)


@both
def test_what_is_no_table_is_refused(smooth):
    with pytest.raises(InputError, match="two-dimensional"):
        smooth([1.0, 0.0], 0.1)


def test_others_needs_another_class():
    with pytest.raises(InputError, match="no other class"):
        smooth_others([[1.0]], 0.1)
