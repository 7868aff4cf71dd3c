"""Distances between rows, against numbers by hand and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets import distance
from softlabel.targets.quality import entropy

steady = settings(deadline=None, derandomize=True)
DISTANCES = ["squared_euclidean", "total_variation", "jensen_shannon", "chebyshev", "clark", "canberra"]
ALL = [*DISTANCES, "cross_entropy", "kl_divergence", "cosine_similarity", "intersection"]
SYMMETRIC = [*DISTANCES, "cosine_similarity", "intersection"]


def as_rows(values: np.ndarray) -> np.ndarray:
    values = values + (values.sum(axis=-1, keepdims=True) < 1e-3)  # no row without mass
    return values / values.sum(axis=-1, keepdims=True)


pairs = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=6).map(lambda shape: (2, *shape)),
    elements=st.one_of(st.just(0.0), st.floats(1e-6, 1)),
).map(as_rows)

P = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])
Q = np.array([[0.25, 0.25, 0.5], [0.0, 1.0, 0.0]])
LOG2 = np.log(2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("squared_euclidean", [0.0625 + 0.0025 + 0.09, 2]),
        ("total_variation", [0.3, 1]),
        ("chebyshev", [0.3, 1]),
        ("intersection", [0.7, 0]),
        ("canberra", [1 / 3 + 1 / 11 + 3 / 7, 2]),
        ("clark", [np.sqrt(1 / 9 + 1 / 121 + 9 / 49), np.sqrt(2)]),
        ("cosine_similarity", [0.3 / np.sqrt(0.38 * 0.375), 0]),
        ("cross_entropy", [0.5 * np.log(4) + 0.3 * np.log(4) + 0.2 * LOG2, np.inf]),
        ("kl_divergence", [0.5 * LOG2 + 0.3 * np.log(1.2) + 0.2 * np.log(0.4), np.inf]),
    ],
)
def test_by_hand(name, expected):
    values = getattr(distance, name)(P, Q)
    assert values.dtype == np.float64
    assert values.shape == (2,)
    assert_allclose(values, expected, rtol=1e-12)


def test_disjoint_rows_are_log_two_apart():
    assert_allclose(distance.jensen_shannon(P[1:], Q[1:]), LOG2)


@steady
@given(pairs)
def test_against_scipy(pair):
    p, q = pair
    assert_allclose(distance.kl_divergence(p, q), scipy.stats.entropy(p, q, axis=1), atol=1e-12)
    root = scipy.spatial.distance.jensenshannon(p, q, axis=1)
    # SciPy's root of a sum that rounds below zero is NaN
    assert_allclose(distance.jensen_shannon(p, q), np.nan_to_num(root) ** 2, atol=1e-12)
    for i in range(len(p)):
        assert_allclose(distance.canberra(p, q)[i], scipy.spatial.distance.canberra(p[i], q[i]), atol=1e-12)
        assert_allclose(distance.chebyshev(p, q)[i], scipy.spatial.distance.chebyshev(p[i], q[i]))
        assert_allclose(distance.squared_euclidean(p, q)[i], scipy.spatial.distance.sqeuclidean(p[i], q[i]))
        assert_allclose(distance.cosine_similarity(p, q)[i], 1 - scipy.spatial.distance.cosine(p[i], q[i]), atol=1e-12)


@steady
@given(pairs)
def test_identities_between_them(pair):
    p, q = pair
    assert_allclose(distance.cross_entropy(p, q), distance.kl_divergence(p, q) + entropy(p), atol=1e-12)
    assert_allclose(distance.total_variation(p, q), 1 - distance.intersection(p, q), atol=1e-12)
    assert_allclose(distance.cross_entropy(p, p), entropy(p), atol=1e-12)


@pytest.mark.parametrize("name", DISTANCES)
@steady
@given(pair=pairs)
def test_a_distance_is_zero_to_itself_and_never_negative(name, pair):
    p, q = pair
    assert_allclose(getattr(distance, name)(p, p), 0, atol=1e-12)
    assert (getattr(distance, name)(p, q) >= 0).all()


@pytest.mark.parametrize("name", ["cosine_similarity", "intersection"])
@steady
@given(pair=pairs)
def test_a_similarity_is_one_to_itself_and_never_above(name, pair):
    p, q = pair
    assert_allclose(getattr(distance, name)(p, p), 1, atol=1e-12)
    assert (getattr(distance, name)(p, q) <= 1 + 1e-12).all()


@pytest.mark.parametrize("name", SYMMETRIC)
@steady
@given(pair=pairs)
def test_symmetry(name, pair):
    p, q = pair
    assert_allclose(getattr(distance, name)(p, q), getattr(distance, name)(q, p), atol=1e-12)


@pytest.mark.parametrize("name", ALL)
@steady
@given(pair=pairs, random=st.randoms(use_true_random=False))
def test_permutations_and_unchanged_inputs(name, pair, random):
    p, q = pair
    before = pair.copy()
    values = getattr(distance, name)(p, q)
    order = random.sample(range(p.shape[0]), p.shape[0])
    columns = random.sample(range(p.shape[1]), p.shape[1])
    permuted = getattr(distance, name)(p[order][:, columns], q[order][:, columns])
    assert_allclose(permuted, values[order], atol=1e-12)
    assert_array_equal(pair, before)


@pytest.mark.parametrize("name", ALL)
def test_float32_is_computed_in_float64(name):
    p, q = P.astype(np.float32), Q.astype(np.float32)
    values = getattr(distance, name)(p, q)
    assert values.dtype == np.float64
    assert_array_equal(values, getattr(distance, name)(p.astype(np.float64), q.astype(np.float64)))


@pytest.mark.parametrize("name", ALL)
def test_other_shapes_are_refused(name):
    with pytest.raises(InputError, match=r"q: has shape \(1, 3\) and p \(2, 3\)"):
        getattr(distance, name)(P, Q[:1])
    with pytest.raises(InputError, match="p: must be two-dimensional"):
        getattr(distance, name)(P[0], Q[0])


def test_certain_rows_cost_nothing_without_a_sign():
    assert not np.signbit(distance.cross_entropy([[1, 0]], [[1, 0]])).any()
