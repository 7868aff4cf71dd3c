"""The result of a comparison on stdout, as text or as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from softlabel.cli.score_tables import console
from softlabel.cli.wording import count
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.results import Results

_TABLES = ("table.csv", "cells.csv", "results.json")
_TYPE_OF_ERROR = re.compile(
    r"\b\w*(Error|Exception|Exit|Interrupt)\b"
)  # which reasons name, unless the input was wrong


def print_compared(config: CompareConfig, results: Results, *, as_json: bool) -> None:
    """Print the table of a comparison, and where its files are.

    As JSON: what was compared, and ``table``, a row for each corruption and method. The single cells are in the file results.json
    of the folder.
    """
    if as_json:
        print(json.dumps(_record(config, results)))
        return
    screen = console()
    screen.print(results.text(screen.width if screen.is_terminal else None), markup=False)
    for line in _files_lines(config.folder):
        screen.print(line, markup=False)


def failures_line(results: Results) -> str:
    """Return how many cells failed, and what becomes of them; which and why stands below the table."""
    total = len(results.cells) + len(results.failures)
    them = "it" if len(results.failures) == 1 else "them"
    failed = f"{len(results.failures)} of {count(total, 'cell')} failed"
    if not any(_TYPE_OF_ERROR.search(reason) for reason in results.failures.values()):
        one = len({cell.method for cell in results.failures}) == 1
        return (
            f"{failed}; change or leave out {'this method' if one else 'these methods'}"  # to try again brings the same
        )
    return f"{failed}; the same command tries {them} again"


def _record(config: CompareConfig, results: Results) -> dict[str, Any]:
    failures = [
        {"corruption": cell.corruption, "seed": cell.seed, "method": cell.method, "reason": reason}
        for cell, reason in results.failures.items()
    ]
    return {
        "comparison": str(config.folder),
        "main_score": results.task.main_score,
        "baseline": results.baseline,
        "level": results.level,
        "methods": list(results.methods),
        "corruptions": list(results.corruptions),
        "seeds": list(results.seeds),
        "skipped": dict(results.skipped),
        "failures": failures,
        "table": json.loads(results.table().to_json(orient="records", double_precision=15)),  # which knows missing ones
    }


def _files_lines(folder: Path) -> list[str]:
    lines = []
    if (folder / "table.md").exists():
        beside = [name for name in _TABLES if (folder / name).exists()]
        lines.append(f"table:   {folder / 'table.md'}" + (f" (beside it {', '.join(beside)})" if beside else ""))
    figures = sorted(folder.glob("*.png"))
    if figures:
        lines.append(f"figures: {', '.join(str(figure) for figure in figures)}")
    return lines
