"""Guards that take turns: which rows are in one, and the folds of the refinement beside it."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, PredefinedSplit

from guarded_problems import SETTINGS, problem_of
from softlabel.methods.rounds import split_round
from softlabel.methods.turning_guards import INNER_FOLDS, beside, guards_of, inner_cv, with_guard

PAIRS = [(np.flatnonzero(np.arange(60) % 3 != part), np.flatnonzero(np.arange(60) % 3 == part)) for part in range(3)]


def test_a_guard_that_was_given_is_the_only_one():
    guard = np.arange(60) % 4 == 0
    (rows,) = guards_of(problem_of(guard=guard), SETTINGS)
    assert np.array_equal(rows, np.flatnonzero(guard))


def test_a_problem_with_a_guard_watches_nothing_else():
    problem = with_guard(problem_of(watch={"test": np.zeros((1, 3))}, reference=np.zeros((60, 3))), np.array([3, 5]))
    assert np.flatnonzero(problem.guard).tolist() == [3, 5]
    assert (problem.watch, problem.watch_codes, problem.reference) == ({}, {}, None)


def test_folds_beside_a_guard_hold_none_of_its_rows_and_seeds_differ():
    problem, guard = problem_of(), np.arange(15)
    first, second = (beside(SETTINGS, 60, guard, number) for number in (1, 2))
    assert first.seeds != second.seeds
    for fold in split_round(with_guard(problem, guard), first, 1):
        assert not np.isin(guard, np.r_[fold.train, fold.held_out]).any()


@pytest.mark.parametrize(("cv", "folds"), [(2, 2), (3, 3), (10, INNER_FOLDS)])
def test_a_number_of_folds_is_at_most_three(cv, folds):
    assert inner_cv(cv, 60, np.arange(15)) == folds


def test_of_pairs_those_stay_that_have_rows_on_both_sides():
    guard = PAIRS[0][1]
    assert inner_cv(PAIRS, 60, guard) == PAIRS[1:]
    assert inner_cv(PAIRS[:2], 60, guard) == INNER_FOLDS  # one pair is no split
    splitter = KFold(3, shuffle=True)
    assert inner_cv(splitter, 60, guard) is splitter
    named = inner_cv(PredefinedSplit(np.arange(60) % 3), 60, guard)
    assert [held_out.tolist() for _, held_out in named] == [held_out.tolist() for _, held_out in PAIRS[1:]]


def test_rows_of_weight_0_are_in_no_guard():
    weight = (np.arange(120) % 3 > 0).astype(float)
    guards = guards_of(problem_of(40, sample_weight=weight), SETTINGS)
    assert np.array_equal(np.sort(np.concatenate(guards)), np.flatnonzero(weight))
