"""The run directory as the store of units that the methods ask for, with the clock and the watcher beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from softlabel.errors import SoftlabelError
from softlabel.learners.nested import nested_estimators
from softlabel.learners.stored_networks import attach, detach
from softlabel.methods.units import Unit, UnitResult
from softlabel.run.estimators import place_networks
from softlabel.run.progress import Progress
from softlabel.store.evidence_files import EvidenceFiles
from softlabel.store.round_files import RoundFiles, StoredModel
from softlabel.store.run_store import RunStore

_HELD_OUT = "held_out"


class TimeLimitReached(SoftlabelError):
    """The run stopped at its time limit; what was computed is stored, and the same command goes on."""


class StoredUnits:
    """Keeps each unit in the run directory as soon as it is whole.

    Parameters
    ----------
    store : RunStore or EvidenceFiles
        Where units go.
    progress : Progress
        Told of each new fit.
    time_limit : float or None
        Seconds from the start after which the next finished unit, once stored, ends the run.
    learners : sequence of learners
        The members, unfitted: models that are kept may be of their classes.
    started : float or None
        When the run started, by ``time.monotonic``; now by default.
    """

    def __init__(
        self,
        store: RunStore | EvidenceFiles,
        progress: Progress,
        time_limit: float | None = None,
        learners: Sequence[Any] = (),
        started: float | None = None,
    ) -> None:
        self._store, self._progress, self._learners = store, progress, learners
        self._limit = time_limit
        self._started = time.monotonic() if started is None else started

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

    def model(self, unit: Unit) -> Any:
        """Return the fitted learner of a unit as it was stored, also to the process that stored it; None where it is not kept."""
        return kept_model(self._store, unit, self._learners)

    def forget(self, round: int) -> None:
        """Remove the fitted learners of a round."""
        self._store.remove_models(round)

    def put(self, unit: Unit, result: UnitResult) -> None:
        """Store a unit, whole or not at all; times go to timing.jsonl, so that the unit's bytes do not depend on them."""
        info: dict[str, Any] = {
            "loss_history": list(result.loss_history),
            "warnings": [list(warning) for warning in result.warnings],
        }
        if result.history:  # of learners that train by epochs
            info["history"] = [dict(row) for row in result.history]
        arrays = {_HELD_OUT: result.held_out, **result.watched}
        self._store.put_unit(*unit, arrays, info, None if result.model is None else without_device(result.model))
        self._store.append_timing({**unit._asdict(), "seconds": result.seconds})
        # Evidence is of no round.
        told = unit._replace(round=0) if isinstance(self._store, EvidenceFiles) else unit
        self._progress.fitted(told, result.seconds)
        if self._limit is not None and time.monotonic() - self._started > self._limit:
            raise TimeLimitReached(
                f"the time limit of {self._limit:g} s is reached; the same command goes on from here"
            )


def kept_model(files: RoundFiles, unit: Unit, learners: Sequence[Any], *, trust: Sequence[str] = ()) -> Any:
    """Return the fitted learner of a unit with its networks built again; None where it is not kept.

    ``learners`` are unfitted: the stored one may be of their classes.
    """
    own = {f"{type(part).__module__}.{type(part).__qualname__}" for part in nested_estimators(list(learners))}
    found = files.unit_model(*unit, trust=own | set(trust))
    return None if found is None else attach([found.model], found.weights)[0]


def without_device(model: Any) -> StoredModel:
    """Return a fitted learner and the weights of its networks apart, without a word of the device that trained them."""
    (without,), weights = detach([model])
    if weights:
        place_networks([without], "auto")
    return StoredModel(without, weights)
