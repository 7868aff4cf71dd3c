"""What became of labels that were made wrong on purpose: found, corrected, and right ones spoiled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Round
from softlabel.metrics.recovery import label_recovery


def against_truth(problem: Problem, true_label: np.ndarray, done: Round) -> dict[str, Any]:
    """Compare a round with the true labels: what was recovered of the refined rows, and how well its fold models did.

    Parameters
    ----------
    true_label : (n,) or (n, k)
    """
    task, true = problem.task, problem.task.codes(true_label)
    judged = ~problem.guard & task.judged(done.oof, problem.codes)
    scores = task.scores(true[judged], task.known(done.oof[judged])) if judged.any() else {}
    return {
        "recovery": recovery(problem, true, task.suggest(done.refined, problem.codes, problem.given)),
        f"true_oof_{task.main_score}": scores.get(task.main_score),
    }


def recovery(problem: Problem, true: np.ndarray, suggested: np.ndarray) -> dict[str, Any]:
    """Count what was found, corrected and spoiled among the rows that were refined; of several labels a row each by itself.

    Parameters
    ----------
    true, suggested : codes, (n,) or (n, k)
    """
    used = problem.refined
    return asdict(label_recovery(problem.codes[used].ravel(), true[used].ravel(), suggested[used].ravel()))
