"""Whether the rounds of a chosen plan led where its evidence said, seen from their own out-of-fold predictions.

A plan is judged by two rounds beside a guard. In a run it may have more, on more rows, and where classes overlap pruning can feed on
itself: each round's models contradict more labels than those before. That models of the last round are *better* at the given labels of
rows they did not meet proves nothing, since these labels reached them through the targets of other rows. That they are *worse* says much:
all that this leaves out speaks for them.
"""

from __future__ import annotations

import numpy as np

from softlabel.methods.choice import SURELY, mean_and_error, row_scores
from softlabel.methods.problem import Problem


def led_astray(problem: Problem, first: np.ndarray, last: np.ndarray) -> tuple[float, float] | None:
    """Return by how much the last round's models are behind the first's at given labels, with the standard error, if beyond doubt.

    Scores are those of :func:`~softlabel.methods.choice.choose`, paired by row, in the rows that models of both rounds judged.

    Parameters
    ----------
    problem : Problem
    first, last : (n, m)
        Out-of-fold predictions P(1) and P(r).

    Returns
    -------
    (float, float) or None
        None where they are not behind by more than three standard errors (``SURELY``).
    """
    task, codes = problem.task, problem.codes
    rows = ~problem.guard & task.judged(first, codes) & task.judged(last, codes)
    if not rows.any():
        return None
    before, after = (row_scores(task, codes[rows], predictions[rows]) for predictions in (first, last))
    weight = np.ones(int(rows.sum())) if problem.sample_weight is None else problem.sample_weight[rows]
    if not weight.any():
        return None
    loss, error = mean_and_error(before - after, weight)
    return (loss, error) if loss > SURELY * error else None
