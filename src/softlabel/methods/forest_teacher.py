"""A forest as teacher in the place of another learner: what it says of held-out rows decides which labels are left out.

Fold models of the learner itself make its own errors twice: a label that it has learnt wrongly looks right to it. A forest of unpruned
trees errs elsewhere, and is steadier than short boosting or a network. What is fitted in the end is the learner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import Pipeline

from softlabel.data.rows import n_rows
from softlabel.learners.budget import learns_by_steps
from softlabel.learners.contract import Learner, Wrapper, as_learner, takes_texts
from softlabel.learners.pipelines import last_step, steps_of
from softlabel.methods.problem import Problem

N_TREES = 50
MOST_CLASSES = (
    100  # of more the forest, which keeps a share of each class in every leaf, takes longer than what it stands in for
)
MOST_SHARES = 400_000  # leaves times classes of a tree, about: beyond that rows share leaves, so that a forest stays below some 300 MB
_LARGEST = float(np.finfo(np.float32).max)  # number that trees can hold


def forest_beside(learners: Sequence[Learner], problem: Problem) -> Learner | None:
    """Return the forest that may teach in a learner's place; None where there is none.

    Extremely randomised trees (Geurts, Ernst and Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006), behind the
    transformers of the learner's own pipeline. There is one for a network or boosting, whose own fold models are cut short and noisy.
    There is none for several members, who are an answer to the same question; for forests and learners without a length, whose own fits
    are as steady or far cheaper; for more than 100 classes; and where rows are neither a table of numbers nor made to one by a pipeline
    (pictures, texts that a network reads). What a pipeline makes of rows is not known before it is fitted: a forest may still fail.

    Parameters
    ----------
    learners : sequence of Learner
        The members of the refinement.
    problem : Problem
        Its rows.
    """
    if len(learners) != 1 or problem.task.kind == "scalar" or problem.given.shape[1] > MOST_CLASSES:
        return None
    learner: Any = learners[0]
    if not learns_by_steps(learner):
        return None
    estimator = learner.get_params(deep=False)["estimator"] if isinstance(learner, Wrapper) else learner
    steps = steps_of(estimator)
    if takes_texts(last_step(estimator)):
        return None
    if len(steps) < 2 and not _is_table_of_numbers(problem.X):
        return None
    rows_a_leaf = math.ceil(n_rows(problem.X) * problem.given.shape[1] / MOST_SHARES)
    forest = ExtraTreesClassifier(N_TREES, min_samples_leaf=rows_a_leaf, random_state=0)
    # "passthrough" is a step as well, and no estimator
    front = [(name.replace("__", "."), clone(step, safe=False)) for name, step in steps[:-1]]
    whole = Pipeline([*front, ("forest", forest)], memory=getattr(estimator, "memory", None)) if front else forest
    return as_learner(whole, problem.task.kind)


def _is_table_of_numbers(X: Any) -> bool:
    """Return whether trees can learn from rows as they are: numbers in two dimensions that they can hold, or unknown (NaN)."""
    if hasattr(X, "columns"):
        if not all(isinstance(kind, np.dtype) and kind.kind in "biuf" for kind in X.dtypes):
            return False
        X = X.to_numpy(dtype=np.float64)
    sparse = hasattr(X, "tocsr")
    entries = getattr(X, "data", None) if sparse else X
    if not isinstance(entries, np.ndarray) or entries.dtype.kind not in "biuf" or np.ndim(X) != 2:
        return False
    if entries.dtype.kind != "f" or not entries.size:
        return True
    least, largest = np.fmin.reduce(entries, axis=None), np.fmax.reduce(entries, axis=None)  # NaN where all are
    known = not sparse or not np.isnan(np.min(entries))  # trees know of unknown numbers in dense rows only
    return bool(known and not (least < -_LARGEST) and not (largest > _LARGEST))
