from __future__ import annotations

import pytest

from softlabel.run.literals import read_literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("1e-3", 0.001),
        ("True", True),
        ("none", None),
        ("l2", "l2"),
        ("(1, 2)", (1, 2)),
        ("a-b", "a-b"),
    ],
)
def test_values_are_what_they_look_like(text, value):
    assert read_literal(text) == value
    assert type(read_literal(text)) is type(value)
