"""The aims of the suite of wrong labels, on numbers made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from made_cells import NOISY, row, rows_of


def test_harm_is_the_mean_loss_at_clean_labels_beyond_half_a_percent(suite):
    aims = suite.aims
    harmless = {
        ("letter", "none", "trees"): {"auto": (0.900, 0.896), "plain": (0.903, 0.903)},  # -.005: allowed
        ("letter", "pair:0.2", "trees"): {"auto": (0.1,), "plain": (0.9,)},  # not clean
    }
    assert aims.harm(aims.by_case(rows_of(harmless))).met is True
    harmful = {**harmless, ("digits", "none", "linear"): {"auto": (0.90, 0.90), "plain": (0.91, 0.902)}}  # -.006
    aim = aims.harm(aims.by_case(rows_of(harmful)))
    assert aim.met is False
    assert aim.missed == ("digits none linear -0.0060",)
    assert "worst -0.0060 (digits none linear; bound 0.0050); 1 of 2 cases beyond, mean -0.0055" in aim.found


def test_the_bound_of_harm_on_small_sets_is_a_standard_error(suite):
    gains = np.array([-0.03, 0.0, -0.01, 0.02])
    standard_error = np.sqrt(np.square(gains - gains.mean()).sum() / 3) / 2
    assert suite.aims.harm_bound("wine", gains) == pytest.approx(standard_error)
    assert suite.aims.harm_bound("letter", gains) == 0.005
    assert suite.aims.harm_bound("wine", np.zeros(4)) == 0.005
    assert suite.aims.harm_bound("wine", gains[:1]) == 0.005


def test_the_ratio_of_errors_by_hand(suite):
    aim = suite.aims.error_ratio(suite.aims.by_case(rows_of(NOISY)))
    assert aim.met is True
    assert (
        "ratio of mean errors 0.486 (0.485 to 0.486 with one seed); mean of ratios 0.550, geometric 0.464, 3 cases"
        in aim.found
    )  # .17/.35; .16/.33 and .18/.37
    assert aim.missed == ("a pair:0.2 l 1.00",)
    worse = NOISY | {("b", "pair:0.2", "l"): {"auto": (0.83, 0.83), "cleanlab": (0.80, 0.80)}}
    assert suite.aims.error_ratio(suite.aims.by_case(rows_of(worse))).met is False  # .29/.35


def test_a_peer_without_an_error_has_no_ratio_and_still_counts(suite):
    perfect = {("c", "pair:0.2", "l"): {"auto": (0.99,), "cleanlab": (1.0,)}}
    aim = suite.aims.error_ratio(suite.aims.by_case(rows_of(NOISY | perfect)))
    assert "ratio of mean errors 0.514" in aim.found  # .18/.35
    assert "3 cases (1 without an error of cleanlab left out)" in aim.found


def test_a_case_is_won_by_the_smaller_mean_error_and_a_tie_by_nobody(suite):
    aim = suite.aims.share_won(suite.aims.by_case(rows_of(NOISY)))
    assert aim.met is False
    assert "67% (2 of 3; 1 ties, 0 lost); seed by seed 83%" in aim.found
    won = {case: methods for case, methods in NOISY.items() if case[0] == "b"}
    assert suite.aims.share_won(suite.aims.by_case(rows_of(won))).met is True
    lost = {("a", "pair:0.2", "l"): {"auto": (0.8,), "cleanlab": (0.9,)}}
    assert suite.aims.share_won(suite.aims.by_case(rows_of(lost))).missed == ("a pair:0.2 l +0.1000",)


def test_only_seeds_that_both_have_are_compared(suite):
    values = {("a", "pair:0.2", "l"): {"auto": (0.9, 0.5, 0.5), "cleanlab": (0.8,)}}
    found = suite.aims.noisy_errors(suite.aims.by_case(rows_of(values)), "auto")
    assert_allclose(found["a", "pair:0.2", "l"], [[0.1, 0.2]])


@pytest.mark.parametrize(("ours", "met"), [(0.93, True), (0.92, False)])
def test_the_gain_in_average_precision(suite, ours, met):
    rows = [
        row("a", noise, "l", 0, method, 0.9, average_precision=value, f1=0.5)
        for noise in ("pair:0.2", "symmetric:0.2")
        for method, value in (("auto", ours), ("cleanlab", 0.9))
    ]
    rows += [row("a", "none", "l", 0, method, 0.9) for method in ("auto", "cleanlab")]  # nothing to find
    aim = suite.aims.found_better(suite.aims.by_case(rows))
    assert aim.met is met
    assert f"{ours:.3f} against 0.900: {ours - 0.9:+.3f}; F1 0.500 against 0.500" in aim.found


def test_cost_is_cpu_time_in_plain_fits(suite):
    rows = [
        row("a", "none", learner, 0, method, 0.9, cpu_seconds=seconds, fits_a_split=fits)
        for learner, ours in (("linear", 2.0), ("trees", 80.0))
        for method, seconds, fits in (("plain", 1.0, 1.0), ("auto", ours, 20.0))
    ]
    aim = suite.aims.cost(suite.aims.by_case(rows))
    assert aim.met is False
    assert "41.0 plain fits of CPU time (linear 2.0, trees 80.0; of all cases together 41.0); 20.0 fits" in aim.found
    assert aim.missed == ("a none trees 80",)


def test_aims_of_nothing_are_not_measured(suite):
    for aim in suite.aims.aims([]):
        assert aim.met is None
        assert aim.line().endswith("| not measured |")
