"""How the final model's answers become labels: by the task's own rule, or by thresholds fitted out of fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.history import History
from softlabel.methods.problem import Problem
from softlabel.metrics.thresholds import fit_thresholds
from softlabel.tasks import Kind, OrdinalScalar, Task

THRESHOLDS = ("midpoints", "fitted")


def check_thresholds(thresholds: Any, kind: Kind, n_rounds: int) -> str:
    """Return which thresholds make grades of numbers.

    Raises
    ------
    InputError
        For an unknown word, or ``fitted`` where a task has no thresholds or no round makes out-of-fold predictions.
    """
    if thresholds not in THRESHOLDS:
        raise InputError(f"thresholds={thresholds!r}; give one of {', '.join(map(repr, THRESHOLDS))}")
    if thresholds == "fitted" and kind != "scalar":
        raise InputError("thresholds='fitted' is for grades as numbers (the ordinal task, scalar view); leave it out")
    if thresholds == "fitted" and n_rounds < 1:
        raise InputError(
            "thresholds='fitted' needs out-of-fold predictions, which 0 rounds make none of; give one round or more"
        )
    return str(thresholds)


def final_task(
    problem: Problem, history: History, thresholds: str, refit_on: str = "last", *, given: bool = False
) -> Task:
    """Return the task that hardens the final model's answers.

    Fitted thresholds maximise the QWK of out-of-fold predictions against the given grades of the refined rows; neither the guard
    nor any test row takes part. The predictions are the last round's, or with ``refit_on="best"`` those of the round whose models
    learnt from the targets that the guard likes best. Where the final model learns the ``given`` labels they are the first round's.
    """
    task, oof = problem.task, history.oof_of(refit_on, given=given)
    if thresholds == "midpoints" or not isinstance(task, OrdinalScalar) or oof is None:
        return task
    rows, weight = rows_to_fit(problem, oof)
    if not rows.any() or (weight is not None and not np.any(weight)):
        return task
    found = fit_thresholds(oof[rows, 0], problem.codes[rows], len(task.values), weight, start=task.thresholds)
    return task.with_thresholds(found)


def rows_to_fit(problem: Problem, oof: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return which rows (n,) thresholds are fitted on, those that are refined and were predicted, and their weights."""
    rows = ~problem.guard & problem.task.judged(oof, problem.codes)
    return rows, None if problem.sample_weight is None else problem.sample_weight[rows]
