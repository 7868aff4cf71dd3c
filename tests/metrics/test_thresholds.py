"""Thresholds that agree best with the given grades."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import cohen_kappa_score

from softlabel.errors import InputError
from softlabel.metrics.ordinal import quadratic_weighted_kappa
from softlabel.metrics.thresholds import apply_thresholds, fit_thresholds, midpoints

steady = settings(deadline=None, derandomize=True, max_examples=60)


def kappa(grades, codes, thresholds, weights=None):
    return quadratic_weighted_kappa(codes, apply_thresholds(grades, thresholds), len(thresholds) + 1, weights)


def shrunken(n=400, k=5, seed=0):
    """Predictions drawn to the middle, as a regression's are: the midpoints are too far apart for them."""
    random = np.random.default_rng(seed)
    codes = random.choice(k, size=n, p=[0.4, 0.1, 0.2, 0.15, 0.15])
    return 1.5 + 0.4 * (codes - 1.5) + random.normal(scale=0.25, size=n), codes


def test_known_intervals_are_found():
    grades, codes = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), np.array([0, 0, 1, 1, 2, 2])
    assert_allclose(fit_thresholds(grades, codes, 3), [0.25, 0.45])


def test_predictions_drawn_to_the_middle_gain():
    grades, codes = shrunken()
    fitted = fit_thresholds(grades, codes, 5)
    assert kappa(grades, codes, fitted) > kappa(grades, codes, midpoints(range(5))) + 0.1
    fresh, fresh_codes = shrunken(seed=1)
    assert kappa(fresh, fresh_codes, fitted) > kappa(fresh, fresh_codes, midpoints(range(5))) + 0.1
    # those that the generator's own shrinking would move the midpoints to
    assert_allclose(fitted, 1.5 + 0.4 * (np.arange(4) - 1.0), atol=0.2)


@st.composite
def graded(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(2, 30)), draw(st.integers(2, 5))
    codes = random.integers(0, k, size=n)
    grades = np.round(
        codes + random.normal(scale=0.8, size=n), draw(st.integers(0, 2))
    )  # many ties, some on thresholds
    return grades, codes, k, random.integers(0, 3, size=n) + (np.arange(n) == 0)


@steady
@given(graded())
def test_laws(case):
    grades, codes, k, w = case
    for weights in (None, w):
        fitted = fit_thresholds(grades, codes, k, weights)
        assert fitted.shape == (k - 1,)
        assert (np.diff(fitted) > 0).all()
        assert kappa(grades, codes, fitted, weights) >= kappa(grades, codes, midpoints(range(k)), weights)
        # the order of rows decides nothing
        order = np.random.default_rng(0).permutation(len(grades))
        permuted = fit_thresholds(grades[order], codes[order], k, None if weights is None else w[order])
        assert_allclose(permuted, fitted)
    repeated = fit_thresholds(np.repeat(grades, w), np.repeat(codes, w), k)
    assert_allclose(fit_thresholds(grades, codes, k, w), repeated)


@steady
@given(graded())
def test_no_single_threshold_can_be_moved_to_a_better_place(case):
    grades, codes, k, _ = case
    fitted = fit_thresholds(grades, codes, k)
    best = kappa(grades, codes, fitted)
    distinct = np.unique(grades)
    places = np.concatenate([[distinct[0] - 1], (distinct[1:] + distinct[:-1]) / 2, [distinct[-1] + 1]])
    inner = places[1:-1]
    for j in range(k - 1):
        low, high = np.concatenate([[-np.inf], fitted, [np.inf]])[[j, j + 2]]
        for place in inner[(low < inner) & (inner < high)]:
            moved = fitted.copy()
            moved[j] = place
            assert kappa(grades, codes, moved) <= best + 1e-9


@steady
@given(st.integers(0, 2**32 - 1))
def test_one_threshold_is_the_best_there_is(seed):
    random = np.random.default_rng(seed)
    codes = random.integers(0, 2, size=12)
    grades = codes + random.normal(size=12)
    every = [0.5, *((a + b) / 2 for a, b in itertools.pairwise(np.sort(grades)))]
    best = max(kappa(grades, codes, [t]) for t in every)
    assert kappa(grades, codes, fit_thresholds(grades, codes, 2)) == pytest.approx(best)


def test_kappas_inside_the_ascent_are_those_of_scikit_learn():
    grades, codes = shrunken(60)
    fitted = fit_thresholds(grades, codes, 5)
    expected = cohen_kappa_score(codes, np.digitize(grades, fitted), weights="quadratic", labels=range(5))
    assert kappa(grades, codes, fitted) == pytest.approx(expected)


def test_perfect_midpoints_stay():
    codes = np.array([0, 1, 2, 3])
    assert_array_equal(fit_thresholds(codes.astype(float), codes, 4), [0.5, 1.5, 2.5])
    # a better place nearer than the middle of the gap: the start itself lies in it
    assert_array_equal(fit_thresholds([0.0, 3.0], [0, 1], 2), [0.5])


def test_of_equally_good_places_the_nearest_to_the_start():
    # any place from 1 to 2 is as good; 0.5 is not
    assert_array_equal(fit_thresholds([0.0, 0.8, 1.0, 2.0], [0, 0, 0, 1], 2), [1.5])
    # 0.25 and 0.75 are equally good and equally far: the lower
    assert_array_equal(fit_thresholds([0.125, 0.375, 0.625, 0.875], [0, 1, 0, 1], 2), [0.25])


def test_a_start_of_ones_own():
    grades, codes = shrunken()
    start = [-1.0, 0.0, 5.0, 9.0]
    fitted = fit_thresholds(grades, codes, 5, start=start)
    assert kappa(grades, codes, fitted) >= kappa(grades, codes, start)
    values = np.array([10.0, 20.0, 40.0])
    assert_array_equal(fit_thresholds(values, [0, 1, 2], 3, start=midpoints(values)), [15.0, 30.0])


@pytest.mark.parametrize(("grades", "codes"), [([1.0, 1.0, 1.0], [0, 1, 2]), ([0.0, 1.0], [1, 1]), ([2.0], [0])])
def test_nothing_to_fit_leaves_the_start(grades, codes):
    assert_array_equal(fit_thresholds(grades, codes, 3), [0.5, 1.5])


def test_many_rows_are_tried_at_200_places_and_do_well():
    grades, codes = shrunken(20_000)
    fitted = fit_thresholds(grades, codes, 5)
    few = fit_thresholds(grades[:400], codes[:400], 5)
    assert kappa(grades, codes, fitted) >= kappa(grades, codes, few) - 1e-3
    assert_array_equal(fit_thresholds(grades, codes, 5), fitted)


def test_the_size_of_weights_decides_nothing():
    grades, codes = shrunken(100)
    for size in (1e-15, 1e15):
        assert_allclose(fit_thresholds(grades, codes, 5, np.full(100, size)), fit_thresholds(grades, codes, 5))


def test_float32_columns_serve():
    grades, codes = shrunken(100)
    column = grades.astype(np.float32)[:, None]
    assert_array_equal(fit_thresholds(column, codes, 5), fit_thresholds(column[:, 0].astype(np.float64), codes, 5))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"grades": [0.1, np.nan]}, "row 1 has nan"),
        ({"codes": [0]}, "has 1 rows where 2"),
        ({"codes": [0, 3]}, "codes are 0 to 2"),
        ({"k": 1, "codes": [0, 0]}, "k is 1; thresholds lie between two grades"),
        ({"sample_weight": [0, 0]}, "no row to score"),
        ({"start": [0.5]}, "are 1 numbers where 3 grades need 2"),
        ({"start": [1.5, 0.5]}, "increasing order"),
    ],
)
def test_what_does_not_fit_is_refused(settings, message):
    with pytest.raises(InputError, match=message):
        fit_thresholds(**{"grades": [0.1, 0.9], "codes": [0, 1], "k": 3, **settings})
