"""How wrong labels are found, as the suite scores it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal


def test_finding_by_hand(suite):
    wrong = np.array([True, True, False, False, False])
    taken, rank = np.array([True, False, True, True, False]), np.array([0.9, 0.3, 0.5, 0.1, 0.0])
    scores = suite.methods.finding((taken, rank), wrong)
    assert scores["precision"] == pytest.approx(1 / 3)
    assert scores["recall"] == 0.5
    assert scores["f1"] == pytest.approx(0.4)
    assert scores["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert (scores["flagged"], scores["wrong"]) == (0.6, 0.4)
    nothing = suite.methods.finding((taken, rank), np.zeros(5, dtype=bool))
    assert (nothing["f1"], nothing["average_precision"], nothing["flagged"]) == (None, None, 0.6)
    assert suite.methods.finding(None, wrong)["f1"] is None


def test_classes_that_a_model_never_met_have_no_chance(suite):
    assert_array_equal(suite.methods.aligned([[0.3, 0.7]], [2, 0], 4), [[0.7, 0, 0.3, 0]])


def test_issues_of_a_method_rank_by_their_chance_where_it_has_them(suite):
    given = np.array([0, 1, 1])
    plain = SimpleNamespace(suggested_labels_=np.array([0, 0, 1]), label_quality_=np.array([1.0, 0.2, 0.7]))
    taken, rank = suite.methods._found_by_refinery(plain, given)
    assert_array_equal(taken, [False, True, False])
    assert_allclose(rank, [0.0, 0.8, 0.3])
    issues = SimpleNamespace(is_issue=np.array([True, False, False]), wrong_probability=np.array([0.9, 0.1, 0.2]))
    taken, rank = suite.methods._found_by_refinery(SimpleNamespace(**vars(plain), label_issues_=issues), given)
    assert_array_equal(taken, issues.is_issue)
    assert_array_equal(rank, issues.wrong_probability)


def test_the_oracle_learns_the_right_labels_alone(suite):
    X = np.array([[0.0], [0.0], [1.0], [1.0], [1.0]])
    true, given = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 0, 1])
    problem = suite.sets.Problem("made", X, true, X, true, n_classes=2)
    told, plain = (
        suite.methods._on_split(problem, given, "trees", 0, suite.methods.METHODS[name]) for name in ("oracle", "plain")
    )
    assert_array_equal(told["p"].argmax(axis=1), true)
    assert_array_equal(plain["p"].argmax(axis=1), np.zeros(5))
    assert told["finding"]["wrong"] == 0.4
