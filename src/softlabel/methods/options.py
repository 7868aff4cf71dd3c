"""Options of a method, each checked by itself: what may be said, and what is said of anything else."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.rounds import Momentum
from softlabel.tasks import Kind


def check_choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is none of those allowed."""
    if value not in allowed:
        raise InputError(f"{name}={value!r}; give one of {', '.join(repr(choice) for choice in allowed)}")


def check_rounds(n_rounds: Any) -> int:
    """Return the number of rounds, an integer from 0 up."""
    if isinstance(n_rounds, bool) or not isinstance(n_rounds, (int, np.integer)) or n_rounds < 0:
        raise InputError(f"n_rounds={n_rounds!r}; give a whole number, 0 (no refinement) or more; 2 to 6 are usual")
    return int(n_rounds)


def check_momentum(momentum: Any) -> Momentum:
    """Return the momentum: a number from 0 to 1, "average" or "bayes"."""
    if isinstance(momentum, str) and momentum in ("average", "bayes"):
        return momentum  # type: ignore[return-value]  # one of the two
    if isinstance(momentum, (int, float, np.number)) and not isinstance(momentum, bool) and 0 <= momentum <= 1:
        return float(momentum)
    raise InputError(
        f"momentum={momentum!r}; give a number from 0 to 1 (0.75 is the paper's n=3), 'average' or 'bayes'"
    )


def check_sharpen(sharpen: Any, kind: Kind | None = None) -> float | None:
    """Return the temperature of sharpening, or None."""
    if sharpen is None:
        return None
    if kind == "scalar":
        raise InputError(
            f"sharpen={sharpen!r} acts on probabilities, and grades as numbers have none; leave it out, or take the "
            "distribution view"
        )
    if isinstance(sharpen, (int, float, np.number)) and not isinstance(sharpen, bool) and 0 < sharpen < np.inf:
        return float(sharpen)
    raise InputError(f"sharpen={sharpen!r}; give a temperature above 0 (below 1 sharpens, 0.5 squares), or None")


def check_positive(name: str, value: Any, what: str) -> float:
    """Return a finite number above 0; ``what`` says in the message what it is, and what it does."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and 0 < value < np.inf:
        return float(value)
    raise InputError(f"{name}={value!r}; give {what}")


def check_threads(threads: Any) -> int:
    """Return the threads of a fit."""
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)) or threads < 1:
        raise InputError(f"threads={threads!r}; give the number of threads of one fit, 1 or more")
    return int(threads)
