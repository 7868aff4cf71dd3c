"""The run directory as the store of units that the methods ask for, with the clock and the watcher beside it."""

from __future__ import annotations

import time
from typing import Any

from softlabel.errors import SoftlabelError
from softlabel.methods.cross_fit import Unit, UnitResult
from softlabel.run.progress import Progress
from softlabel.store.run_store import RunStore

_HELD_OUT = "held_out"


class TimeLimitReached(SoftlabelError):
    """The run stopped at its time limit; what was computed is stored, and the same command goes on."""


class StoredUnits:
    """Keeps each unit in the run directory as soon as it is whole.

    Parameters
    ----------
    store : RunStore
        Where units go.
    progress : Progress
        Told of each new fit.
    time_limit : float or None
        Seconds from now after which the next finished unit, once stored, ends the run.
    """

    def __init__(self, store: RunStore, progress: Progress, time_limit: float | None = None) -> None:
        self._store, self._progress = store, progress
        self._limit = time_limit
        self._started = time.monotonic()

    def get(self, unit: Unit) -> UnitResult | None:
        """Return a stored unit, or None where it has to be fitted."""
        found = self._store.get_unit(*unit)
        if found is None:
            return None
        arrays, info = dict(found[0]), found[1]
        return UnitResult(
            arrays.pop(_HELD_OUT),
            arrays,
            loss_history=tuple(info["loss_history"]),
            history=tuple(info.get("history", ())),
            warnings=tuple((category, text) for category, text in info["warnings"]),
        )

    def put(self, unit: Unit, result: UnitResult) -> None:
        """Store a unit, whole or not at all; times go to timing.jsonl, so that the unit's bytes do not depend on them."""
        info: dict[str, Any] = {
            "loss_history": list(result.loss_history),
            "warnings": [list(warning) for warning in result.warnings],
        }
        if result.history:  # of learners that train by epochs
            info["history"] = [dict(row) for row in result.history]
        self._store.put_unit(*unit, {_HELD_OUT: result.held_out, **result.watched}, info)
        self._store.append_timing({**unit._asdict(), "seconds": result.seconds})
        self._progress.fitted(unit, result.seconds)
        if self._limit is not None and time.monotonic() - self._started > self._limit:
            raise TimeLimitReached(
                f"the time limit of {self._limit:g} s is reached; the same command goes on from here"
            )
