"""Thresholds between grades that are fitted on out-of-fold predictions, for the models of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.methods.final_task import final_task, rows_to_fit
from softlabel.methods.history import History
from softlabel.methods.problem import Problem
from softlabel.run.config import RefineConfig
from softlabel.run.task_options import SAID_BY_DEFAULT
from softlabel.tasks import OrdinalScalar, Task


class Thresholds:
    """Watches the rounds of a run and fits thresholds on them, where that is asked for.

    The final model's are fitted on the out-of-fold predictions of the round whose models are most like it (the last; see
    ``History.oof_of``) against the given labels; those of the plain model that it is compared with on the first round's, whose
    models learnt from the given labels too.

    Attributes
    ----------
    plain, final : (k - 1,) ndarray or None
        None where none were asked for, or no round was seen.
    """

    def __init__(self, config: RefineConfig, problem: Problem, history: History) -> None:
        self._asked = config.thresholds or SAID_BY_DEFAULT["thresholds"]
        self._refit_on = config.refit_on
        self._problem, self._history = problem, history
        self.plain: np.ndarray | None = None
        self._final: np.ndarray | None = None
        self._given = False

    def taken(self, refinements: int) -> None:
        """Take notice of how many refinements are behind what the final model learns; 0 are the given labels."""
        self._given, self._final = refinements == 0, None

    def see(self) -> None:
        """Take notice of the round that the history has just taken in."""
        if self.plain is None:
            self.plain = self._fitted()
        self._final = None

    @property
    def final(self) -> np.ndarray | None:
        """(k - 1,) those of the final model."""
        if self._final is None and self.plain is not None:
            self._final = self.plain if self._given else self._fitted(self._refit_on)
        return self._final

    def told(self) -> dict[str, Any]:
        """Return what metrics.json says of them: the thresholds, and the kappa out of fold at midpoints and at these."""
        problem, oof, fitted = self._problem, self._history.oof_of(self._refit_on, given=self._given), self.final
        if fitted is None or oof is None or not isinstance(problem.task, OrdinalScalar):
            return {}
        rows, weight = rows_to_fit(problem, oof)
        kappas = {
            f"oof_qwk_{name}": task.scores(problem.codes[rows], oof[rows], weight)["qwk"]
            for name, task in (("midpoints", problem.task), ("fitted", with_thresholds(problem.task, fitted)))
        }
        midpoints = problem.task.thresholds
        return {"thresholds": {"midpoints": midpoints.tolist(), "fitted": fitted.tolist(), **kappas}}

    def _fitted(self, refit_on: str = "last") -> np.ndarray | None:
        task = final_task(self._problem, self._history, self._asked, refit_on)
        return task.thresholds if self._asked == "fitted" and isinstance(task, OrdinalScalar) else None


def with_thresholds(task: Task, thresholds: np.ndarray | None) -> Task:
    """Return the task with other thresholds (k - 1,), or as it is where there are none."""
    return task if thresholds is None or not isinstance(task, OrdinalScalar) else task.with_thresholds(thresholds)
