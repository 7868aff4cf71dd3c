"""How sure the final model's probabilities are to be, seen from models like it and the given labels of rows that these never met.

A model of the rows that a plan leaves has met no doubt: where classes overlap, the rows that are left out are those that would have
taught it some, and it says .99 where .7 are right. Its labels do not suffer; its probabilities do. One number repairs them: a temperature,
fitted to given labels of which a known share is wrong. It only softens: that a model is too modest, evidence under noise shows too badly.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, softmax
from threadpoolctl import threadpool_limits

from softlabel.metrics.temperature import BOUNDS, bounded, fit_temperature_to_noise
from softlabel.targets.noise_estimate import sampled_rows
from softlabel.tasks import Task


def answer_temperature(
    task: Task,
    predictions: np.ndarray,
    codes: np.ndarray,
    noise: np.ndarray,
    *,
    trusted: np.ndarray | None = None,
    sample_weight: np.ndarray | None = None,
) -> float:
    """Return the temperature, 1 to 20, at which predictions explain given labels best.

    Parameters
    ----------
    task : Task
        Grades have none: a temperature moves the median of a distribution over them, and with it the answer.
    predictions : (n, m)
        Of rows that the models did not train on.
    codes : (n,) or (n, m) int
        Given labels.
    noise : (k, k) or (m, 2, 2)
        T[c, j] = p(given = j | true = c); of each of several labels.
    trusted : (n,) bool or None
        Rows whose labels are right.
    sample_weight : (n,) or None
    """
    if task.name not in ("multiclass", "multilabel"):
        return 1.0
    rows = sampled_rows(len(codes))
    answers, given = np.asarray(task.known(predictions[rows]), dtype=np.float64), codes[rows]
    weight = np.ones(len(rows)) if sample_weight is None else sample_weight[rows].astype(np.float64)
    right = np.zeros(len(rows), dtype=bool) if trusted is None else trusted[rows]
    if task.kind == "independent":
        known = ~np.isnan(answers)  # (n, m)
        columns = np.broadcast_to(np.arange(answers.shape[1]), answers.shape)[known]
        chances = bounded(answers[known][:, None], task.kind)  # (N, 1)
        answers, given = np.hstack([1.0 - chances, chances]), given[known]
        weight, right = (np.broadcast_to(of_row[:, None], known.shape)[known] for of_row in (weight, right))
        label_chances = noise[columns, :, given]  # (N, 2)
    else:
        label_chances = noise.T[given]  # (n, k)
    label_chances = np.where(right[:, None], np.eye(answers.shape[1])[given], label_chances)
    if not weight.any():
        return 1.0
    with threadpool_limits(1):  # threads would change the last bits of sums
        return fit_temperature_to_noise(answers, label_chances, weight, bounds=(1.0, BOUNDS[1]))


def softened(task: Task, answers: np.ndarray, temperature: float) -> np.ndarray:
    """Return answers (n, m) raised to the power 1/T and normalised, float64: in float32 two classes that are nearly level would be so.

    As they are where T is 1. Each of several labels is a question of two classes, the row (1 - p, p).
    """
    if temperature == 1.0:
        return answers
    p = np.asarray(bounded(answers, task.kind), dtype=np.float64)
    if task.kind == "independent":
        return np.asarray(expit(logit(p) / temperature))
    return np.asarray(softmax(np.log(p) / temperature, axis=1))
