"""Differences of two methods over the same independent seeds, with what they allow to be said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats


def paired_interval(ours: Sequence[float], theirs: Sequence[float], level: float = 0.95) -> str:
    """Return "mean [low, high]" of the paired difference, by Student's t on the seeds; an interval over 0 decides nothing.

    Marked ``+`` or ``-`` where the whole interval lies on one side, ``=`` (undecided) elsewhere.
    """
    gap = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)  # (seeds,)
    mean = gap.mean()
    if len(gap) < 2:
        return f"{mean:+.3f}"
    half = stats.t.ppf((1 + level) / 2, len(gap) - 1) * gap.std(ddof=1) / np.sqrt(len(gap))
    mark = "+" if mean - half > 0 else "-" if mean + half < 0 else "="
    return f"{mean:+.3f} [{mean - half:+.3f}, {mean + half:+.3f}] {mark}"
