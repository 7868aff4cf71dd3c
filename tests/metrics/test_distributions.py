"""Distances from true distributions, on average."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose

from softlabel.errors import InputError
from softlabel.metrics.distributions import distribution_distances
from softlabel.targets import distance

NAMES = ["chebyshev", "clark", "canberra", "kl", "cosine", "intersection"]
P = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
Q = np.array([[0.25, 0.25, 0.5], [0.1, 0.8, 0.1]])


def test_by_hand():
    d = distribution_distances(P, Q)
    assert list(d) == NAMES
    assert all(type(each) is float for each in d.values())
    assert d["chebyshev"] == pytest.approx((0.3 + 0.6) / 2)
    assert d["clark"] == pytest.approx((np.sqrt(1 / 9 + 1 / 121 + 9 / 49) + np.sqrt(1 / 9 + 9 / 25 + 25 / 49)) / 2)
    assert d["canberra"] == pytest.approx((1 / 3 + 1 / 11 + 3 / 7 + 1 / 3 + 3 / 5 + 5 / 7) / 2)
    assert d["kl"] == pytest.approx(scipy.stats.entropy(P, Q, axis=1).mean(), abs=1e-6)
    assert d["cosine"] == pytest.approx((0.3 / np.sqrt(0.38 * 0.375) + 0.24 / np.sqrt(0.44 * 0.66)) / 2)
    assert d["intersection"] == pytest.approx((0.7 + 0.4) / 2)


def test_kl_is_from_the_targets_to_the_reference():
    d = distribution_distances([[0.9, 0.1]], [[0.5, 0.5]])
    assert d["kl"] == pytest.approx(0.9 * np.log(1.8) + 0.1 * np.log(0.2))
    assert d["kl"] != pytest.approx(distance.kl_divergence([[0.5, 0.5]], [[0.9, 0.1]])[0])


def test_a_missed_mass_costs_sixteen_nats_and_no_infinity():
    d = distribution_distances([[0.75, 0.25]], [[1.0, 0.0]])
    assert d["kl"] == pytest.approx(0.75 * np.log(0.75) + 0.25 * np.log(0.25 / 1e-7), abs=1e-6)
    # the other way round nothing is missed
    assert distribution_distances([[1.0, 0.0]], [[0.75, 0.25]])["kl"] == pytest.approx(np.log(4 / 3))


def test_a_row_to_itself():
    for rows in (P, [[1.0, 0.0, 0.0]], [[1 - 2e-9, 1e-9, 1e-9]], np.array([[0.2, 0.3, 0.5]], dtype=np.float32)):
        d = distribution_distances(rows, rows)
        assert_allclose([d[name] for name in NAMES], [0, 0, 0, 0, 1, 1], atol=1e-6)
        assert d["kl"] >= 0


def test_weights_count_rows():
    weighted = distribution_distances(P, Q, [3, 1])
    repeated = distribution_distances(P[[0, 0, 0, 1]], Q[[0, 0, 0, 1]])
    assert weighted == pytest.approx(repeated)
    assert distribution_distances(P, Q, [0, 2]) == pytest.approx(distribution_distances(P[1:], Q[1:]))


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match=r"has shape \(1, 3\) .* \(2, 3\)"):
        distribution_distances(P, Q[:1])
    with pytest.raises(InputError, match="sample_weight has shape"):
        distribution_distances(P, Q, [1])
    with pytest.raises(InputError, match="no row to score"):
        distribution_distances(P[:0], Q[:0])
