from __future__ import annotations

import pytest

from softlabel.cli.values import parse_settings, read_numbers
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


def test_numbers_are_read_where_they_can_be_and_other_options_are_left():
    given = {"seeds": "3", "test_share": "0.3", "lr": "1e-3", "seed": "abc", "level": None, "label": "3", "id": "7"}
    read = {"seeds": 3, "test_share": 0.3, "lr": 0.001, "seed": "abc", "level": None, "label": "3", "id": "7"}
    assert read_numbers(given) == read
