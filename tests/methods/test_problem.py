"""The rows of a refinement: which the rounds change, and what scores them."""

import numpy as np
import pytest

from softlabel.methods.problem import Problem
from softlabel.tasks import Multiclass

CODES = np.array([0, 1, 0, 1])
GIVEN = np.eye(2, dtype=np.float32)[CODES]
NONE = np.zeros(4, dtype=bool)


def _problem(**beside):
    return Problem(np.zeros((4, 1)), Multiclass([0, 1]), CODES, GIVEN, **{"guard": NONE} | beside)


def test_rounds_change_what_is_neither_guarded_nor_trusted():
    guard, trusted = np.arange(4) == 0, np.arange(4) == 1
    assert _problem().refined.all()
    assert _problem(guard=guard).refined.tolist() == [False, True, True, True]
    assert _problem(guard=guard, trusted=trusted).refined.tolist() == [False, False, True, True]


def test_watched_rows_are_scored_where_their_labels_are_known():
    guard, trusted = np.arange(4) < 2, np.arange(4) == 3
    problem = _problem(guard=guard, trusted=trusted, watch_codes={"test": np.array([1, 1, 0])})
    right, wrong = GIVEN[guard], 1 - GIVEN[guard]
    assert [problem.watched_score("guard", said)["accuracy"] for said in (right, wrong)] == [1, 0]
    assert problem.watched_score("trusted", GIVEN[trusted])["accuracy"] == 1
    assert problem.watched_score("test", GIVEN[[1, 1, 1]])["accuracy"] == pytest.approx(2 / 3)
    assert problem.watched_score("unlabelled", GIVEN) == {}


def test_references_score_the_refined_rows_that_have_one():
    reference = np.array([[1.0, 0], [0.5, 0.5], [np.nan, np.nan], [0, 1]])
    assert _problem().reference_scores(GIVEN) == {}
    problem = _problem(reference=reference, guard=np.arange(4) == 1)
    exact = problem.reference_scores(np.nan_to_num(reference).astype(np.float32))
    assert exact["chebyshev"] == pytest.approx(0, abs=1e-6)
    far = problem.reference_scores(1 - np.nan_to_num(reference).astype(np.float32))
    assert far["chebyshev"] == pytest.approx(1, abs=1e-6)
    assert _problem(reference=np.full((4, 2), np.nan)).reference_scores(GIVEN) == {}
    assert _problem(reference=reference, sample_weight=np.array([0.0, 0, 1, 0])).reference_scores(GIVEN) == {}


def test_rows_of_weight_zero_and_rows_that_nobody_judged_have_no_score():
    codes, given = np.array([0, 1, 0]), np.eye(2, dtype=np.float32)[[0, 1, 0]]
    problem = Problem(
        np.zeros((3, 1)), Multiclass([0, 1]), codes, given, np.zeros(3, bool), sample_weight=np.array([0.0, 1, 3])
    )
    assert problem.scores_on(np.array([True, False, False]), given[:1]) == {}
    assert problem.scores_on(np.array([False, True, False]), np.array([[0.5, np.nan]])) == {}
    found = problem.scores_on(np.ones(3, dtype=bool), np.array([[0, 1], [1, 0], [1, 0]], dtype=np.float32))
    assert found["accuracy"] == pytest.approx(3 / 4)
