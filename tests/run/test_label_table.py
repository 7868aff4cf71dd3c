from __future__ import annotations

import numpy as np

from softlabel.methods.assessment import Assessment
from softlabel.run.label_table import confused_pairs, label_table, suspicious


def _table(**extra):
    distribution = np.array([[0.2, 0.8], [0.9, 0.1], [0.1, 0.9], [0.45, 0.55], [0.6, 0.4]], dtype=np.float32)
    assessment = Assessment(
        distribution=distribution,
        suggested=np.array([1, 0, 1, 1, 1]),
        quality=distribution[:, 0].astype(float),
        margin=(distribution[:, 0] - distribution[:, 1]).astype(float),
        entropy=np.zeros(5),
        moved_in_round=np.array([2, 0, 1, 3, 0]),
    )
    y = np.array(["cat"] * 5)
    return label_table(np.arange(5), y, np.array(["cat", "dog"]), np.zeros(5, bool), assessment, **extra)


def test_missing_where_a_label_has_not_moved():
    table = _table()
    assert table["moved_in_round"].isna().tolist() == [False, True, False, False, True]
    assert table["moved_in_round"].tolist()[0] == 2
    assert table["suggested_label"].tolist() == ["dog", "cat", "dog", "dog", "dog"]
    assert "true_label" not in table


def test_suspicious_rows_come_worst_first():
    assert suspicious(_table())["id"].tolist() == [
        2,
        0,
        3,
        4,
    ]  # the last has not moved, but another label is suggested for it


def test_confused_pairs_are_counted():
    assert confused_pairs(_table()) == [("cat", "dog", 4)]


def test_true_labels_stand_beside():
    assert _table(true_label=np.array(["dog"] * 5))["true_label"].tolist() == ["dog"] * 5
