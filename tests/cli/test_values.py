from __future__ import annotations

import pytest

from softlabel.cli.values import parse_duration, parse_number_or_text, parse_settings
from softlabel.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("C=0.1", 0.1),
        ("C=3", 3),
        ("C=l2", "l2"),
        ("C=true", True),
        ("C=none", None),
        ("C=(10, 5)", (10, 5)),
        ("C=a=b", "a=b"),
        ("C='7'", "7"),
    ],
)
def test_settings_are_literals_where_they_can_be(text, value):
    assert parse_settings([text]) == {"C": value}


def test_settings_without_equals_are_refused():
    assert parse_settings(None) is None
    with pytest.raises(InputError, match="give parameter=value"):
        parse_settings(["=3"])


def test_numbers_or_text():
    assert parse_number_or_text("0.5") == 0.5
    assert parse_number_or_text("average") == "average"
    assert parse_number_or_text(None) is None


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), (None, None)])
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-3", "0", "soon", "3d"])
def test_durations_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="--time-limit"):
        parse_duration(text)
