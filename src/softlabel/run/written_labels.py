"""The labels of a run on disk, and what metrics.json says of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.methods.assessment import Assessment
from softlabel.methods.problem import Problem
from softlabel.run.inputs import Inputs
from softlabel.run.label_table import confused_entries, confused_pairs, label_table, suspicious
from softlabel.run.trusted_rows import trusted_summary
from softlabel.run.truth import recovery
from softlabel.store.run_store import RunStore


def write_labels(inputs: Inputs, problem: Problem, assessment: Assessment, store: RunStore) -> dict[str, Any]:
    """Write labels.parquet; return what there is to say about it."""
    labels = label_table(
        inputs.ids, inputs.y, problem.task, problem.guard, assessment, inputs.true_label, problem.trusted
    )
    store.write_table("labels", labels)
    moved = labels["moved_in_round"].notna()
    found: dict[str, Any] = {
        "n_rows": len(labels),
        "suspicious": len(suspicious(labels)),
        "moved": int(moved.sum()),
        "moved_in_guard": int((moved & labels["guard"]).sum()),
    }
    if problem.codes.ndim == 2:  # several labels a row: each is confused by itself
        pairs = confused_entries(problem.codes, assessment.suggested, problem.task.classes)
    else:
        pairs = confused_pairs(labels)
    found |= trusted_summary(problem.trusted, inputs.y, inputs.label_before)
    found["confused"] = [[_plain(given), _plain(suggested), rows] for given, suggested, rows in pairs]
    if inputs.true_label is not None:
        found["suggested_recovery"] = recovery(problem, problem.task.codes(inputs.true_label), assessment.suggested)
    return found


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
