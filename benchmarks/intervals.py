"""Differences of two methods over the same independent seeds, as scripts print them."""

from __future__ import annotations

from collections.abc import Sequence

from softlabel.comparison.intervals import paired_difference


def paired_interval(ours: Sequence[float], theirs: Sequence[float], level: float = 0.95) -> str:
    """Return "mean [low, high]" of the paired difference, by Student's t on the seeds; an interval over 0 decides nothing.

    Marked ``+`` or ``-`` where the whole interval lies above or below 0, whichever is better, and ``=`` (undecided) elsewhere.
    """
    return paired_difference(ours, theirs, level).text()
