"""Which strategy serves an estimator."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError
from softlabel.learners.boosting import SoftObjective
from softlabel.learners.counterpart import Regress
from softlabel.learners.expansion import Expand
from softlabel.learners.native import Native
from softlabel.learners.strategy import Strategy

# In the order in which "auto" tries them: the cheapest and most exact first.
NAMES = ("native", "objective", "regress", "expand")


def choose_strategy(estimator: Any, asked: str = "auto", min_mass: float = 0.01) -> Strategy:
    """Return the strategy for an estimator, by what the estimator can do; nothing is fitted to find out.

    Parameters
    ----------
    estimator : estimator
        Of a pipeline, its last step.
    asked : str
        "auto" for the first that works of native, objective, regress, expand; or one of these.
    min_mass : float
        For expand.

    Raises
    ------
    InputError
        If the strategy asked for does not work, or none does; the message says what is lacking for each.
    """
    strategies: dict[str, Strategy] = {
        "native": Native(asked=asked == "native"),
        "objective": SoftObjective(),
        "regress": Regress(),
        "expand": Expand(min_mass),
    }
    if asked != "auto" and asked not in strategies:
        raise InputError(f"strategy={asked!r}; give 'auto' or one of {', '.join(NAMES)}")
    lacks: dict[str, str] = {}
    for name in NAMES if asked == "auto" else (asked,):
        lack = strategies[name].lacks(estimator)
        if lack is None:
            return strategies[name]
        lacks[name] = lack
    reasons = "; ".join(f"{name}: {lack}" for name, lack in lacks.items())
    kind = type(estimator).__name__
    if asked != "auto":
        raise InputError(
            f"{kind} cannot be fitted to soft targets by strategy {reasons}; strategy='auto' tries the others"
        )
    raise InputError(f"{kind} cannot be fitted to soft targets: {reasons}")
