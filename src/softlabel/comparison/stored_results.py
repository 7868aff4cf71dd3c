"""Results as one JSON file from which every table and figure is made again, and the times of its cells beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.results import Results
from softlabel.errors import DamagedRunError, InputError
from softlabel.store.atomic import write_json
from softlabel.store.json_values import read_json
from softlabel.tasks import task_from_record

FORMAT_VERSION = 1
_RESULTS, _TIMES = "results.json", "times.json"
_COLUMNS = ["corruption", "seed", "method", "seconds", "fit_seconds"]
_ADVICE = "start the comparison again: its cells are kept, and this is made anew"


def store_results(results: Results, folder: str | Path) -> list[Path]:
    """Write ``results.json``, equal for equal comparisons, and ``times.json``, which is not; return both paths.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    place = Path(folder)
    times = [[*_where(cell).values(), result.seconds, result.fit_seconds] for cell, result in results.cells.items()]
    write_json(place / _RESULTS, results_record(results))
    write_json(place / _TIMES, {"columns": _COLUMNS, "rows": times})
    return [place / _RESULTS, place / _TIMES]


def read_results(folder: str | Path) -> Results:
    """Read the results that ``store_results`` wrote.

    Raises
    ------
    InputError
        If there are none in the folder.
    DamagedRunError
        If a file is no JSON, or of another format.
    """
    place = Path(folder)
    if not (place / _RESULTS).exists():
        raise InputError(f"{place} holds no {_RESULTS}; give the folder of a comparison that has been written")
    record = read_json(place / _RESULTS, advice=_ADVICE)
    if not isinstance(record, dict) or record.get("format_version") != FORMAT_VERSION:
        raise DamagedRunError(
            f"{place / _RESULTS} is not of format {FORMAT_VERSION}, which this version reads; {_ADVICE}"
        )
    times = read_json(place / _TIMES, advice=_ADVICE)["rows"] if (place / _TIMES).exists() else []
    return results_from_record(record, {Cell(c, s, m): {"seconds": a, "fit_seconds": b} for c, s, m, a, b in times})


def as_results(results: Results | str | Path) -> Results:
    """Return results as they are, or those that a folder holds."""
    return results if isinstance(results, Results) else read_results(results)


def results_record(results: Results) -> dict[str, Any]:
    """Return everything but the times as plain values."""
    return {
        "format_version": FORMAT_VERSION,
        "task": results.task.record(),
        "baseline": results.baseline,
        "level": results.level,
        "methods": list(results.methods),
        "corruptions": list(results.corruptions),
        "seeds": list(results.seeds),
        "about": dict(results.about),
        "skipped": dict(results.skipped),
        "failures": [{**_where(cell), "reason": reason} for cell, reason in results.failures.items()],
        "cells": [{**_where(cell), **result.record()} for cell, result in results.cells.items()],
    }


def results_from_record(record: Mapping[str, Any], times: Mapping[Cell, Mapping[str, float]]) -> Results:
    """Return the results that ``results_record`` and the times of the cells tell of."""
    return Results(
        cells={(cell := _cell(row)): CellResult.from_record(row, times.get(cell)) for row in record["cells"]},
        failures={_cell(row): row["reason"] for row in record["failures"]},
        skipped=record["skipped"],
        task=task_from_record(record["task"]),
        baseline=record["baseline"],
        level=record["level"],
        methods=tuple(record["methods"]),
        corruptions=tuple(record["corruptions"]),
        seeds=tuple(record["seeds"]),
        about=record["about"],
    )


def _where(cell: Cell) -> dict[str, Any]:
    return {"corruption": cell.corruption, "seed": cell.seed, "method": cell.method}


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(row["corruption"], row["seed"], row["method"])
