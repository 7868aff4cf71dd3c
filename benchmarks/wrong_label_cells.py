"""The cells of wrong_labels.py: what they are called, where they are stored, and those that are kept for other machines.

Cells that are computed lie in a folder, a file each, with all that was measured. ``keep`` writes what the tables need of them to one
file of JSON lines, sorted, which goes with the sources: a run on a fresh machine finds them there and computes the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from softlabel.store.atomic import writing
from wrong_label_methods import METHODS
from wrong_label_sets import learner

EDITION = 1  # raise it when a set, a learner or a measure changes
KEPT = Path(__file__).parent / "results" / "wrong_labels.jsonl"
_NAMES = ("set", "noise", "learner", "seed", "method", "rows")  # of a cell, beside its digest

Cell = dict[str, Any]
Row = dict[str, Any]  # a cell with what was measured: {"cell": {...}, "accuracy": ..., ...}


def cell_of(name: str, noise: str, learner_name: str, seed: int, method: str, rows: int) -> Cell:
    """Return a cell: all that its numbers depend on but the code."""
    return {
        "set": name,
        "noise": noise,
        "learner": learner_name,
        "seed": seed,
        "method": method,
        "rows": rows,
        "settings": {key: repr(value) for key, value in METHODS[method].settings.items()},
        "classifier": " ".join(repr(learner(learner_name)).split()),
        "edition": EDITION,
    }


def digest(cell: Cell) -> str:
    """Return 12 letters that tell a cell from all others."""
    return hashlib.sha256(json.dumps(cell, sort_keys=True).encode()).hexdigest()[:12]


def path_of(folder: Path, cell: Cell) -> Path:
    """Return where a cell is stored."""
    noise = cell["noise"].replace(":", "-")
    name = f"{cell['learner']}-{cell['seed']}-{cell['method']}-{digest(cell)}.json"
    return folder / "cells" / cell["set"] / noise / name


def stored(folder: Path, cell: Cell, kept: Mapping[str, Row] | None = None) -> Row | None:
    """Return a cell that was computed: from the folder, else from those that are kept, by digest; or None."""
    path = path_of(folder, cell)
    if path.exists():
        row: Row = json.loads(path.read_text())
        return row
    found = (kept or {}).get(digest(cell))
    return None if found is None else {"cell": cell, **{key: found[key] for key in found if key not in _NAMES}}


def read_kept(file: Path = KEPT) -> dict[str, Row]:
    """Return the cells that are kept, by digest; none if there is no such file."""
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return {row.pop("digest"): row for row in rows}


def keep(rows: Iterable[Row], file: Path = KEPT) -> int:
    """Add cells to those that are kept, in place of what was kept of them; return how many there are then."""
    kept = read_kept(file) | {digest(row["cell"]): _short(row) for row in rows}
    lines = sorted(kept.items(), key=lambda one: (*(one[1][name] for name in _NAMES), one[0]))
    with writing(file) as out:
        out.write("".join(f"{json.dumps({'digest': name, **row})}\n" for name, row in lines).encode())
    return len(kept)


def _short(row: Row) -> Row:
    """Return what is kept of a cell: its name, numbers to six digits, and choices without the evidence behind them."""
    numbers = {key: float(f"{value:.6g}") if isinstance(value, float) else value for key, value in row.items()}
    del numbers["cell"]
    return {
        **{name: row["cell"][name] for name in _NAMES},
        **numbers,
        "chosen": list(map(_short_choice, row["chosen"])),
    }


def _short_choice(said: dict[str, Any]) -> dict[str, Any]:
    choice = said.get("choice_")
    return (
        said
        if choice is None
        else said | {"choice_": {key: choice[key] for key in ("name", "n_scored", "temperature") if key in choice}}
    )
