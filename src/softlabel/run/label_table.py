"""labels.parquet: one row a label, and what the rounds say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.methods.assessment import Assessment
from softlabel.targets.entries import entry_quality
from softlabel.tasks import OrdinalDistribution, OrdinalScalar, Task

if TYPE_CHECKING:
    import pandas as pd


def label_table(
    ids: np.ndarray,
    y: np.ndarray,
    task: Task,
    guard: np.ndarray,
    assessment: Assessment,
    true_label: np.ndarray | None = None,
    trusted: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the table of labels, rows in the order of the source.

    Columns: ``id``, ``given_label``, ``suggested_label`` (what the mean out-of-fold prediction over the rounds speaks for),
    ``label_quality`` (how well the refined row agrees with the given label, 0 to 1; for classes the mass on it), ``margin`` (how
    far it is from speaking for another label; below 0 it does), ``entropy`` (nats; missing where a row is no distribution),
    ``moved_in_round`` (since when the refined row speaks for another label; missing where it does not), ``distribution`` (list of
    the m numbers of the refined row, as the classes are ordered in run.json), ``guard``, ``trusted`` where some rows are (their
    given label is known to be right: quality 1, no other suggestion), and ``true_label`` where it is known.

    Of ordinal tasks also ``refined_grade`` (the refined grade as a number: the mean of a distribution) and ``moved_by`` (that
    less the given grade). Of multi-label tasks labels are names joined by ``|``, and ``entry_quality`` is a list: for each of the k
    labels how well its entry agrees with the given one; the row's quality is the lowest.

    Parameters
    ----------
    y, true_label : (n,) or (n, k)
    """
    import pandas as pd

    codes = task.codes(y)  # (n,) or (n, k)

    given, doubted = _as_labels(y, task), task.differs(assessment.suggested, codes)
    columns: dict[str, Any] = {
        "id": ids,
        "given_label": given,
        # A grade between others is confirmed by the nearest one: it is then its own suggestion.
        "suggested_label": np.where(doubted, task.labels(assessment.suggested), given),
        "label_quality": assessment.quality.astype(np.float32),
        "margin": assessment.margin.astype(np.float32),
        "entropy": assessment.entropy.astype(np.float32),
        "moved_in_round": pd.array(assessment.moved_in_round, dtype="Int64"),
        "distribution": list(assessment.distribution),
        "guard": guard,
    }
    if trusted is not None:
        columns["trusted"] = trusted
    if true_label is not None:
        columns["true_label"] = _as_labels(true_label, task)
    if isinstance(task, (OrdinalScalar, OrdinalDistribution)):
        refined = task.refined_grades(assessment.distribution)  # (n,)
        columns["refined_grade"] = refined.astype(np.float32)
        columns["moved_by"] = (refined - task.scale.numbers(y)).astype(np.float32)
    if task.kind == "independent":
        columns["entry_quality"] = list(entry_quality(assessment.distribution, codes).astype(np.float32))
    table = pd.DataFrame(columns)
    table["moved_in_round"] = table["moved_in_round"].mask(table["moved_in_round"] == 0)
    return table


def _as_labels(y: np.ndarray, task: Task) -> np.ndarray:
    return task.labels(y) if y.ndim == 2 else y


def suspicious(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose given label looks wrong, most suspicious (lowest margin) first.

    These are rows for which the models suggest another label, or whose refined argmax stands on one. At momentum 0.75 no argmax
    can move before round 3, while a suggestion stands after the first.
    """
    doubted = table["suggested_label"].to_numpy() != table["given_label"].to_numpy()
    return table[doubted | table["moved_in_round"].notna()].sort_values(["margin", "id"], kind="stable")


def confused_pairs(table: pd.DataFrame, most: int = 10) -> list[tuple[Any, Any, int]]:
    """Return the most frequent (given label, suggested label, rows) among suspicious rows."""
    counts = (
        suspicious(table)
        .groupby(["given_label", "suggested_label"], sort=True)
        .size()
        .sort_values(ascending=False, kind="stable")
    )
    pairs = [(*labels, int(rows)) for labels, rows in zip(counts.index.tolist(), counts, strict=True)]
    return [pair for pair in pairs if pair[0] != pair[1]][:most]


def confused_entries(given: np.ndarray, suggested: np.ndarray, names: np.ndarray, most: int = 10) -> list[tuple]:
    """Return the most frequent disagreements about single labels, such as ("no rust", "rust", 12).

    Parameters
    ----------
    given, suggested : (n, k) of 0 and 1
    names : (k,)
    """
    found = []
    for label, was, becomes in zip(names.tolist(), given.T, suggested.T, strict=True):
        found += [(f"no {label}", label, int(((was == 0) & (becomes == 1)).sum()))]
        found += [(label, f"no {label}", int(((was == 1) & (becomes == 0)).sum()))]
    return sorted((one for one in found if one[2]), key=lambda one: -one[2])[:most]
