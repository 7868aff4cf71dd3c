"""Chances of being wrong, and thresholds on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.wrong_chance import after_label, likeliest, threshold_for, wrong_chance

steady = settings(deadline=None, derandomize=True)


def test_bayes_by_hand():
    T = [[0.9, 0.1], [0.3, 0.7]]
    assert_allclose(after_label([[0.5, 0.5], [0.2, 0.8]], [0, 1], T), [[0.75, 0.25], [0.02 / 0.58, 0.56 / 0.58]])


def test_without_noise_every_label_is_right_and_an_impossible_one_changes_nothing():
    p = np.array([[0.5, 0.5], [0.0, 1.0]])
    assert_array_equal(after_label(p, [0, 0], np.eye(2)), [[1.0, 0.0], [0.0, 1.0]])
    assert_array_equal(p, [[0.5, 0.5], [0.0, 1.0]])


def test_small_chances_keep_their_digits():
    assert wrong_chance([[1.0, 1e-30]], [0])[0] == 1e-30
    assert wrong_chance([[0.25, 0.75]], [0])[0] == 0.75


def test_as_many_are_likeliest_as_are_expected():
    assert likeliest([0.3, 0.9, 0.8]).tolist() == [False, True, True]
    # One is expected, and nothing tells the others apart: none is nearer to it than three, two are as near as none, one is too few.
    assert likeliest([0.2, 0.2, 0.2]).tolist() == [False, False, False]
    assert likeliest([0.5, 0.5]).tolist() == [False, False]
    assert likeliest([0.9, 0.7, 0.7, 0.1]).tolist() == [
        True,
        False,
        False,
        False,
    ]  # of two that are expected one is as near as three
    assert likeliest([0.9, 0.9, 0.5, 0.5, 0.5]).tolist() == [True, True, False, False, False]
    assert likeliest([0.9, 0.6, 0.6, 0.6, 0.5]).tolist() == [
        True,
        True,
        True,
        True,
        False,
    ]  # three expected: four are nearer
    assert likeliest([0.1, 0.2]).tolist() == [False, False]
    assert likeliest([1.0, 1.0, 0.0]).tolist() == [True, True, False]
    assert likeliest([]).tolist() == []


def test_thresholds_by_hand():
    wrong = [0.9, 0.1, 0.7, 0.5, 0.5]
    assert threshold_for(wrong, 0.9)[:3] == (0.9, 1, 0.9)
    assert threshold_for(wrong, 0.65)[:2] == (
        0.5,
        4,
    )  # the mean of 0.9, 0.7, 0.5 and 0.5; three of these would tear a tie
    assert threshold_for(wrong, 0.7)[:2] == (0.7, 2)
    everything = threshold_for(wrong, 0.0)
    assert everything[:2] == (0.1, 5)
    assert everything.recall == 1.0
    assert threshold_for(wrong, 0.8).recall == pytest.approx(1.6 / 2.7)


def test_a_precision_that_no_row_reaches_takes_none():
    found = threshold_for([0.2, 0.1], 0.5)
    assert (found.threshold, found.n_rows, found.recall) == (np.inf, 0, 0.0)
    assert np.isnan(found.precision)
    assert threshold_for([], 0.5).n_rows == 0
    assert np.isnan(threshold_for([0.0], 0.0).recall)
    assert threshold_for([0.5, 0.0, 0.0], 0.1) == (0.5, 1, 0.5, 1.0)  # rows that are surely right are none of them


@steady
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0, 1))
def test_it_is_the_lowest_threshold_of_that_precision(chances, precision):
    wrong, found = np.array(chances), threshold_for(chances, precision)
    taken = wrong >= found.threshold
    assert taken.sum() == found.n_rows
    if found.n_rows:
        assert wrong[taken].mean() >= precision - 1e-9
    for lower in wrong[(wrong > 0) & (wrong < found.threshold)]:
        assert wrong[wrong >= lower].mean() < precision + 1e-9


@pytest.mark.parametrize("precision", [-0.1, 1.1, "0.5", True, None, float("nan")])
def test_odd_precisions_are_refused(precision):
    with pytest.raises(InputError, match=r"precision=.*; give the share of rows that shall be wrong, from 0 to 1"):
        threshold_for([0.5], precision)


@pytest.mark.parametrize("wrong", [[1.5], [float("nan")], [[0.5]]])
def test_odd_chances_are_refused(wrong):
    with pytest.raises(InputError, match=r"wrong: shape .* give one chance from 0 to 1 for each row"):
        threshold_for(wrong, 0.5)
