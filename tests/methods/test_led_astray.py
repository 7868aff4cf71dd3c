"""Whether later rounds are behind the first at given labels, against numbers made by hand."""

import numpy as np
import pytest

from softlabel.methods.led_astray import led_astray
from softlabel.methods.problem import Problem
from softlabel.tasks import Multiclass, OrdinalScalar
from softlabel.tasks.grade_scale import GradeScale

N = 100
CODES = np.zeros(N, dtype=int)
TASK = Multiclass(["a", "b"])


def _problem(guard=(), **beside):
    given = np.eye(2, dtype=np.float32)[CODES]
    return Problem(np.zeros((N, 1)), TASK, CODES, given, np.isin(np.arange(N), guard), **beside)


def _right_in(n):
    """Return predictions that are right in the first n rows."""
    return np.eye(2, dtype=np.float32)[(np.arange(N) >= n).astype(int)]


def test_by_how_much_and_how_surely():
    loss, error = led_astray(_problem(), _right_in(60), _right_in(40))
    assert loss == pytest.approx(0.2)
    # twenty rows of 1 and eighty of 0 about .2, and one more row that differs
    assert error == pytest.approx(np.sqrt(20 * 0.64 + 80 * 0.04 + 1) / N)


@pytest.mark.parametrize(("before", "after"), [(60, 60), (60, 80), (60, 55)])
def test_models_that_are_level_ahead_or_hardly_behind_led_nowhere_wrong(before, after):
    assert led_astray(_problem(), _right_in(before), _right_in(after)) is None


def test_three_standard_errors_are_the_bound():
    # d rows that differ: d / n against 3 sqrt(d (1 - d / n) + 1) / n, which 9.1 rows of 100 reach
    assert led_astray(_problem(), _right_in(60), _right_in(51)) is None
    assert led_astray(_problem(), _right_in(60), _right_in(50)) is not None


def test_rows_of_the_guard_without_weight_or_without_a_prediction_say_nothing():
    first, last = _right_in(60), _right_in(40)
    assert led_astray(_problem(guard=range(40, 60)), first, last) is None
    weight = np.where((np.arange(N) >= 40) & (np.arange(N) < 60), 0.0, 1.0)
    assert led_astray(_problem(sample_weight=weight), first, last) is None
    assert led_astray(_problem(sample_weight=np.zeros(N)), first, last) is None
    second = ((np.arange(N) >= 40) & (np.arange(N) < 60)).astype(int)  # so that NaN is no right answer by chance
    given = np.eye(2, dtype=np.float32)[second]
    problem, unseen = Problem(np.zeros((N, 1)), TASK, second, given, np.zeros(N, dtype=bool)), given.copy()
    unseen[40:60] = np.nan
    assert led_astray(problem, given, unseen) is None
    assert led_astray(problem, given, np.nan_to_num(unseen)) is not None
    assert led_astray(_problem(), np.full_like(first, np.nan), last) is None


def test_a_weight_counts_rows():
    weight = np.where(np.arange(N) < 50, 3.0, 1.0)
    loss, _ = led_astray(_problem(sample_weight=weight), _right_in(60), _right_in(40))
    assert loss == pytest.approx((10 * 3 + 10 * 1) / 200)


def test_grades_are_behind_by_their_squared_distance():
    task = OrdinalScalar(GradeScale([0, 1, 2]))
    problem = Problem(np.zeros((N, 1)), task, CODES, np.zeros((N, 1), dtype=np.float32), np.zeros(N, dtype=bool))
    right, far = np.zeros((N, 1), dtype=np.float32), np.full((N, 1), 2.0, dtype=np.float32)
    near = np.ones((N, 1), dtype=np.float32)
    assert led_astray(problem, right, far)[0] == pytest.approx(1.0)
    assert led_astray(problem, right, near)[0] == pytest.approx(0.25)
