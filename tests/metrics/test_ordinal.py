"""Scores of grades, against scikit-learn and numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, mean_absolute_error

from softlabel.errors import InputError
from softlabel.metrics.ordinal import accuracy_of_codes, macro_mae, mean_absolute_error_of, quadratic_weighted_kappa

steady = settings(deadline=None, derandomize=True, max_examples=30)
VALUES = np.array([0.0, 1.0, 2.0, 5.0, 6.0])
ALL = [
    lambda t, p, w=None: quadratic_weighted_kappa(t, p, 5, w),
    lambda t, p, w=None: mean_absolute_error_of(t, p, VALUES, w),
    lambda t, p, w=None: macro_mae(t, p, VALUES, w),
    accuracy_of_codes,
]
every_score = pytest.mark.parametrize("score", ALL, ids=["qwk", "mae", "macro_mae", "accuracy"])


@st.composite
def graded(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 40))
    true = random.integers(0, 5, size=n)
    predicted = np.clip(true + random.integers(-2, 3, size=n), 0, 4)
    return true, predicted, random.integers(1, 4, size=n)


@steady
@given(graded())
def test_against_scikit_learn(case):
    true, predicted, w = case
    if len(set(true) | set(predicted)) > 1:  # else scikit-learn divides by zero
        for weights in (None, w):
            expected = cohen_kappa_score(true, predicted, weights="quadratic", labels=range(5), sample_weight=weights)
            assert quadratic_weighted_kappa(true, predicted, 5, weights) == pytest.approx(expected, abs=1e-12)
    for weights in (None, w):
        assert mean_absolute_error_of(true, predicted, VALUES, weights) == pytest.approx(
            mean_absolute_error(VALUES[true], VALUES[predicted], sample_weight=weights)
        )
        by_grade = [
            mean_absolute_error(
                VALUES[true[true == c]],
                VALUES[predicted[true == c]],
                sample_weight=None if weights is None else w[true == c],
            )
            for c in np.unique(true)
        ]
        assert macro_mae(true, predicted, VALUES, weights) == pytest.approx(np.mean(by_grade))
        assert accuracy_of_codes(true, predicted, weights) == pytest.approx(
            accuracy_score(true, predicted, sample_weight=weights)
        )


def test_kappa_by_hand():
    # 0 -> 0, 1 -> 2, 2 -> 2: observed 1/3; expected (0: 0 4 4, 1: 1 1 1, 2: 4 0 0) / 9
    assert quadratic_weighted_kappa([0, 1, 2], [0, 2, 2], 3) == pytest.approx(1 - (1 / 3) / (15 / 9))
    assert quadratic_weighted_kappa([0, 1], [1, 0], 2) == -1.0


@pytest.mark.parametrize(
    ("true", "predicted"), [([1, 1], [1, 1]), ([1, 1], [3, 3]), ([0, 4, 2], [2, 2, 2]), ([3], [3])]
)
def test_constants_agree_by_chance_alone(true, predicted):
    assert quadratic_weighted_kappa(true, predicted, 5) == 0.0


def test_grades_that_nobody_has_change_nothing():
    assert quadratic_weighted_kappa([0, 1, 2], [0, 2, 2], 9) == pytest.approx(
        quadratic_weighted_kappa([0, 1, 2], [0, 2, 2], 3)
    )


def test_errors_are_in_grades_and_kappa_in_positions():
    assert mean_absolute_error_of([2], [3], VALUES) == 3.0
    assert macro_mae([2, 0], [3, 0], VALUES) == 1.5
    far, near = quadratic_weighted_kappa([0, 2, 4], [0, 3, 4], 5), quadratic_weighted_kappa([0, 2, 4], [0, 1, 4], 5)
    assert far == pytest.approx(near, abs=0.02)


@every_score
@steady
@given(graded())
def test_weights_count_rows(score, case):
    true, predicted, w = case
    assert score(true, predicted, w) == pytest.approx(score(np.repeat(true, w), np.repeat(predicted, w)), abs=1e-12)
    w = np.where(np.arange(len(w)) == 0, 0, w)
    assert score(true, predicted, w) == pytest.approx(score(true[1:], predicted[1:], w[1:]), abs=1e-12)


@every_score
def test_results_are_plain_floats(score):
    assert type(score([0, 1], [0, 2])) is float


@every_score
@pytest.mark.parametrize(
    ("true", "predicted", "weights", "message"),
    [
        ([0, 1], [0], None, "predicted_codes has 1 rows where 2"),
        ([0, 1.5], [0, 1], None, "integers"),
        ([0, -1], [0, 1], None, "codes has -1 in row 1"),
        ([0, 1], [0, 1], [1], r"sample_weight has shape \(1,\)"),
        ([0, 1], [0, 1], [0, 0], "no row to score"),
        ([], [], None, "no row to score"),
    ],
)
def test_what_does_not_fit_is_refused(score, true, predicted, weights, message):
    with pytest.raises(InputError, match=message):
        score(true, predicted, weights)


def test_grades_beyond_the_scale_are_refused():
    with pytest.raises(InputError, match="predicted_codes has 5 in row 0"):
        quadratic_weighted_kappa([0], [5], 5)
    with pytest.raises(InputError, match="increasing order"):
        macro_mae([0], [0], [1, 0])
