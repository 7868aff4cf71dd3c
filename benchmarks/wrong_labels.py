"""Wrong labels: plain, label smoothing, cleanlab, SLR with the paper's settings and ``auto``, over data sets, noises and learners.

    SOFTLABEL_DATA=... python benchmarks/wrong_labels.py --first --jobs 2      tables and texts; seeds one after the other
    SOFTLABEL_DATA=... python benchmarks/wrong_labels.py --jobs 2              pictures as well
    SOFTLABEL_DATA=... python benchmarks/wrong_labels.py --others --jobs 2     sets that no aim was set on
    python benchmarks/wrong_labels.py --keel --jobs 2                          32 tables that nothing was made on
    python benchmarks/wrong_labels.py --report                                 the tables of what is there, nothing computed
    python benchmarks/wrong_labels.py --report --keep                          and write it to results/wrong_labels.jsonl
    python benchmarks/wrong_labels.py --toy                                    a trial run on wine, a minute

A cell is a set, a noise, a learner, a seed and a method. Each is stored whole when it is done (``--folder``, under its name and a
digest of all that it depends on), so a run that was killed goes on where it was, and two runs may share a folder. Those that
results/wrong_labels.jsonl holds are there too: what ``--keep`` wrote on another machine is not computed again. Cells also carry a digest
of the package's code: ``--renew auto`` computes those cells of a method again that other code computed.

A seed decides the split, which labels become wrong, and all fits. Test rows have right labels and choose nothing. wrong_label_sets.py
has the sets, noises and learners, wrong_label_methods.py the methods, wrong_label_cells.py where cells lie, wrong_label_aims.py the aims.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import itertools
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from cells import commit, machine
from softlabel.store.atomic import writing
from wrong_label_cells import Cell, Row, cell_of, keep, path_of, read_kept, stored
from wrong_label_keel import KEEL
from wrong_label_methods import METHODS, USUAL, measured
from wrong_label_sets import FIRST, LEARNERS, OTHERS, ROWS, SETS, learner, noises_of
from wrong_label_table import write_report

HERE = Path(__file__).parent
_PACKAGES = ("numpy", "scikit-learn", "lightgbm", "torch", "cleanlab")
_CODE = ("seeds.py", "targets", "metrics", "tasks", "learners", "methods")  # what a result can depend on


def cells_of(asked: argparse.Namespace) -> Iterator[Cell]:
    """Yield the cells that are asked for, seed by seed, so that a run that is stopped has whole seeds."""
    for seed, name, learner_name in itertools.product(asked.seeds, asked.sets, asked.learners):
        for noise, method in itertools.product(noises_of(name), asked.methods):
            if asked.noises is None or noise in asked.noises:
                yield cell_of(name, noise, learner_name, seed, method, asked.rows)


def compute(cell: Cell, folder: Path, code: str) -> Row:
    """Compute a cell and store it."""
    found = measured(
        *(cell[key] for key in ("set", "noise", "learner", "seed", "method")),
        rows=cell["rows"],
        folder=folder / "features",
    )
    row = {
        "cell": cell,
        **found,
        "commit": commit(),
        "code": code,
        "versions": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }
    with writing(path_of(folder, cell)) as file:
        file.write(json.dumps(row).encode())
    return row


def code_of_package() -> str:
    """Return a digest of the code behind the methods."""
    import softlabel

    root = Path(softlabel.__file__).parent
    files = [
        path for name in _CODE for path in ([root / name] if name.endswith(".py") else (root / name).rglob("*.py"))
    ]
    return digest_of({str(path.relative_to(root)): path.read_text() for path in files})


def digest_of(sources: dict[str, str]) -> str:
    """Return a digest of modules by name, without their comments and docstrings."""
    digest = hashlib.sha256()
    for name in sorted(sources):
        tree = ast.parse(sources[name])
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            first = body[0] if isinstance(body, list) and body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                first.value = ast.Constant(None)
        digest.update(f"{name}\n{ast.dump(tree)}\n".encode())
    return digest.hexdigest()[:10]


def one_thread() -> None:
    """Let whatever fits here take one thread, and import what would else be counted to the first fit."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    import torch

    torch.set_num_threads(1)
    for name in LEARNERS:
        learner(name).fit([[0.0], [1.0]] * 20, [0, 1] * 20)


def worker() -> None:
    """Make this process ready to fit, and let it end when the one that started it is killed."""
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    one_thread()


def run(
    cells: list[Cell], folder: Path, jobs: int, renew: Iterable[str] = (), kept: Mapping[str, Row] | None = None
) -> list[Cell]:
    """Compute what is missing, and return the cells that failed."""
    code, failed, start = code_of_package(), [], time.perf_counter()
    missing = [cell for cell in cells if not _is_there(stored(folder, cell, kept), code, renew)]
    print(f"{len(cells)} cells, {len(missing)} to compute; code {code}, {machine()}", flush=True)
    for number, (cell, row, error) in enumerate(_computed(missing, folder, code, jobs), start=1):
        name = f"{cell['set']} {cell['noise']} {cell['learner']} {cell['seed']} {cell['method']}"
        elapsed = time.perf_counter() - start
        if error:
            failed.append(cell)
            print(f"{name} failed\n{error}", file=sys.stderr, flush=True)
        else:
            print(
                f"{number}/{len(missing)} {name}: accuracy {row['accuracy']:.4f}, {row['seconds']:.1f} s "
                f"({elapsed / 60:.1f} min, {elapsed / 60 / number * (len(missing) - number):.0f} to go)",
                flush=True,
            )
    return failed


def _is_there(row: Row | None, code: str, renew: Iterable[str]) -> bool:
    return row is not None and not (row["cell"]["method"] in renew and row["code"] != code)


def _computed(cells: list[Cell], folder: Path, code: str, jobs: int) -> Iterator[tuple[Cell, dict[str, Any], str]]:
    """Yield each cell with its row, or with what went wrong."""
    if jobs == 1:
        one_thread()
        for cell in cells:
            yield _tried(cell, folder, code)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=worker) as pool:
        waiting = [pool.submit(_tried, cell, folder, code) for cell in cells]
        for done in as_completed(waiting):
            yield done.result()


def _tried(cell: Cell, folder: Path, code: str) -> tuple[Cell, dict[str, Any], str]:
    try:
        return cell, compute(cell, folder, code), ""
    except Exception:
        return cell, {}, traceback.format_exc(limit=-3)


def main() -> None:
    """Compute what was not computed yet, and print what it amounts to."""
    asked = arguments()
    cells = list(cells_of(asked))
    kept = read_kept()
    failed = [] if asked.report else run(cells, asked.folder, asked.jobs, asked.renew, kept)
    rows = [row for row in (stored(asked.folder, cell, kept) for cell in cells) if row is not None]
    print(f"{len(rows)} of {len(cells)} cells are there")
    if asked.keep:
        print(f"{keep(rows)} cells are kept")
    if rows:
        print(write_report(rows, asked.results))
    if failed:
        raise SystemExit(f"{len(failed)} cells failed")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--first", action="store_true", help="the first pass: tables and texts")
    options.add_argument("--others", action="store_true", help="sets on which no aim was set")
    options.add_argument("--keel", action="store_true", help="tables on which nothing was made")
    options.add_argument("--sets", nargs="+", choices=(*SETS, *OTHERS, *KEEL))
    options.add_argument("--noises", nargs="+", help="say none symmetric:0.4; all of a set unless given")
    options.add_argument("--learners", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    options.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(USUAL))
    options.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    options.add_argument("--rows", type=int, default=ROWS, help="training rows at most")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--renew", nargs="+", choices=list(METHODS), default=[])
    options.add_argument("--folder", type=Path, default=Path("runs/wrong_labels"), help="where cells are kept")
    options.add_argument("--results", type=Path, help="where tables are written; the folder unless given")
    options.add_argument("--report", action="store_true", help="compute nothing")
    options.add_argument("--keep", action="store_true", help="write what is there to results/wrong_labels.jsonl")
    options.add_argument("--toy", action="store_true", help="a trial run on wine")
    asked = options.parse_args()
    if asked.toy:
        asked.sets, asked.seeds, asked.folder = ["wine"], asked.seeds[:2], asked.folder / "toy"
        asked.noises = asked.noises or ["none", "symmetric:0.4", "instance:0.3"]
    usual = FIRST if asked.first else OTHERS if asked.others else KEEL if asked.keel else SETS
    asked.sets = asked.sets or list(usual)
    asked.results = asked.results or asked.folder
    return asked


if __name__ == "__main__":
    main()
