"""What tables call their numbers."""

from __future__ import annotations

import pytest

from softlabel.comparison.score_words import (
    amount_text,
    beside_main,
    heading,
    labels_text,
    number_text,
    short_heading,
    widest_difference,
)
from softlabel.comparison.scoring import has_direction


def test_headings():
    assert heading("classwise_ece") == "classwise ECE"
    assert (heading("top5_accuracy"), short_heading("top5_accuracy")) == ("top-5 accuracy", "top-5")
    assert heading("something_new") == "something new"
    assert (heading("share_corrected"), heading("share_kept")) == ("suggested right", "left alone")
    assert (short_heading("share_corrected"), short_heading("share_kept")) == ("sugg. right", "left alone")
    assert short_heading("something_new") == "something new"


def test_how_far_two_scores_can_lie_apart():
    assert [widest_difference(name) for name in ("mean_ap", "top5_accuracy", "ece", "qwk", "nll", "mae")] == [
        1.0,
        1.0,
        1.0,
        2.0,
        None,
        None,
    ]


@pytest.mark.parametrize("kind", ["distribution", "scalar", "independent"])
def test_scores_beside_the_main_one_are_known(kind):
    assert beside_main(kind)
    assert all(has_direction(name) for name in beside_main(kind))


def test_what_was_done_to_the_labels():
    assert labels_text("none") == "labels as given"
    assert labels_text("pair:0.125") == "12.5% of labels made wrong (pair)"
    assert labels_text("pair:0.125", "scalar") == "12.5% of labels made wrong (pair)"
    assert labels_text("pair:0.125", "independent") == "12.5% of entries made wrong (pair)"
    assert labels_text("none", "independent") == "labels as given"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (1.0, "1"), (1.5, "1.50"), (0.05, "0.0500"), (99.96, "100.0"), (123.4, "123"), (20000.4, "20000")],
)
def test_amounts(value, text):
    assert amount_text(value) == text


def test_numbers():
    assert number_text(0.12345) == "0.123"
    assert number_text(0.12345, 1) == "0.1"
