"""Values as they are written on a command line."""

from __future__ import annotations

import ast
from typing import Any

_WORDS = {"true": True, "false": False, "none": None}


def read_literal(text: str) -> Any:
    """Return the number, tuple, word or text that a value stands for.

    >>> read_literal("0.1"), read_literal("true"), read_literal("l2")
    (0.1, True, 'l2')
    """
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
