"""What a learner tells of its epochs, in the form in which it is stored with a unit."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np


def epoch_rows(history: Any) -> tuple[dict[str, float], ...]:
    """Return a learner's ``history_`` as rows of plain finite numbers, times aside: the form in which it is stored.

    Anything but a list of dictionaries gives no rows.
    """
    if not isinstance(history, list) or not all(isinstance(row, dict) for row in history):
        return ()
    return tuple({str(name): _plain(row[name]) for name in row if _is_stored(name, row[name])} for row in history)


def _is_stored(name: Any, value: Any) -> bool:
    # Times differ from fit to fit, and JSON has no NaN: neither would come back as it was.
    return name != "seconds" and isinstance(value, Real) and math.isfinite(value)


def _plain(value: Any) -> float:
    return value.item() if isinstance(value, np.generic) else value
