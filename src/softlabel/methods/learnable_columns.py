"""Which columns of the targets hold anything to learn."""

from __future__ import annotations

import numpy as np

from softlabel.learners.entry_strategies import varying_columns
from softlabel.learners.supervision import class_masses
from softlabel.methods.problem import Problem


def learnable_columns(problem: Problem) -> np.ndarray:
    """Return the columns (m',) that the wrapper of a learner hands on: classes with mass, or entries that are not all alike."""
    if problem.task.kind == "independent":
        return varying_columns(problem.given, problem.sample_weight)[0]
    return np.flatnonzero(class_masses(problem.given, problem.sample_weight) > 0)
