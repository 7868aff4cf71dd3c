"""A forest as teacher in the place of another learner: what it says of held-out rows decides which labels are left out.

Fold models of the learner itself make its own errors twice: a label that it has learnt wrongly looks right to it. A forest of unpruned
trees errs elsewhere, and is steadier than short boosting or a network. What is fitted in the end is the learner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import Pipeline

from softlabel.data.rows import n_rows
from softlabel.learners.budget import learns_by_steps
from softlabel.learners.contract import Learner, Wrapper, as_learner
from softlabel.learners.pipelines import steps_of
from softlabel.methods.problem import Problem

N_TREES = 50
MOST_LEAVES = (
    20_000  # of a tree, about: with more rows some share a leaf, so that a forest of millions of rows fits into memory
)
_LARGEST = float(np.finfo(np.float32).max)  # numbers that trees can hold


def forest_beside(learners: Sequence[Learner], problem: Problem) -> Learner | None:
    """Return the forest that may teach in a learner's place; None where there is none.

    Extremely randomised trees (Geurts, Ernst and Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006), behind the
    transformers of the learner's own pipeline. There is one for a network or boosting, whose own fold models are cut short and noisy.
    There is none for several members, who are an answer to the same question; for forests and learners without a length, whose own fits
    are as steady or far cheaper; and where rows are neither a table of numbers nor made to one by a pipeline (pictures, texts that a
    network reads).

    Parameters
    ----------
    learners : sequence of Learner
        The members of the refinement.
    problem : Problem
        Its rows.
    """
    if len(learners) != 1 or problem.task.kind == "scalar" or not learns_by_steps(learners[0]):
        return None
    learner: Any = learners[0]
    estimator = learner.get_params(deep=False)["estimator"] if isinstance(learner, Wrapper) else learner
    front = [(name.replace("__", "."), clone(step)) for name, step in steps_of(estimator)[:-1]]
    if not front and not _is_table_of_numbers(problem.X):
        return None
    rows_a_leaf = 1 + (n_rows(problem.X) - 1) // MOST_LEAVES
    forest = ExtraTreesClassifier(N_TREES, min_samples_leaf=rows_a_leaf, random_state=0)
    return as_learner(Pipeline([*front, ("forest", forest)]) if front else forest, problem.task.kind)


def _is_table_of_numbers(X: Any) -> bool:
    """Return whether trees can learn from rows as they are: numbers in two dimensions that they can hold, or unknown (NaN)."""
    if hasattr(X, "iloc"):
        if not all(isinstance(kind, np.dtype) and kind.kind in "biuf" for kind in X.dtypes):
            return False
        X = X.to_numpy(dtype=np.float64)
    entries = X.data if hasattr(X, "tocsr") else X
    if not isinstance(entries, np.ndarray) or entries.dtype.kind not in "biuf" or np.ndim(X) != 2:
        return False
    return not bool((np.abs(entries.astype(np.float64, copy=False)) > _LARGEST).any())
