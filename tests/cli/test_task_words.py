from __future__ import annotations

import pytest

from softlabel.cli.task_words import classes_text, words_for
from softlabel.tasks import Multiclass, Multilabel, Ordinal

TASKS = [
    Multiclass(["a", "b"]),
    Ordinal.from_labels([0, 1]),
    Ordinal.from_labels([0, 1], view="distribution"),
    Multilabel(["a", "b"]),
]


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_the_score_of_a_task_is_its_main_one(task):
    assert words_for(task).score == words_for(task.record()).score == task.main_score


def test_what_has_no_task_is_of_classes():
    assert words_for(None) == words_for(TASKS[0])


@pytest.mark.parametrize(
    ("task", "counts", "text"),
    [
        (TASKS[0], {"a": 5, "b": 5}, "2 classes of 5 rows"),
        (TASKS[0], {"a": 3, "b": 7}, "2 classes of 3 to 7 rows"),
        (TASKS[1], {"0": 3, "1": 7}, "2 grades of 3 to 7 rows, as numbers"),
        (TASKS[2], {"0": 5, "1": 5}, "2 grades of 5 rows, as distributions"),
        (TASKS[3], {"a": 5, "b": 9}, "2 labels, 1.4 a row on average"),
    ],
)
def test_the_classes_of_ten_rows_in_words(task, counts, text):
    assert classes_text(task, counts, 10) == text
