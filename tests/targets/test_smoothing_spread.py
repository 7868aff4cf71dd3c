"""Where the mass goes, against the formulas by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import softmax

from softlabel import sharpen
from softlabel.errors import InputError
from softlabel.targets.encode import one_hot
from softlabel.targets.rows import check_targets
from softlabel.targets.smooth import smooth_others
from softlabel.targets.smoothing_spread import class_averages, spread_by_similarity, spread_evenly

steady = settings(deadline=None, derandomize=True)


@st.composite
def problems(draw):
    """Codes (n,), amounts (n,), the teacher's logits (n, k)."""
    n, k = draw(st.integers(1, 8)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return rng.integers(0, k, n), rng.random(n), 5 * rng.normal(size=(n, k))


def test_evenly_by_hand():
    spread = spread_evenly([0, 2, 1], [0.2, 0.5, 0.0], 3)
    assert spread.dtype == np.float32
    assert_allclose(spread, [[0.8, 0.1, 0.1], [0.25, 0.25, 0.5], [0, 1, 0]], rtol=1e-6)


def test_by_similarity_by_hand():
    spread = spread_by_similarity([0, 2], [0.2, 0.5], [[0.6, 0.3, 0.1], [0.1, 0.4, 0.5]])
    assert spread.dtype == np.float32
    assert_allclose(spread, [[0.8, 0.15, 0.05], [0.1, 0.4, 0.5]], rtol=1e-6)


@steady
@given(problem=problems(), temperature=st.sampled_from([1, 2, 4, 8, 16]))
def test_by_similarity_row_by_row(problem, temperature):
    codes, eps, logits = problem
    s = softmax(logits / temperature, axis=1)
    expected = np.zeros_like(s)
    for row, y in enumerate(codes):
        others = [j for j in range(s.shape[1]) if j != y]
        total = sum(s[row, j] for j in others)
        for j in others:
            expected[row, j] = eps[row] * s[row, j] / total
        expected[row, y] = 1 - eps[row]
    assert_allclose(spread_by_similarity(codes, eps, s), expected, atol=1e-6)
    # of probabilities at temperature 1 the power 1/T is the softmax of the logits over T
    by_power = spread_by_similarity(codes, eps, sharpen(softmax(logits, axis=1), temperature))
    assert_allclose(by_power, expected, atol=1e-5)


@steady
@given(problem=problems())
def test_rows_stay_valid_to_the_byte(problem):
    codes, eps, logits = problem
    for rows in (spread_evenly(codes, eps, logits.shape[1]), spread_by_similarity(codes, eps, softmax(logits, axis=1))):
        assert_array_equal(check_targets(rows), rows)
        assert_allclose(rows[np.arange(len(codes)), codes], 1 - eps, atol=1e-6)


@steady
@given(problem=problems(), eps=st.floats(0, 1))
def test_one_amount_for_all_is_plain_smoothing(problem, eps):
    codes, _, logits = problem
    k = logits.shape[1]
    assert_allclose(spread_evenly(codes, eps, k), smooth_others(one_hot(codes, k), eps), atol=1e-6)
    alike = np.full(logits.shape, 1 / k)
    assert_allclose(spread_by_similarity(codes, eps, alike), smooth_others(one_hot(codes, k), eps), atol=1e-6)


@steady
@given(problem=problems())
def test_nothing_is_the_identity_to_the_byte(problem):
    codes, _, logits = problem
    s = softmax(logits, axis=1)
    soft = check_targets(softmax(-logits, axis=1))
    for targets in (None, soft):
        expected = one_hot(codes, s.shape[1]) if targets is None else soft
        assert spread_evenly(codes, 0, s.shape[1], targets).tobytes() == expected.tobytes()
        assert spread_by_similarity(codes, np.zeros(len(codes)), s, targets).tobytes() == expected.tobytes()


def test_soft_first_targets_by_hand():
    assert_allclose(spread_evenly([0], 0.5, 3, [[0.6, 0.4, 0.0]]), [[0.3, 0.45, 0.25]], rtol=1e-6)
    assert_allclose(
        spread_by_similarity([0], 0.5, [[0.2, 0.2, 0.6]], [[0.6, 0.4, 0.0]]), [[0.3, 0.325, 0.375]], rtol=1e-6
    )


@pytest.mark.parametrize("left", [0.0, 1e-320, 1e-200])
def test_a_teacher_that_sees_the_label_alone_spreads_evenly(left):
    spread = spread_by_similarity([1], 0.4, [[left, 1.0, left]])
    assert_allclose(spread, [[0.2, 0.6, 0.2]], rtol=1e-6)


def test_masses_that_can_hardly_be_told_from_nothing_keep_their_proportions():
    assert_allclose(spread_by_similarity([1], 0.4, [[3e-310, 1.0, 1e-310]]), [[0.3, 0.6, 0.1]], rtol=1e-5)


def test_class_averages_are_the_softmax_of_mean_logits():
    rng = np.random.default_rng(0)
    logits, codes, weight = rng.normal(size=(40, 4)), np.arange(40) % 3, rng.random(40)
    averages = class_averages(softmax(logits, axis=1), codes, weight)
    for c in range(3):
        mean = np.average(logits[codes == c], axis=0, weights=weight[codes == c])
        assert_allclose(averages[c], softmax(mean))
    assert_allclose(averages[3], 0.25)  # no row is of this class
    equal = class_averages(softmax(logits, axis=1), codes)
    assert_allclose(equal[1], softmax(logits[codes == 1].mean(axis=0)))


@pytest.mark.parametrize("eps", [-0.1, 1.1, np.nan, [0.1, 0.2, 0.3], [[0.1], [0.2]]], ids=str)
def test_bad_amounts_are_refused(eps):
    for spread in (
        lambda: spread_evenly([0, 1], eps, 2),
        lambda: spread_by_similarity([0, 1], eps, [[0.5, 0.5], [0.5, 0.5]]),
    ):
        with pytest.raises(InputError, match=r"eps has .*give one number a row, 2 in all"):
            spread()


@pytest.mark.parametrize("s", [[[-0.1, 1.1]], [[np.nan, 1.0]], [[np.inf, 1.0]]], ids=str)
def test_bad_similarities_are_refused(s):
    with pytest.raises(InputError, match=r"s has masses that are negative or not finite"):
        spread_by_similarity([0], 0.1, s)


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match="no other to smooth to"):
        spread_evenly([0], 0.1, 1)
    with pytest.raises(InputError, match="codes has 2 rows where 1 are needed"):
        spread_by_similarity([0, 1], 0.1, [[0.5, 0.5]])
    with pytest.raises(InputError, match=r"targets: has shape \(1, 3\) where \(1, 2\)"):
        spread_evenly([0], 0.1, 2, [[0.2, 0.3, 0.5]])
    with pytest.raises(InputError, match="not above 0"):
        class_averages([[1.0, 0.0]], [0])
    with pytest.raises(InputError, match="one weight for each of 1 rows"):
        class_averages([[0.5, 0.5]], [0], [1.0, 2.0])
