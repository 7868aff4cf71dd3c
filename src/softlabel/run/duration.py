"""Lengths of time as people write them."""

from __future__ import annotations

from typing import Any

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(value: Any) -> float:
    """Return the seconds of a number, or of a text such as ``90``, ``90s``, ``30m`` or ``2h``.

    Raises
    ------
    ValueError
        If it is no duration above 0.
    """
    text = str(value).strip().lower()
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1.0)
    seconds = float(number) * unit
    if not seconds > 0:
        raise ValueError(f"{value!r} is no duration above 0")
    return seconds
