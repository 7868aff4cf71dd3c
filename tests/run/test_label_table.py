from __future__ import annotations

import numpy as np
import pytest

from softlabel.methods.assessment import Assessment
from softlabel.run.label_table import confused_entries, confused_pairs, label_table, suspicious
from softlabel.tasks import Multiclass, Multilabel, Ordinal


def _table(**extra):
    distribution = np.array([[0.2, 0.8], [0.9, 0.1], [0.1, 0.9], [0.45, 0.55], [0.6, 0.4]], dtype=np.float32)
    assessment = Assessment(
        distribution=distribution,
        suggested=np.array([1, 0, 1, 1, 1]),
        quality=distribution[:, 0].astype(float),
        margin=(distribution[:, 0] - distribution[:, 1]).astype(float),
        entropy=np.zeros(5),
        mean=distribution,
        moved_in_round=np.array([2, 0, 1, 3, 0]),
    )
    y = np.array(["cat"] * 5)
    return label_table(np.arange(5), y, Multiclass(["cat", "dog"]), np.zeros(5, bool), assessment, **extra)


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


def _assessed(task, y, distribution, suggested):
    rows, codes = np.asarray(distribution, np.float32), task.codes(y)
    n = len(rows)
    assessment = Assessment(
        distribution=rows,
        suggested=np.asarray(suggested),
        quality=task.quality(rows, codes),
        margin=task.margin(rows, codes),
        entropy=task.entropy(rows),
        mean=rows,
        moved_in_round=np.zeros(n, int),
    )
    return label_table(np.arange(n), np.asarray(y), task, np.zeros(n, bool), assessment, np.asarray(y))


def test_grades_say_how_far_they_moved():
    y = [0, 2, 1]
    table = _assessed(Ordinal.from_labels(y), y, [[0.25], [1.4], [1.0]], [0, 1, 1])
    assert table["refined_grade"].tolist() == [0.25, np.float32(1.4), 1.0]
    assert np.allclose(table["moved_by"], [0.25, -0.6, 0])
    assert table["suggested_label"].tolist() == [0, 1, 1]
    assert table["entropy"].isna().all()
    assert suspicious(table)["id"].tolist() == [1]


def test_a_distribution_over_grades_has_its_mean():
    y = [0, 1, 2]
    task = Ordinal.from_labels(y, view="distribution")
    table = _assessed(task, y, [[0.5, 0.25, 0.25], [0, 1, 0], [0, 0, 1]], [0, 1, 2])
    assert table["refined_grade"].tolist() == [0.75, 1, 2]
    assert table["moved_by"].tolist() == [0.75, 0, 0]
    assert table["entropy"].notna().all()


@pytest.mark.filterwarnings("ignore:.*not whole numbers")
def test_a_grade_between_others_is_its_own_suggestion_where_the_nearest_one_is_confirmed():
    y = [0.5, 2.0, 1.25]
    table = _assessed(Ordinal.from_labels(y), y, [[0.6], [0.2], [1.0]], [1, 0, 1])
    assert table["suggested_label"].tolist() == [0.5, 0.0, 1.25]
    assert np.allclose(table["moved_by"], [0.1, -1.8, -0.25])
    assert suspicious(table)["id"].tolist() == [1]


def test_several_labels_are_named_and_each_has_a_quality():
    y = np.array([[1, 0], [0, 0]])
    task = Multilabel(["rust", "scab"])
    table = _assessed(task, y, [[0.75, 0.5], [0.25, 0.75]], [[1, 0], [0, 1]])
    assert table["given_label"].tolist() == table["true_label"].tolist() == ["rust", ""]
    assert table["suggested_label"].tolist() == ["rust", "scab"]
    assert np.array_equal(np.stack(table["entry_quality"]), [[0.75, 0.5], [0.75, 0.25]])
    assert table["label_quality"].tolist() == [0.5, 0.25]
    assert "refined_grade" not in table


def test_of_several_labels_each_is_confused_by_itself():
    given = np.array([[1, 0], [1, 0], [0, 1], [1, 1]])
    suggested = np.array([[0, 0], [0, 0], [0, 1], [1, 0]])
    assert confused_entries(given, suggested, np.array(["rust", "scab"])) == [
        ("rust", "no rust", 2),
        ("scab", "no scab", 1),
    ]
    assert confused_entries(given, suggested, np.array(["rust", "scab"]), most=1) == [("rust", "no rust", 2)]
    assert confused_entries(given, 1 - given, np.array(["rust", "scab"]))[0] == ("rust", "no rust", 3)
