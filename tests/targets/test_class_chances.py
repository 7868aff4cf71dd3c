"""From chances of given labels to chances of true classes."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.targets.class_chances import features_of, mixed, true_class_chances

PAIR = np.array([[0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.4, 0.0, 0.6]])


def test_by_hand():
    q, T = np.array([[0.25, 0.75]]), np.array([[0.9, 0.1], [0.2, 0.8]])
    first = np.log([0.251, 0.751])
    second = [0.25 * np.log(0.9) + 0.75 * np.log(0.1), 0.25 * np.log(0.2) + 0.75 * np.log(0.8)]
    weights = np.exp(1.5 * first + 2.0 * np.array(second))  # (k,)
    assert_allclose(true_class_chances(q, T, (1.5, 2.0)), [weights / weights.sum()])


def test_powers_of_one_and_nothing_leave_probabilities_but_for_the_floor():
    q = np.random.default_rng(0).dirichlet(np.ones(4), size=20)  # (n, k)
    assert_allclose(true_class_chances(q, np.eye(4), (1.0, 0.0)), (q + 1e-3) / 1.004)


def test_the_first_power_sharpens_and_cannot_turn_a_row_while_the_second_finds_the_class_behind():
    q = np.array([[0.45, 0.55, 0.0]])
    assert true_class_chances(q, PAIR, (8.0, 0.0)).argmax() == 1
    assert true_class_chances(q, PAIR, (0.0, 8.0)).argmax() == 0


def test_a_class_that_never_is_given_as_another_is_not_impossible():
    chances = true_class_chances([[0.0, 1.0]], np.eye(2), (1.0, 1.0))
    assert (chances > 0).all()
    assert_allclose(chances.sum(axis=1), 1.0)


def test_rows_stand_alone_and_classes_may_change_places():
    random = np.random.default_rng(1)
    q, T = random.dirichlet(np.ones(3), size=12), random.dirichlet(np.ones(3), size=3)
    order = [2, 0, 1]
    chances = true_class_chances(q, T, (1.2, 0.7))
    assert_array_equal(true_class_chances(q[::-1], T, (1.2, 0.7)), chances[::-1])
    assert_allclose(true_class_chances(q[:, order], T[np.ix_(order, order)], (1.2, 0.7)), chances[:, order])
    assert_array_equal(mixed(features_of(q, T), (1.2, 0.7)), chances)
