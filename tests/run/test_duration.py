from __future__ import annotations

import pytest

from softlabel.run.duration import parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), (" 2H ", 7200), (90, 90), (1.5, 1.5)]
)
def test_durations(value, seconds):
    assert parse_duration(value) == seconds


@pytest.mark.parametrize("value", ["", "m", "-3", "0", "soon", "3d", "nan", 0, -1.0])
def test_durations_that_are_none_are_refused(value):
    with pytest.raises(ValueError, match=r"could not convert|no duration above 0"):
        parse_duration(value)
