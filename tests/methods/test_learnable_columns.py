from __future__ import annotations

import numpy as np

from softlabel.methods.learnable_columns import learnable_columns
from softlabel.methods.preparation import prepare

X = np.zeros((4, 1))


def test_classes_without_mass_are_left_out():
    targets = [[0.5, 0.0, 0.5], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    problem = prepare(X, [0, 0, 1, 2], targets=targets, sample_weight=[1, 1, 0, 1]).problem
    assert learnable_columns(problem).tolist() == [0, 2]


def test_entries_that_are_all_alike_are_left_out():
    problem = prepare(X, np.array([[1, 0, 1], [1, 1, 1], [1, 0, 0], [1, 1, 0]])).problem
    assert learnable_columns(problem).tolist() == [1, 2]
