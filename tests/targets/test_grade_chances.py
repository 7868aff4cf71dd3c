"""Grades as numbers to distributions over grades."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.targets.grade_chances import grade_chances


def test_by_hand():
    g, given = np.array([0.0, 0.4, 1.1, 2.6]), [0, 0, 1, 2]
    # over grades of mean 3/4 predictions rise by (-.75 * .4 + .25 * 1.1 + 1.25 * 2.6) / 2.75, and lie at 4.1 / 4 on the mean
    line = 4.1 / 4 + 3.225 / 2.75 * (np.arange(3) - 0.75)
    centre = (np.array([0.4, 1.1, 2.6]) + 10 * line) / (np.array([2, 1, 1]) + 10)  # sums of g, and ten rows on the line
    variance = np.mean((g - centre[given]) ** 2)
    logits = np.log([3.0, 2.0, 2.0]) - (g[:, None] - centre) ** 2 / variance / 2  # (n, k)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert_allclose(grade_chances(g, given, [0, 1, 2]), expected)
    assert_array_equal(grade_chances(g[:, None], given, [0, 1, 2]), grade_chances(g, given, [0, 1, 2]))


def test_another_scale_of_all_predictions_changes_nothing():
    """Least squares shrink: what is predicted lies between the grade and the mean of all."""
    random = np.random.default_rng(0)
    given = random.integers(0, 4, 200)
    g = given + random.normal(0, 0.6, 200)
    expected = grade_chances(g, given, [0, 1, 2, 3])
    assert_allclose(grade_chances(1.5 + 0.2 * (g - 1.5), given, [0, 1, 2, 3]), expected)
    assert (expected.argmax(axis=1)[given == 3] == 3).mean() > 0.6  # though shrunk none comes nearer to 3 than to 2


def test_predictions_that_know_nothing_give_the_shares():
    given = np.repeat([0, 1, 2], [60, 30, 10])
    wanted = (np.array([60, 30, 10]) + 1) / 103
    assert_allclose(grade_chances(np.full(100, 1.3), given, [0, 1, 2]), np.tile(wanted, (100, 1)))
    noise = np.random.default_rng(1).normal(size=100)
    assert_allclose(grade_chances(noise, given, [0, 1, 2]).mean(axis=0), wanted, atol=0.05)


def test_a_rare_grade_is_not_where_its_only_row_is():
    g, given = np.append(np.tile([0.0, 1.0], 50), 0.2), np.append(np.tile([0, 1], 50), 2)
    assert grade_chances(g, given, [0, 1, 2])[-1].argmax() == 0


def test_rows_without_a_prediction_stay_so():
    chances = grade_chances([[np.nan], [1.0], [0.0]], [0, 1, 0], [0.0, 1.0])
    assert np.isnan(chances[0]).all()
    assert_allclose(chances[1:].sum(axis=1), 1.0)
    assert np.isnan(grade_chances([np.nan], [0], [0, 1])).all()


def test_perfect_predictions_leave_a_spread():
    chances = grade_chances([0.0, 10.0, 20.0], [0, 1, 2], [0, 10, 20])
    assert np.isfinite(chances).all()
    assert_array_equal(chances.argmax(axis=1), [0, 1, 2])
