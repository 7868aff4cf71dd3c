"""Predictions of a final model as a table, and the scores that only classes have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from softlabel.metrics.calibration import adaptive_ece, classwise_ece
from softlabel.metrics.scores import aurc, macro_f1
from softlabel.tasks import Task

if TYPE_CHECKING:
    import pandas as pd


def prediction_table(ids: np.ndarray, predicted: np.ndarray, task: Task) -> pd.DataFrame:
    """Return a row for each prediction: ``id``, ``predicted_label``, and ``grade`` or ``p_<class>`` for each class.

    Parameters
    ----------
    ids : (n,)
    predicted : (n, m)
        Target rows.
    task : Task
        Says which labels they speak for.
    """
    import pandas as pd

    table = pd.DataFrame({"id": ids, "predicted_label": task.harden(predicted)})
    if task.kind == "scalar":
        return table.assign(grade=predicted[:, 0].astype(np.float32))
    for column, label in enumerate(task.classes):
        table[f"p_{label}"] = predicted[:, column].astype(np.float32)
    return table


def further_scores(codes: np.ndarray, P: np.ndarray) -> dict[str, float]:
    """Return scores of class probabilities (n, k) that rounds do without: they cost more, and choose nothing."""
    return {
        "macro_f1": macro_f1(codes, P),
        "adaptive_ece": adaptive_ece(codes, P),
        "classwise_ece": classwise_ece(codes, P),
        "aurc": aurc(codes, P),
    }
