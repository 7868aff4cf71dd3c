"""Numbers as the command line writes them, in progress and summary alike."""

from __future__ import annotations

from typing import Any


def count(number: int, noun: str) -> str:
    """Return "1 round", "2 rounds"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def score_text(entry: dict[str, Any], name: str) -> str:
    """Return a score of a round as text; "-" where no row could be scored."""
    value = entry.get(name)
    return "-" if value is None else f"{value:.3f}"
