"""Scores against numbers by hand, scikit-learn, and the laws that all metrics share."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.metrics.calibration import adaptive_ece, classwise_ece, ece
from softlabel.metrics.scores import accuracy, aurc, balanced_accuracy, brier, macro_f1, nll, top_k_accuracy

steady = settings(deadline=None, derandomize=True, max_examples=60)


def top2(codes, probabilities, sample_weight=None):
    """Top-k accuracy in the shape that all scores have."""
    return top_k_accuracy(codes, probabilities, sample_weight, k=2)


ALL = [accuracy, top2, balanced_accuracy, macro_f1, nll, brier, aurc, ece, adaptive_ece, classwise_ece]

CODES = np.array([0, 1, 2, 0])
P = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.6, 0.2, 0.2], [0.1, 0.8, 0.1]])  # right, right, wrong, wrong
WEIGHTS = np.array([1.0, 2.0, 3.0, 4.0])


@st.composite
def scored(draw, max_rows=30):
    """Codes, probabilities with ties and zeros, and weights above 0."""
    n, k = draw(st.integers(1, max_rows)), draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    votes = random.multinomial(draw(st.integers(1, 12)), np.full(k, 1 / k), size=n)  # (n, k) few distinct values
    p = votes / votes.sum(axis=1, keepdims=True)
    return random.integers(0, k, size=n), p, random.integers(1, 5, size=n).astype(float)


@pytest.mark.parametrize(
    ("score", "plain", "weighted"),
    [
        (accuracy, 0.5, 0.3),
        (top2, 0.75, 0.6),  # of the ties only that of the last row is with a later column
        (balanced_accuracy, (0.5 + 1 + 0) / 3, (0.2 + 1 + 0) / 3),
        # true masses 2 1 1, predicted 2 2 0, right 1 1 0; weighted 5 2 3, 4 6 0, 1 2 0
        (macro_f1, (2 / 4 + 2 / 3 + 0) / 3, (2 / 9 + 4 / 8 + 0) / 3),
        (
            nll,
            -np.log([0.7, 0.4, 0.2, 0.1]).mean(),
            -(WEIGHTS * np.log([0.7, 0.4, 0.2, 0.1])).sum() / 10,
        ),
        (brier, (0.14 + 0.54 + 1.04 + 1.46) / 4, (0.14 + 1.08 + 3.12 + 5.84) / 10),
        # by confidence .8 wrong, .7 right, .6 wrong, .4 right
        (aurc, (1 + 1 / 2 + 2 / 3 + 2 / 4) / 4, (4 * 1 + 1 * 4 / 5 + 3 * 7 / 8 + 2 * 7 / 10) / 10),
    ],
)
def test_by_hand(score, plain, weighted):
    assert score(CODES, P) == pytest.approx(plain, rel=1e-12)
    assert score(CODES, P, WEIGHTS) == pytest.approx(weighted, rel=1e-12)
    assert type(score(CODES, P)) is float


@steady
@given(scored(), st.booleans())
def test_against_scikit_learn(case, weigh):
    codes, p, weights = case
    weights = weights if weigh else None
    predicted, k = p.argmax(axis=1), p.shape[1]
    oracle = sklearn.metrics
    assert accuracy(codes, p, weights) == pytest.approx(oracle.accuracy_score(codes, predicted, sample_weight=weights))
    for top in range(1, k) if k > 2 else ():  # of two classes scikit-learn wants one column
        expected = oracle.top_k_accuracy_score(codes, p, k=top, labels=np.arange(k), sample_weight=weights)
        assert top_k_accuracy(codes, p, weights, k=top) == pytest.approx(expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # classes that are predicted only, or one class only
        expected = oracle.balanced_accuracy_score(codes, predicted, sample_weight=weights)
    assert balanced_accuracy(codes, p, weights) == pytest.approx(expected)
    expected = oracle.f1_score(codes, predicted, average="macro", sample_weight=weights, zero_division=0)
    assert macro_f1(codes, p, weights) == pytest.approx(expected)
    expected = oracle.log_loss(codes, p, sample_weight=weights, labels=np.arange(k))
    assert nll(codes, p, weights) == pytest.approx(expected, abs=1e-12)
    expected = oracle.brier_score_loss(codes, p, sample_weight=weights, labels=np.arange(k), scale_by_half=False)
    assert brier(codes, p, weights) == pytest.approx(expected)


@pytest.mark.parametrize("score", ALL)
@steady
@given(case=scored())
def test_a_row_of_weight_two_is_two_rows(score, case):
    codes, p, weights = case
    copies = np.repeat(np.arange(len(codes)), weights.astype(int))
    assert score(codes, p, weights) == pytest.approx(score(codes[copies], p[copies]), abs=1e-12)


@pytest.mark.parametrize("score", ALL)
@steady
@given(case=scored())
def test_rows_of_weight_zero_are_absent_and_the_scale_of_weights_is_free(score, case):
    codes, p, weights = case
    plain = score(codes, p, weights)
    assert score(codes, p, 8 * weights) == pytest.approx(plain, abs=1e-12)
    absent = np.r_[weights, np.zeros(len(codes))]
    assert score(np.r_[codes, codes[::-1]], np.r_[p, p], absent) == plain


@pytest.mark.parametrize("score", ALL)
@steady
@given(case=scored(), seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(score, case, seed):
    codes, p, weights = case
    order = np.random.default_rng(seed).permutation(len(codes))
    assert score(codes[order], p[order], weights[order]) == pytest.approx(score(codes, p, weights), abs=1e-12)


@pytest.mark.parametrize("score", ALL)
@steady
@given(seed=st.integers(0, 1000))
def test_the_order_of_classes_does_not_matter(score, seed):
    random = np.random.default_rng(seed)
    p, codes = random.dirichlet(np.ones(4), size=20), random.integers(0, 4, size=20)  # no ties
    columns = random.permutation(4)
    assert score(np.argsort(columns)[codes], p[:, columns]) == pytest.approx(score(codes, p), abs=1e-12)


@pytest.mark.parametrize("score", ALL)
@steady
@given(case=scored())
def test_range_and_unchanged_inputs(score, case):
    before = [array.copy() for array in case]
    value = score(*case)
    highest = {brier: 2.0, nll: -np.log(np.finfo(float).eps)}.get(score, 1.0)
    assert 0.0 <= value <= highest + 1e-12
    for array, old in zip(case, before, strict=True):
        assert_array_equal(array, old)


@pytest.mark.parametrize("score", ALL)
def test_perfect_and_certain(score):
    best = 1.0 if score in (accuracy, top2, balanced_accuracy, macro_f1) else 0.0
    value = score([0, 1, 2], np.eye(3))
    assert value == best
    assert not np.signbit(value)


def test_of_equal_probabilities_the_later_column_comes_first():
    tied = np.full((4, 4), 0.25)
    assert top_k_accuracy([0, 1, 2, 3], tied, k=1) == 0.25
    assert [top_k_accuracy([code], tied[:1], k=2) for code in range(4)] == [0.0, 0.0, 1.0, 1.0]


def test_as_many_classes_as_may_be_named_are_always_right():
    assert top_k_accuracy([0, 1, 2], np.eye(3)[[1, 2, 0]], k=3) == 1.0
    assert top_k_accuracy([0, 1], np.eye(2)[[1, 0]]) == 1.0  # k is 5
    for k in (0, -1, 1.5, True):
        with pytest.raises(InputError, match=f"^k is {k}; give how many classes may be named, a whole number of 1"):
            top_k_accuracy([0], [[0.5, 0.5]], k=k)


def test_worst_brier_is_two():
    assert brier([1, 0], np.eye(2)) == 2.0


def test_certain_and_wrong_costs_the_clipped_loss():
    assert nll([1], [[1.0, 0.0]]) == pytest.approx(-np.log(np.finfo(np.float64).eps))
    assert nll([1], np.array([[1.0, 0.0]], dtype=np.float32)) == pytest.approx(36.04, abs=0.01)


def test_absent_classes_do_not_count():
    p = [[0.6, 0.3, 0.1], [0.6, 0.3, 0.1]]
    assert balanced_accuracy([0, 0], p) == 1.0
    assert macro_f1([0, 0], p) == 1.0


def test_aurc_takes_rows_of_equal_confidence_together():
    p = [[0.75, 0.25]] * 4
    assert aurc([0, 0, 0, 1], p) == aurc([1, 0, 0, 0], p) == 0.25


def test_aurc_is_lower_for_a_better_order():
    right_first, wrong_first = [0, 0, 1], [1, 0, 0]
    p = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]]
    assert aurc(right_first, p) == pytest.approx(1 / 9)
    assert aurc(wrong_first, p) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
