"""What a comparison leaves for people and programs: tables, figures, and the file they are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softlabel.comparison.cells import Cell
from softlabel.comparison.dot_chart import draw_table, has_differences
from softlabel.comparison.loss_curves import draw_losses, has_losses
from softlabel.comparison.results import Results
from softlabel.comparison.round_curves import draw_rounds, has_rounds
from softlabel.comparison.stored_results import store_results
from softlabel.store.atomic import write_text
from softlabel.store.comparison_store import file_name

if TYPE_CHECKING:
    import pandas as pd

_IN_NAMES = re.compile(r"[A-Za-z0-9_.=-]{1,60}")


def write_results(results: Results, folder: str | Path) -> list[Path]:
    """Write tables and figures into a folder; return what was written. See ``write_tables`` and ``write_figures``."""
    return write_tables(results, folder) + write_figures(results, folder)


def write_tables(results: Results, folder: str | Path) -> list[Path]:
    """Write the results as tables, each file whole or not at all.

    - ``table.md``: what ``results.text()`` says, as Markdown, and what it was measured on;
    - ``table.csv``: ``results.table()``, a row for each corruption and method;
    - ``cells.csv``: a row for each corruption, method and seed, with every number, or why it failed;
    - ``results.json``: everything but the times, equal for equal comparisons; ``times.json``: the times of its cells.

    Returns
    -------
    list of Path

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    place = Path(folder)
    write_text(place / "table.md", markdown_page(results))
    write_text(place / "table.csv", _csv(results.table()))
    write_text(place / "cells.csv", _csv(cells_table(results)))
    return [place / name for name in ("table.md", "table.csv", "cells.csv")] + store_results(results, place)


def write_figures(results: Results, folder: str | Path) -> list[Path]:
    """Draw what there is to draw, as .png and .svg.

    - ``table``: the differences to the baseline with their intervals, once there are two methods;
    - ``losses-CORRUPTION``: losses by epoch, where a learner tells of them;
    - ``rounds``: the score by rounds, where a method was asked for with several numbers of them.

    Returns
    -------
    list of Path

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    place, drawn = Path(folder), list[Path]()
    if has_differences(results):
        drawn += draw_table(results, place / "table")
    for corruption in results.corruptions:
        if has_losses(results, corruption):
            drawn += draw_losses(results, place / f"losses-{_slug(corruption)}", corruption=corruption)
    if has_rounds(results):
        drawn += draw_rounds(results, place / "rounds")
    return drawn


def _slug(corruption: str) -> str:
    """Return a corruption as part of a file's name; a digest tells apart names of columns that differ in other signs only."""
    plain = corruption.replace(":", "-")
    return plain if _IN_NAMES.fullmatch(plain) else file_name(corruption)


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")


def cells_table(results: Results) -> pd.DataFrame:
    """Return one row for each cell, in the order of corruptions, methods and seeds.

    Columns: ``corruption``, ``method``, ``seed``, ``state`` (done or failed; what was not tried has no row), every number of the cells
    by its name, ``chosen`` (JSON, where anything was), ``n_warnings``, and the ``reason`` of what failed.
    """
    import pandas as pd

    rows = []
    for corruption in results.corruptions:
        for method in results.methods:
            for seed in results.seeds:
                rows += _cell_row(results, Cell(corruption, seed, method))
    order = ["corruption", "method", "seed", "state", *results.names, "chosen", "n_warnings", "reason"]
    return pd.DataFrame(rows, columns=order)


def markdown_page(results: Results) -> str:
    """Return the tables with what they were measured on."""
    about = {name: value for name, value in results.about.items() if value is not None}
    lines = [f"- {name.replace('_', ' ')}: {_in_words(value)}" for name, value in about.items()]
    lines += [f"- intervals: {100 * results.level:.3g}%, n = {len(results.seeds)} seeds"]
    return "\n".join(["# Comparison", "", *lines, "", results.markdown()])


def _cell_row(results: Results, cell: Cell) -> list[dict[str, Any]]:
    where = {"corruption": cell.corruption, "method": cell.method, "seed": cell.seed}
    if cell in results.cells:
        found = results.cells[cell]
        beside = {
            "chosen": json.dumps(found.chosen, default=str) if found.chosen else None,
            "n_warnings": len(found.warnings),
        }
        return [{**where, "state": "done", **found.numbers(), **beside}]
    if cell in results.failures:
        return [{**where, "state": "failed", "reason": results.failures[cell]}]
    return []


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return str(value)
