from __future__ import annotations

import pytest

from softlabel.cli.summary import _taken
from softlabel.cli.task_words import words_for


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (None, "the targets after 2 rounds"),
        ("refined", "the targets after 2 rounds"),
        ("sharpened", "the targets after 2 rounds, sharpened"),
        ("pruned", "the given labels without 7 labels that the targets after 2 rounds speak against"),
        ("corrected", "the labels that the targets after 2 rounds speak for"),
        ("weighted", "the given labels, weighted by the targets after 2 rounds"),
    ],
)
def test_what_the_final_model_learnt_from(policy, line):
    metrics = {"left_out": 7} | (
        {} if policy is None else {"final_targets": policy}
    )  # none in runs of earlier versions
    assert _taken(metrics, 2, words_for(None)) == line


def test_one_of_each_is_singular():
    metrics = {"final_targets": "pruned", "left_out": 1}
    assert _taken(metrics, 1, words_for(None)) == (
        "the given labels without 1 label that the targets after 1 round speak against"
    )
