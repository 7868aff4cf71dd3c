"""Numbers among the settings of a learner, or of a part of it, within their bounds."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from softlabel.errors import InputError


def check_whole(owner: Any, name: str, least: int) -> None:
    """Refuse an attribute that is no whole number of at least ``least``.

    Raises
    ------
    InputError
        Naming the attribute, its value and what it may be; :func:`check_number` too.
    """
    value = getattr(owner, name)
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise InputError(f"{name}={value!r}; give a whole number, {least} or more")


def check_number(
    owner: Any,
    name: str,
    *,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> None:
    """Refuse an attribute that is no finite number within its bounds."""
    value = getattr(owner, name)
    fits = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    fits = fits and (least is None or value >= least) and (above is None or value > above)
    if not (fits and (below is None or value < below) and (most is None or value <= most)):
        bounds = [f"{least:g} or more"] if least is not None else []
        bounds += [f"above {above:g}"] if above is not None else []
        bounds += [f"below {below:g}"] if below is not None else []
        bounds += [f"{most:g} or less"] if most is not None else []
        raise InputError(f"{name}={value!r}; give a number {' and '.join(bounds)}")
