"""What refined grades say about the given ones, in both views."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.encode import one_hot
from softlabel.targets.grades import (
    expected_quality,
    median_codes,
    median_from,
    median_margin,
    refined_grade,
    scalar_from,
    scalar_margin,
    scalar_quality,
)
from softlabel.targets.quality import label_quality, margin
from softlabel.targets.thresholds import apply_thresholds, midpoints

steady = settings(deadline=None, derandomize=True)
VALUES = [0, 1, 2, 4]


class TestScalar:
    def test_quality_by_hand(self):
        quality = scalar_quality(np.array([0, 1, 2.5, 4], dtype=np.float32), [0, 2, 2, 0], 4)
        assert quality.dtype == np.float64
        assert quality.tolist() == [1, 0.75, 0.875, 0]

    def test_quality_beyond_the_scale_is_zero(self):
        assert scalar_quality([5.0, -3.0], [0, 2], 4).tolist() == [0, 0]

    def test_margin_by_hand(self):
        t = [0.5, 1.5, 3.0]
        assert scalar_margin([0, 0.25, -2], [0, 0, 0], t).tolist() == [0.5, 0.25, 2.5]  # no threshold below
        assert scalar_margin([4, 7], [3, 3], t).tolist() == [1, 4]  # none above
        assert scalar_margin([1.0, 1.75, 0], [1, 1, 2], t).tolist() == [0.5, -0.25, -1.5]

    def test_a_tie_stays_with_the_given_grade_on_either_side(self):
        assert scalar_margin([0.5, 0.5], [0, 1], [0.5, 1.5]).tolist() == [0, 0]
        assert scalar_from([0.5, 0.5, 0.5], [0, 1, 2], [0.5, 1.5]).tolist() == [0, 1, 1]

    @steady
    @given(st.lists(st.tuples(st.integers(-4, 20), st.integers(0, 3)), min_size=1))
    def test_a_grade_has_moved_exactly_where_its_margin_is_below_zero(self, drawn):
        grades = np.array([row[0] for row in drawn]) / 4  # quarters: often on a threshold
        codes = np.array([row[1] for row in drawn])
        t = midpoints(VALUES)
        suggested = scalar_from(grades, codes, t)
        assert_array_equal(suggested != codes, scalar_margin(grades, codes, t) < 0)
        off = ~np.isin(grades, t)
        assert_array_equal(suggested[off], apply_thresholds(grades, t)[off])

    def test_a_column_serves_as_numbers(self):
        assert scalar_quality([[1.0]], [1], 4).shape == (1,)
        assert scalar_margin([[1.0]], [1], [0.5]).shape == (1,)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: scalar_quality([1.0], [1], 0), "span is 0; give the largest value"),
            (lambda: scalar_quality([1.0], [1, 2], 4), "given: has 2 rows where 1 are needed"),
            (lambda: scalar_margin([1.0], [2], [0.5]), "codes are 0 to 1"),
            (lambda: scalar_margin([1.0, 2.0], [0], [0.5]), "has 1 rows where 2"),
            (lambda: scalar_margin([np.nan], [0], [0.5]), "not finite"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, call, message):
        with pytest.raises(InputError, match=message):
            call()


class TestDistribution:
    def test_quality_by_hand(self):
        rows = [[0.5, 0.25, 0.25, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]
        # distances to grade 0: 0 1 2 4, to 1: 1 0 1 3
        assert expected_quality(rows, [0, 0, 1], VALUES).tolist() == [1 - 0.75 / 4, 0, 1 - 3 / 4]

    def test_near_misses_cost_less(self):
        near, far = expected_quality([[0.5, 0.5, 0, 0], [0.5, 0, 0, 0.5]], [0, 0], VALUES)
        assert near > far
        assert_array_equal(label_quality([[0.5, 0.5, 0, 0], [0.5, 0, 0, 0.5]], [0, 0]), [0.5, 0.5])

    def test_grades_by_hand(self):
        assert refined_grade([[0.25, 0.25, 0.25, 0.25]], VALUES).tolist() == [1.75]

    def test_medians_by_hand(self):
        rows = [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.4, 0.0, 0.6], [0.5, 0.0, 0.5], [0.0, 0.0, 1.0]]
        codes = median_codes(rows)
        assert codes.dtype == np.int64
        assert codes.tolist() == [0, 1, 2, 0, 2]
        assert_allclose(median_margin(rows, [0, 1, 0, 1, 0]), [0, 0.5, -0.2, 0, -1])
        assert median_from(rows, [0, 1, 0, 1, 0]).tolist() == [0, 1, 2, 1, 2]

    def test_the_median_is_not_the_mode(self):
        row = [[0.4, 0.3, 0.3]]
        assert median_codes(row).tolist() == [1]
        assert np.argmax(row) == 0

    def test_half_the_mass_in_float32_is_a_tie(self):
        # ten equal masses: the sum of five is a half only in exact arithmetic
        rows = np.full((1, 10), 0.1, dtype=np.float32)
        for scale in (1, 1 + 3e-7, 1 - 3e-7):
            assert median_codes(rows * np.float32(scale)).tolist() == [4]
            assert median_margin(rows * np.float32(scale), [4]).tolist() == [0]
            assert median_margin(rows * np.float32(scale), [5]).tolist() == [0]
        uneven = np.array([[0.3, 0.2 - 2e-7, 0.5 + 2e-7]], dtype=np.float32)
        assert median_codes(uneven).tolist() == [1]
        assert median_from(uneven, [2]).tolist() == [2]

    @steady
    @given(
        st.lists(
            st.tuples(*[st.integers(0, 4)] * 4, st.integers(0, 3)).filter(lambda row: sum(row[:4]) > 0), min_size=1
        )
    )
    def test_a_grade_has_moved_exactly_where_its_margin_is_below_zero(self, drawn):
        rows = np.array([row[:4] for row in drawn], dtype=np.float64)
        rows = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
        codes = np.array([row[4] for row in drawn])
        assert_array_equal(median_from(rows, codes) != codes, median_margin(rows, codes) < 0)

    @steady
    @given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(2, 7))
    def test_laws(self, seed, n, k):
        random = np.random.default_rng(seed)
        rows = random.dirichlet(np.full(k, 0.5), size=n).astype(np.float32)  # (n, k)
        codes = random.integers(0, k, size=n)
        values = np.cumsum(random.random(k) + 0.1)
        # the median has the least expected distance, so no grade has a better quality
        qualities = np.stack([expected_quality(rows, np.full(n, c), values) for c in range(k)], axis=1)  # (n, k)
        assert_allclose(qualities[np.arange(n), median_codes(rows)], qualities.max(axis=1), atol=1e-6)
        quality, gap = expected_quality(rows, codes, values), median_margin(rows, codes)
        assert ((quality >= 0) & (quality <= 1) & (gap >= -1) & (gap <= 1)).all()
        assert_array_equal(median_from(rows, codes) != codes, gap < 0)
        # the scale turned round: the same margins, the same qualities
        assert_allclose(median_margin(rows[:, ::-1], k - 1 - codes), gap, atol=3e-6)
        assert_allclose(expected_quality(rows[:, ::-1], k - 1 - codes, -values[::-1]), quality, atol=1e-12)
        assert_allclose(refined_grade(one_hot(codes, k), values), values[codes])
        # shift and scale of the values change nothing
        assert_allclose(expected_quality(rows, codes, 3 * values - 7), quality, atol=1e-9)

    @steady
    @given(st.integers(0, 2**32 - 1), st.integers(1, 20))
    def test_two_grades_are_two_classes(self, seed, n):
        random = np.random.default_rng(seed)
        rows = random.dirichlet([1, 1], size=n)
        codes = random.integers(0, 2, size=n)
        assert_allclose(expected_quality(rows, codes, [0, 1]), label_quality(rows, codes), atol=1e-12)
        assert_allclose(median_margin(rows, codes), margin(rows, codes), atol=3e-6)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: expected_quality([[0.5, 0.5]], [0], [0, 1, 2]), "values has 3 grades and the targets 2 columns"),
            (lambda: expected_quality([[0.5, 0.5]], [2], [0, 1]), "codes are 0 to 1"),
            (lambda: refined_grade([[0.5, 0.5]], [1, 0]), "increasing order"),
            (lambda: median_margin([[0.5, 0.5]], [0, 1]), "has 2 rows where 1"),
            (lambda: median_codes([0.5, 0.5]), "two-dimensional"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, call, message):
        with pytest.raises(InputError, match=message):
            call()
