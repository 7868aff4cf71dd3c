"""The run directory as the store of the models of generations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from softlabel.methods.epoch_rows import epoch_rows
from softlabel.methods.units import Unit
from softlabel.run.progress import Progress
from softlabel.run.units import TimeLimitReached, kept_model, without_device
from softlabel.store.round_files import RoundFiles
from softlabel.store.run_store import RunStore


class StoredModels:
    """Keeps each model in ``generations/`` as soon as it is trained: a run that was stopped goes on after it.

    Parameters
    ----------
    files : RoundFiles
        Of the generations.
    store : RunStore
        Of the run.
    progress : Progress
        Told of each new fit.
    time_limit : float or None
        Seconds from now after which the next model, once stored, ends the run.
    learners : sequence of learners
        Unfitted: models that are kept may be of their classes.
    """

    def __init__(
        self,
        files: RoundFiles,
        store: RunStore,
        progress: Progress,
        time_limit: float | None,
        learners: Sequence[Any],
    ) -> None:
        self._files, self._store, self._progress, self._learners = files, store, progress, learners
        self._limit, self._started = time_limit, time.monotonic()
        self._asked = self._started

    def get(self, generation: int, fold: int | None) -> Any:
        """Return the fitted model of a generation, or None where it has to be trained."""
        self._asked = time.monotonic()
        return kept_model(self._files, _unit(generation, fold), self._learners)

    def put(self, generation: int, fold: int | None, model: Any) -> None:
        """Store a model, whole or not at all; times go to timing.jsonl."""
        unit, seconds = _unit(generation, fold), time.monotonic() - self._asked
        history = [dict(row) for row in epoch_rows(getattr(model, "history_", None))]
        self._files.put_unit(*unit, {}, {"history": history} if history else {}, without_device(model))
        self._store.append_timing({"generation": generation, "fold": fold, "seconds": seconds})
        self._progress.fitted(unit, seconds)
        self._asked = time.monotonic()
        if self._limit is not None and time.monotonic() - self._started > self._limit:
            raise TimeLimitReached(
                f"the time limit of {self._limit:g} s is reached; the same command goes on from here"
            )


def _unit(generation: int, fold: int | None) -> Unit:
    """Return the address of a model: member 0 is trained on all rows, member 1 has one a fold (of generation 0: one a teacher)."""
    return Unit(generation, 0, 0) if fold is None else Unit(generation, 1, fold)
