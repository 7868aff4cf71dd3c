from __future__ import annotations

import numpy as np

from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Round
from softlabel.run.truth import against_truth, recovery
from softlabel.tasks import Multiclass, Multilabel


def _problem(task, given, guard):
    return Problem(np.zeros((len(given), 1)), task, task.codes(given), task.encode(given), np.asarray(guard))


def _round(oof, refined):
    oof, refined = (np.asarray(rows, np.float32) for rows in (oof, refined))
    return Round(1, refined, [], oof, refined, {})


def test_one_label_a_row():
    problem = _problem(Multiclass(["a", "b"]), ["a", "a", "b", "a"], [False, False, False, True])
    done = _round([[0.2, 0.8], [0.7, 0.3], [0.6, 0.4], [0, 1]], [[0.4, 0.6], [0.9, 0.1], [0.3, 0.7], [1, 0]])
    found = against_truth(problem, np.array(["b", "a", "b", "b"]), done)
    assert found["true_oof_accuracy"] == 2 / 3  # the guard's row does not count
    assert (found["recovery"]["n_wrong"], found["recovery"]["n_corrected"], found["recovery"]["n_spoiled"]) == (1, 1, 0)


def test_rows_that_no_model_could_judge_leave_no_score():
    problem = _problem(Multiclass(["a", "b"]), ["a", "b"], [False, False])
    found = against_truth(problem, np.array(["a", "b"]), _round(np.full((2, 2), np.nan), [[1, 0], [0, 1]]))
    assert found["true_oof_accuracy"] is None


def test_of_several_labels_each_counts_by_itself():
    given, true = np.array([[1, 0, 0], [0, 1, 1]]), np.array([[1, 1, 0], [0, 0, 1]])
    problem = _problem(Multilabel(["x", "y", "z"]), given, [False, False])
    found = recovery(problem, true, np.array([[0, 1, 0], [0, 1, 1]]))
    assert (found["n"], found["n_wrong"], found["n_corrected"], found["n_spoiled"]) == (6, 2, 1, 1)
