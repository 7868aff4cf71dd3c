"""Experiments as cells: each is computed once, written down at once, and skipped when a script is started again."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np


def run_cells(
    file: Path, cells: Iterable[dict[str, Any]], compute: Callable[..., dict[str, Any]]
) -> list[dict[str, Any]]:
    """Compute the cells that ``file`` (JSON lines) does not hold yet; return all asked for, in order."""
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {json.dumps(row["cell"], sort_keys=True): row for row in read_rows(file)}
    cells = list(cells)
    for number, cell in enumerate(cells, start=1):
        key = json.dumps(cell, sort_keys=True)
        if key in done:
            continue
        start = time.perf_counter()
        row = {"cell": cell, **compute(**cell), "seconds": time.perf_counter() - start, "commit": commit()}
        with file.open("a") as lines:
            lines.write(json.dumps(row) + "\n")
        done[key] = row
        print(f"{number}/{len(cells)} {cell}: {row['seconds']:.1f} s", flush=True)
    return [done[json.dumps(cell, sort_keys=True)] for cell in cells]


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines; none if there is no such file."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def commit() -> str:
    """Return the short name of the commit that is checked out, with + where files differ from it."""
    here = Path(__file__).parent
    name = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True
    ).stdout.strip()
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "../src"], cwd=here).returncode != 0
    return f"{name or 'uncommitted'}{'+' if changed else ''}"


def machine() -> str:
    """Return what this was measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, NumPy {np.__version__}"


def mean_sd(values: Iterable[float], digits: int = 3) -> str:
    """Return "mean +- sd" of independent runs (sd with n - 1)."""
    numbers = np.array([value for value in values if value is not None], dtype=float)
    if not len(numbers):
        return "-"
    spread = numbers.std(ddof=1) if len(numbers) > 1 else 0.0
    return f"{numbers.mean():.{digits}f} +- {spread:.{digits}f}"
