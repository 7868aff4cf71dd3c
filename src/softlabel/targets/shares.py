"""A share of rows, as corruptions are given one."""

from __future__ import annotations

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
