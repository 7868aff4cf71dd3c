"""Means and paired differences against scipy and hand-computed numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softlabel.comparison.intervals import paired_difference, spread, standard_errors
from softlabel.errors import InputError

OURS, THEIRS = [0.81, 0.86, 0.84, 0.90, 0.83], [0.80, 0.82, 0.85, 0.86, 0.80]


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_the_interval_is_that_of_scipys_paired_test(level):
    found = paired_difference(OURS, THEIRS, level)
    oracle = stats.ttest_rel(OURS, THEIRS).confidence_interval(level)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), rel=1e-12)
    assert found.mean == pytest.approx(np.mean(OURS) - np.mean(THEIRS))
    assert found.n == 5


def test_the_verdict_is_that_of_scipys_p_value():
    rng = np.random.default_rng(0)
    verdicts = set()
    for _ in range(200):
        ours, theirs = rng.normal(0.01, 0.02, size=(2, 4))
        verdict = paired_difference(ours, theirs).verdict
        decided = stats.ttest_rel(ours, theirs).pvalue < 0.05
        assert (verdict != "tie") == decided
        verdicts.add(verdict)
    assert verdicts == {"better", "worse", "tie"}


def test_by_hand():
    # differences .1 and .3: mean .2, sd .1414, half width 12.706 * .1 = 1.2706
    found = paired_difference([0.5, 0.7], [0.4, 0.4])
    assert found.mean == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.2 - 1.27062, 0.2 + 1.27062), abs=1e-5)
    assert found.verdict == "tie"
    assert found.text() == "+0.200 [-1.071, +1.471] ="
    assert found.text(1) == "+0.2 [-1.1, +1.5] ="


def test_which_side_is_better_depends_on_the_score():
    ours, theirs = [0.9, 0.91, 0.92], [0.8, 0.81, 0.83]
    more, less = paired_difference(ours, theirs), paired_difference(ours, theirs, higher_is_better=False)
    assert (more.verdict, more.mark) == ("better", "+")
    assert (less.verdict, less.mark) == ("worse", "-")
    assert (more.mean, more.low, more.high) == (less.mean, less.low, less.high)
    back = paired_difference(theirs, ours, higher_is_better=False)
    assert back.verdict == "better"
    assert back.mean < 0


def test_equal_values_are_a_tie_without_doubt():
    found = paired_difference(OURS, OURS)
    assert (found.mean, found.low, found.high) == (0, 0, 0)
    assert (found.verdict, found.identical, found.text()) == ("tie", True, "identical =")
    # a difference in the order of sums is none; without this rule a constant 1e-12 would be "decided"
    assert paired_difference(np.add(OURS, 1e-12), OURS).identical
    assert not paired_difference(np.add(OURS, 1e-6), OURS).identical
    assert not paired_difference([0.1, 0.3], [0.3, 0.1]).identical  # a mean of 0 alone does not make them so


def test_the_same_difference_in_all_seeds_has_no_spread_to_judge_by():
    # three of 360 test rows more in each seed: Student's interval would be a point, whatever the number of seeds
    for n, verdict in ((2, "tie"), (5, "tie"), (6, "better"), (20, "better")):
        theirs = np.linspace(0.9, 0.92, n)
        found = paired_difference(theirs + 3 / 360, theirs)
        assert (found.low, found.high, found.n, found.verdict, found.identical) == (None, None, n, verdict, False)
        assert (verdict == "better") == (stats.binomtest(n, n).pvalue <= 0.05)
    assert found.text() == "+0.008 +"
    unlike = paired_difference([0.9 + 3 / 359, 0.91 + 3 / 360], [0.9, 0.91])  # splits differ by a row
    assert (unlike.verdict, unlike.low) == ("tie", None)
    assert paired_difference([0.5, 0.51], [0.4, 0.408]).low is not None  # .1 and .102 differ by more than that
    assert paired_difference(theirs, theirs + 3 / 360).verdict == "worse"
    assert paired_difference(theirs, theirs + 3 / 360, higher_is_better=False).verdict == "better"
    assert paired_difference([0.5, 0.6], [0.4, 0.5], level=0.5).verdict == "better"


def test_one_seed_has_no_interval():
    found = paired_difference([0.9], [0.8])
    assert (found.low, found.high, found.n, found.verdict, found.mark) == (None, None, 1, "one seed", "")
    assert found.text() == "+0.100"
    assert paired_difference([0.9], [0.9]).text() == "identical ="


def test_spread_against_scipy():
    found = spread(OURS, 0.9)
    low, high = stats.t.interval(0.9, 4, loc=np.mean(OURS), scale=stats.sem(OURS))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.mean, found.sd, found.n) == (pytest.approx(np.mean(OURS)), pytest.approx(np.std(OURS, ddof=1)), 5)
    one = spread([0.5])
    assert (one.mean, one.sd, one.low, one.high, one.n) == (0.5, None, None, None, 1)


def test_intervals_hold_what_they_promise():
    rng = np.random.default_rng(1)
    ours, theirs = rng.normal(size=(2, 2000, 3))
    held = [paired_difference(a, b, 0.8).verdict == "tie" for a, b in zip(ours, theirs, strict=True)]
    assert np.mean(held) == pytest.approx(0.8, abs=0.04)  # 4 standard errors


@pytest.mark.parametrize(
    ("ours", "theirs", "level", "message"),
    [
        ([1.0, 2.0], [1.0], 0.95, "ours has 2 values and theirs 1"),
        ([], [], 0.95, "for at least one seed"),
        ([float("nan")], [1.0], 0.95, "finite"),
        ([1.0], [1.0], 1.0, "level is 1.0"),
        ([1.0], [1.0], 95, "level is 95"),
    ],
    ids=["lengths", "none", "nan", "level one", "percent"],
)
def test_what_cannot_be_compared(ours, theirs, level, message):
    with pytest.raises(InputError, match=message):
        paired_difference(ours, theirs, level)


def test_seeds_that_change_nothing_are_one_seed():
    found = paired_difference([0.7] * 10, [0.8] * 10)
    assert (found.verdict, found.low, found.identical) == ("tie", None, False)
    assert (
        paired_difference([0.7 + 0.01 * i for i in range(10)], [0.8 + 0.01 * i for i in range(10)]).verdict == "worse"
    )


def test_how_many_standard_errors_an_interval_reaches():
    for n, level in ((2, 0.95), (5, 0.95), (10, 0.9)):
        assert standard_errors(n, level) == pytest.approx(stats.t.interval(level, n - 1)[1])


def test_what_is_the_same_in_every_seed_has_no_spread():
    assert paired_difference([0.3, 0.4], [0.2, 0.3]).without_spread
    assert not paired_difference([0.3, 0.3], [0.3, 0.3]).without_spread
    assert not paired_difference([0.3, 0.5], [0.2, 0.3]).without_spread
    assert not paired_difference([0.3], [0.2]).without_spread
