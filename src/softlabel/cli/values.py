"""Reading option values: parameters, numbers that may be words, durations."""

from __future__ import annotations

import ast
from typing import Any

from softlabel.errors import InputError

_WORDS = {"true": True, "false": False, "none": None}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def parse_settings(settings: list[str] | None) -> dict[str, Any] | None:
    """Return ``["C=0.1", "penalty=l2"]`` as a dictionary; values are Python literals where they can be, else text."""
    if settings is None:
        return None
    pairs = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {setting!r}: give parameter=value, such as --set n_estimators=200")
        pairs[key.strip()] = _literal(value.strip())
    return pairs


def parse_number_or_text(value: str | None) -> float | str | None:
    """Return a number where the text is one."""
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return value


def parse_duration(value: str | None) -> float | None:
    """Return seconds of ``90``, ``90s``, ``30m`` or ``2h``.

    Raises
    ------
    InputError
        If the text is no duration above 0.
    """
    if value is None:
        return None
    text = value.strip().lower()
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1.0)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise InputError(f"--time-limit {value!r}: give seconds, or a number with s, m or h, such as 30m")
    return seconds


def _literal(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
