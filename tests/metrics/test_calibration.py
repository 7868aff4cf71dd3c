"""Calibration errors against numbers by hand, with the conventions at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.metrics.calibration import adaptive_ece, classwise_ece, ece, reliability_bins

steady = settings(deadline=None, derandomize=True, max_examples=60)


def binary(confidence, dtype=np.float64):
    """Rows that predict class 0 with these confidences, of 0.5 and more."""
    p = np.asarray(confidence, dtype=dtype)
    return np.stack([p, 1 - p], axis=1)


def loop_ece(codes, p, weights, n_bins):
    """The definition, bin by bin."""
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == codes
    error = 0.0
    for b in range(n_bins):
        inside = (confidence > b / n_bins) & (confidence <= (b + 1) / n_bins)
        if b == 0:
            inside |= confidence == 0
        mass = weights[inside].sum()
        if mass:
            gap = np.average(correct[inside], weights=weights[inside]) - np.average(
                confidence[inside], weights=weights[inside]
            )
            error += mass / weights.sum() * abs(gap)
    return error


def test_by_hand():
    # bins of a tenth: .75 .75 right, wrong: gap .25, share 2/3; .95 right: gap .05
    p = binary([0.75, 0.75, 0.95])
    assert ece([0, 1, 0], p, n_bins=10) == pytest.approx(2 / 3 * 0.25 + 1 / 3 * 0.05)
    # weights 3 1 2: accuracy .75 in the first bin
    assert ece([0, 1, 0], p, [3, 1, 2], n_bins=10) == pytest.approx(4 / 6 * 0.0 + 2 / 6 * 0.05)


def test_confidence_of_exactly_one_is_counted():
    assert ece([1, 1], np.array([[1.0, 0.0], [1.0, 0.0]])) == 1.0
    assert ece([0, 1], np.array([[1.0, 0.0], [1.0, 0.0]])) == 0.5
    assert ece([0], np.array([[1.0, 0.0]], dtype=np.float32)) == 0.0
    assert reliability_bins([0], [[1.0, 0.0]]).share[-1] == 1.0


def test_confidence_beyond_one_by_rounding_is_counted():
    p = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0.0]], dtype=np.float32)
    assert reliability_bins([0], p).share[-1] == 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_bins", [5, 10, 15, 20])
def test_an_edge_belongs_to_the_bin_below(n_bins, dtype):
    for edge in range((n_bins + 1) // 2 + 1, n_bins + 1):
        p = np.array([[edge / n_bins, 1 - edge / n_bins]], dtype=dtype)
        assert reliability_bins([0], p, n_bins=n_bins).share.argmax() == edge - 1
        above = np.nextafter(p, dtype(2))
        if edge < n_bins:
            assert reliability_bins([0], above, n_bins=n_bins).share.argmax() == edge


def test_the_first_bin_holds_zero():
    # classwise: every column of 0.0 must fall in some bin: here each is off by all of its frequency
    assert classwise_ece([1, 1], [[1.0, 0.0], [1.0, 0.0]]) == 1.0


def test_edge_decides_the_error():
    # 0.6 is in (0.4, 0.6] with 0.5: errors cancel within the bin; one bin higher they would not
    p = binary([0.6, 0.5])
    assert ece([0, 1], p, n_bins=5) == pytest.approx(abs(0.5 - 0.55))
    assert ece([0, 1], binary([0.6 + 1e-9, 0.5]), n_bins=5) == pytest.approx(0.4 / 2 + 0.5 / 2, abs=1e-6)


@st.composite
def scored(draw):
    n, k = draw(st.integers(1, 40)), draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    p = random.dirichlet(np.full(k, draw(st.sampled_from([0.2, 1.0, 5.0]))), size=n)
    return random.integers(0, k, size=n), p, random.random(n) + 0.1


@steady
@given(scored(), st.integers(1, 20))
def test_against_the_definition_in_a_loop(case, n_bins):
    codes, p, weights = case
    assert ece(codes, p, weights, n_bins=n_bins) == pytest.approx(loop_ece(codes, p, weights, n_bins), abs=1e-12)


@steady
@given(scored(), st.integers(1, 20))
def test_classwise_against_one_column_at_a_time(case, n_bins):
    codes, p, weights = case
    errors = []
    for c in range(p.shape[1]):
        bins = np.maximum(np.ceil(p[:, c] * n_bins) - 1, 0)
        for b in np.unique(bins):
            inside = bins == b
            gap = (weights[inside] * ((codes[inside] == c) - p[inside, c])).sum()
            errors.append(abs(gap) / weights.sum())
    assert classwise_ece(codes, p, weights, n_bins=n_bins) == pytest.approx(sum(errors) / p.shape[1], abs=1e-12)


@steady
@given(scored())
def test_one_bin_is_the_overall_gap(case):
    codes, p, weights = case
    gap = np.average((p.argmax(axis=1) == codes) - p.max(axis=1), weights=weights)
    assert ece(codes, p, weights, n_bins=1) == pytest.approx(abs(gap))
    assert adaptive_ece(codes, p, weights, n_bins=1) == pytest.approx(abs(gap))


def test_adaptive_by_hand():
    # two bins of two rows: (.6 wrong, .7 right) and (.8 right, .9 right)
    p = binary([0.9, 0.6, 0.8, 0.7])
    assert adaptive_ece([0, 1, 0, 0], p, n_bins=2) == pytest.approx((abs(0.5 - 0.65) + abs(1 - 0.85)) / 2)
    # the weight of the first row fills a bin of its own
    assert adaptive_ece([0, 1, 0, 0], p, [3, 1, 1, 1], n_bins=2) == pytest.approx((0.1 + abs(2 / 3 - 0.7)) / 2)


def test_adaptive_bins_have_equal_mass():
    n, n_bins = 60, 6
    p = binary(np.linspace(0.51, 0.99, n))
    codes = np.random.default_rng(0).integers(0, 2, size=n)
    parts = np.array_split(np.arange(n), n_bins)
    expected = np.mean([abs(np.mean((codes[part] == 0) - p[part, 0])) for part in parts])
    assert adaptive_ece(codes, p, n_bins=n_bins) == pytest.approx(expected)


def test_adaptive_keeps_rows_of_equal_confidence_together():
    p = binary([0.75] * 4)
    for codes in ([0, 0, 0, 1], [1, 0, 0, 0]):
        assert adaptive_ece(codes, p, n_bins=2) == 0.0


def test_adaptive_bins_go_by_the_middle_of_the_mass():
    # .6 fills the first quarter; the middle of the three rows of .7 lies in the upper half
    p = binary([0.6, 0.7, 0.7, 0.7])
    assert adaptive_ece([0, 1, 0, 0], p, n_bins=2) == pytest.approx(0.25 * 0.4 + 0.75 * abs(2 / 3 - 0.7))


def test_more_bins_than_rows():
    assert adaptive_ece([0, 1], binary([0.9, 0.6]), n_bins=15) == pytest.approx((0.1 + 0.6) / 2)


@pytest.mark.parametrize("metric", [ece, adaptive_ece, classwise_ece])
def test_calibrated_predictions_have_little_error(metric):
    random = np.random.default_rng(0)
    p = random.dirichlet(np.ones(3), size=40_000)
    codes = (random.random(len(p))[:, None] > p.cumsum(axis=1)).sum(axis=1)
    assert metric(codes, p) < 0.015
    overconfident = p**3 / (p**3).sum(axis=1, keepdims=True)
    assert metric(codes, overconfident) > 0.08


def test_reliability_bins_by_hand():
    bins = reliability_bins([0, 1, 0], binary([0.75, 0.75, 0.95]), [1, 1, 2], n_bins=4)
    assert_allclose(bins.edges, [0, 0.25, 0.5, 0.75, 1])
    assert_allclose(bins.share, [0, 0, 0.5, 0.5])
    assert_array_equal(bins.confidence, [np.nan, np.nan, 0.75, 0.95])
    assert_array_equal(bins.accuracy, [np.nan, np.nan, 0.5, 1.0])


@steady
@given(scored())
def test_ece_is_the_sum_over_the_reliability_bins(case):
    bins = reliability_bins(*case)
    assert bins.share.sum() == pytest.approx(1)
    assert_array_equal(np.isnan(bins.accuracy), bins.share == 0)
    total = np.nansum(bins.share * np.abs(bins.accuracy - bins.confidence))
    assert ece(*case) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("metric", [ece, adaptive_ece, classwise_ece, reliability_bins])
def test_no_bins_are_refused(metric):
    with pytest.raises(InputError, match="n_bins is 0; give 1 or more"):
        metric([0], [[1.0, 0.0]], n_bins=0)
