"""Grades as numbers to distributions over grades."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.targets.grade_chances import grade_chances


def test_by_hand():
    g, given = np.array([0.0, 0.4, 1.1, 2.6]), [0, 0, 1, 2]
    spread = 1.4826 * (0.1 + 0.4) / 2  # the median of 0, .4, .1 and .6
    logits = np.log([3.0, 2.0, 2.0]) - ((g[:, None] - [0, 1, 2]) / spread) ** 2 / 2  # (n, k)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert_allclose(grade_chances(g, given, [0, 1, 2]), expected)
    assert_array_equal(grade_chances(g[:, None], given, [0, 1, 2]), grade_chances(g, given, [0, 1, 2]))


def test_some_wrong_grades_do_not_stretch_the_spread():
    random = np.random.default_rng(0)
    true = np.repeat([0, 1, 2], 100)
    g = true + random.normal(0, 0.2, 300)
    wrong = true.copy()
    wrong[::10] = 2 - wrong[::10]
    assert_allclose(grade_chances(g, wrong, [0, 1, 2]), grade_chances(g, true, [0, 1, 2]), atol=0.1)


def test_rows_without_a_prediction_stay_so():
    chances = grade_chances([[np.nan], [1.0], [0.0]], [0, 1, 0], [0.0, 1.0])
    assert np.isnan(chances[0]).all()
    assert_allclose(chances[1:].sum(axis=1), 1.0)
    assert np.isnan(grade_chances([np.nan], [0], [0, 1])).all()


def test_perfect_predictions_leave_a_spread():
    chances = grade_chances([0.0, 10.0, 20.0], [0, 1, 2], [0, 10, 20])
    assert np.isfinite(chances).all()
    assert_array_equal(chances.argmax(axis=1), [0, 1, 2])
