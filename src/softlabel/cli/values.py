"""Reading the parameters of an estimator; all other values are read by the configuration itself, from text too."""

from __future__ import annotations

import ast
from typing import Any

from softlabel.errors import InputError

_WORDS = {"true": True, "false": False, "none": None}


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


def _literal(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
