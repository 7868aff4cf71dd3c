"""Shares: numbers from 0 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError


def check_share(share: float) -> None:
    """Refuse a share of rows that is not a number from 0 to 1.

    Raises
    ------
    InputError
        Says what was given.
    """
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share of rows to corrupt is {share!r}; give a number from 0 to 1")


def check_portion(name: str, value: Any, what: str) -> float:
    """Return a number from 0 to 1; ``what`` says in the message what it is, and what its ends mean."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise InputError(f"{name}={value!r}; give {what}")
