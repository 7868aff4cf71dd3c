"""labels.parquet: one row a label, and what the rounds say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.methods.assessment import Assessment

if TYPE_CHECKING:
    import pandas as pd


def label_table(
    ids: np.ndarray,
    y: np.ndarray,
    classes: np.ndarray,
    guard: np.ndarray,
    assessment: Assessment,
    true_label: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the table of labels, rows in the order of the source.

    Columns: ``id``, ``given_label``, ``suggested_label`` (argmax of the mean out-of-fold prediction over the rounds),
    ``label_quality`` (refined mass on the given label, 0 to 1), ``margin`` (that mass less the largest elsewhere, -1 to 1),
    ``entropy`` (nats), ``moved_in_round`` (since when the refined argmax stands elsewhere; missing where it does not),
    ``distribution`` (list of m refined masses, as the classes are ordered in run.json), ``guard``, and ``true_label`` where
    it is known.
    """
    import pandas as pd

    columns: dict[str, Any] = {
        "id": ids,
        "given_label": y,
        "suggested_label": classes[assessment.suggested],
        "label_quality": assessment.quality.astype(np.float32),
        "margin": assessment.margin.astype(np.float32),
        "entropy": assessment.entropy.astype(np.float32),
        "moved_in_round": pd.array(assessment.moved_in_round, dtype="Int64"),
        "distribution": list(assessment.distribution),
        "guard": guard,
    }
    if true_label is not None:
        columns["true_label"] = true_label
    table = pd.DataFrame(columns)
    table["moved_in_round"] = table["moved_in_round"].mask(table["moved_in_round"] == 0)
    return table


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
