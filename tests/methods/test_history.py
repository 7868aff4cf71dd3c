from __future__ import annotations

import numpy as np
import pytest

from softlabel.methods.history import History
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Round, Settings
from softlabel.tasks import Multiclass

Y = np.array([0, 0, 1, 1])
GIVEN = np.eye(2, dtype=np.float32)[Y]
GUARD = np.array([False, False, False, True])
PROBLEM = Problem(np.zeros((4, 1)), Multiclass([0, 1]), Y, GIVEN, GUARD)


def _round(r, targets, oof, refined, guard_row):
    oof, refined = np.array(oof, dtype=np.float32), np.array(refined, dtype=np.float32)
    return Round(r, targets, [], oof, refined, {"guard": np.array([guard_row], dtype=np.float32)})


def _two_rounds():
    first = _round(
        1, GIVEN, [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]], [[1, 0], [0.4, 0.6], [0, 1], [0, 1]], [0.6, 0.4]
    )
    second = _round(
        2,
        first.refined,
        [[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.1, 0.9]],
        [[1, 0], [0.3, 0.7], [0.4, 0.6], [0, 1]],
        [0.1, 0.9],
    )
    return first, second


def test_an_entry_a_round():
    history = History(PROBLEM, Settings(momentum=0.5))
    first, second = _two_rounds()
    entry = history.add(first)
    assert (entry["round"], entry["refinements"], entry["moved"], entry["newly_moved"]) == (1, 0, 1, 1)
    assert entry["oof_accuracy"] == pytest.approx(2 / 3)  # the guard's row is not among them
    assert entry["guard_accuracy"] == 0
    assert entry["change"] == pytest.approx(0.6 / 3)
    history.add(second)
    assert [entry["newly_moved"] for entry in history.rounds] == [1, 0]
    assert history.targets is second.refined
    assert history.last() == (2, second.refined)


def test_the_best_targets_are_those_that_the_scored_models_were_trained_on():
    history = History(PROBLEM, Settings(momentum=0.5))
    first, second = _two_rounds()
    history.add(first)
    assert history.best() == (0, GIVEN)
    history.add(second)  # its models, trained on L(1), predict the guard right
    assert history.guard_scores == [0, 1]
    assert history.best() == (1, first.refined)
    history.close({"guard": np.array([[0.0, 1.0]], dtype=np.float32)})  # a tie: fewer refinements stay
    assert history.guard_scores == [0, 1, 1]
    assert history.best() == (1, first.refined)


def test_without_a_guard_nothing_is_chosen():
    problem = Problem(np.zeros((4, 1)), PROBLEM.task, Y, GIVEN, np.zeros(4, bool))
    history = History(problem, Settings())
    assert history.best() == (0, GIVEN)
    assert history.guard_scores == []


def test_weights_enter_the_scores():
    weight = np.array([1.0, 3.0, 1.0, 1.0])
    problem = Problem(np.zeros((4, 1)), PROBLEM.task, Y, GIVEN, GUARD, sample_weight=weight)
    assert History(problem, Settings(momentum=0.5)).add(_two_rounds()[0])["oof_accuracy"] == pytest.approx(2 / 5)


def test_other_watched_rows_are_scored_where_their_labels_are_known():
    problem = Problem(
        np.zeros((4, 1)), PROBLEM.task, Y, GIVEN, np.zeros(4, bool), watch_codes={"test": np.array([1, 0])}
    )
    predictions = np.array([[0.0, 1.0], [0.2, 0.8]], dtype=np.float32)
    done = Round(1, GIVEN, [], GIVEN, GIVEN, {"test": predictions, "unlabelled": predictions})
    entry = History(problem, Settings()).add(done)
    assert entry["test_accuracy"] == 0.5
    assert not [name for name in entry if name.startswith("unlabelled")]


def test_rows_whose_class_no_model_knew_are_left_out_of_the_scores_and_counted():
    problem = Problem(np.zeros((4, 1)), PROBLEM.task, Y, GIVEN, np.zeros(4, bool))
    oof = np.array([[0.9, 0.1], [0.2, 0.8], [1.0, np.nan], [0.4, 0.6]], dtype=np.float32)
    entry = History(problem, Settings()).add(Round(1, GIVEN, [], oof, GIVEN, {}))
    assert entry["unjudged"] == 1
    assert entry["oof_accuracy"] == pytest.approx(2 / 3)
