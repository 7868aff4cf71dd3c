"""A forest as teacher in the place of another learner: what it says of held-out rows decides which labels are left out.

Fold models of the learner itself make its own errors twice: a label that it has learnt wrongly looks right to it. A forest of unpruned
trees errs elsewhere, and is steadier than short boosting or a network. What is fitted in the end is the learner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import Pipeline

from softlabel.data.rows import n_rows
from softlabel.learners.budget import learns_by_steps
from softlabel.learners.contract import Learner, as_learner
from softlabel.learners.table_front import estimator_of, table_front
from softlabel.methods.problem import Problem

N_TREES = 50
MOST_CLASSES = (
    100  # of more the forest, which keeps a share of each class in every leaf, takes longer than what it stands in for
)
MOST_SHARES = 400_000  # leaves times classes of a tree, about: beyond that rows share leaves, so that a forest stays below some 300 MB


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
    learner = learners[0]
    front = table_front(learner, problem.X) if learns_by_steps(learner) else None
    if front is None:
        return None
    rows_a_leaf = math.ceil(n_rows(problem.X) * problem.given.shape[1] / MOST_SHARES)
    forest = ExtraTreesClassifier(N_TREES, min_samples_leaf=rows_a_leaf, random_state=0)
    memory = getattr(estimator_of(learner), "memory", None)
    whole = Pipeline([*front, ("forest", forest)], memory=memory) if front else forest
    return as_learner(whole, problem.task.kind)
