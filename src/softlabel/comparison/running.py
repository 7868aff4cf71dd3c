"""The loop over the cells: those that are stored are read, the others computed, each kept as soon as it is whole."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from softlabel.comparison.cell_work import Experiment, compute_cell
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.progress import Progress, Silent
from softlabel.errors import DamagedRunError, SoftlabelError
from softlabel.execution.executor import Executor, Failure, Resources
from softlabel.run.units import TimeLimitReached
from softlabel.store.comparison_store import ComparisonStore

# A cell knows rows by their number among its training rows, which is no row that anybody knows; and corruption empties rows too.
_OF_ROWS = re.compile(r"rows have (no|every) label \(first row")


class CellStore(Protocol):
    """Where finished cells are kept."""

    def get(self, cell: Cell) -> CellResult | None: ...

    def put(self, cell: Cell, result: CellResult) -> None: ...


class Memory:
    """Keeps nothing beyond the call."""

    def get(self, cell: Cell) -> CellResult | None:
        return None

    def put(self, cell: Cell, result: CellResult) -> None:
        pass


class StoredCells:
    """Keeps each cell in a comparison directory. One that is damaged is told of, and computed anew like one that is missing."""

    def __init__(self, store: ComparisonStore, progress: Progress | None = None) -> None:
        self._store, self._progress = store, progress or Silent()

    def get(self, cell: Cell) -> CellResult | None:
        try:
            found = self._store.get_cell(cell.corruption, cell.seed, cell.method)
        except DamagedRunError:
            path = self._store.paths.cell(cell.corruption, cell.seed, cell.method)
            self._progress.stage(f"{path} is damaged, or was changed by hand: it is computed anew")
            return None
        return None if found is None else CellResult.from_record(*found)

    def put(self, cell: Cell, result: CellResult) -> None:
        self._store.put_cell(cell.corruption, cell.seed, cell.method, result.record(), result.times())


def all_cells(methods: Sequence[str], corruptions: Sequence[str], seeds: Sequence[int]) -> list[Cell]:
    """Return all cells; those of one seed together, so that the first seeds already make a table."""
    return [Cell(corruption, seed, method) for seed in seeds for corruption in corruptions for method in methods]


def stored_cells(cells: Sequence[Cell], kept: CellStore, *, curves: bool = False) -> dict[Cell, CellResult]:
    """Return the results of cells that were computed before.

    Where losses of rows to watch are asked for (``curves``), a network's cell that was computed without them is none of these: it is
    computed again, to the same scores.
    """
    found = ((cell, kept.get(cell)) for cell in cells)
    return {
        cell: result
        for cell, result in found
        if result is not None and not (curves and result.epochs and not result.watched)
    }


def run_cells(
    cells: Sequence[Cell],
    experiment: Experiment,
    kept: CellStore,
    executor: Executor,
    progress: Progress,
    time_limit: float | None = None,
) -> tuple[dict[Cell, CellResult], dict[Cell, str]]:
    """Compute cells; one that fails is told of, and the others go on.

    Returns
    -------
    results, failures : dict
        By cell, in the order of ``cells``.

    Raises
    ------
    TimeLimitReached
        After ``time_limit`` seconds, once the cell that was then finished is stored.
    """
    started = time.monotonic()
    results, failures = dict[Cell, CellResult](), dict[Cell, str]()
    work = partial(compute_cell, experiment=experiment)
    for cell, outcome in executor.run(work, cells, resources=Resources(experiment.threads)) if cells else ():
        if isinstance(outcome, Failure):
            failures[cell] = _told(outcome)
            progress.failed(cell, failures[cell])
        else:
            told = ((category.__name__, " ".join(text.split())) for category, text in outcome.warnings)
            complaints = tuple(one for one in told if not _OF_ROWS.search(one[1]))
            results[cell] = replace(outcome.value, warnings=tuple(dict.fromkeys(complaints)))
            kept.put(cell, results[cell])
            progress.cell_done(cell, results[cell])
        late = time_limit is not None and time.monotonic() - started > time_limit
        if late and len(results) + len(failures) < len(cells):
            raise TimeLimitReached(f"the time limit of {time_limit:g} s is reached; the same command goes on from here")
    return (
        {cell: results[cell] for cell in cells if cell in results},
        {cell: failures[cell] for cell in cells if cell in failures},
    )


def _told(failure: Failure) -> str:
    """Return an error as one line."""
    text = " ".join(str(failure.error).split())
    return text if isinstance(failure.error, SoftlabelError) and text else f"{type(failure.error).__name__}: {text}"
