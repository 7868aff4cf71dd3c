"""Every method side by side, without and with labels made wrong on purpose: what ``softlabel compare`` says on four data sets.

    python benchmarks/side_by_side.py                        all four, 5 seeds at 0, 20 and 40%; hours on one core, resumable
    python benchmarks/side_by_side.py --sets digits --jobs 2
    python benchmarks/side_by_side.py --toy                  a trial run of two methods, a minute

digits comes with scikit-learn; letter and optdigits (2,500 rows of each, drawn once) are from the UCI repository, retina is
retinamnist.npz (medmnist.com, CC BY 4.0), its grades as distributions: the folder that SOFTLABEL_DATA names holds them. A network
learns all tables, so that every method can work: torch's multilayer perceptron with its own settings (batches of 256 rows but for
digits), and for the pictures the small network of grades.py. All methods have their own default settings,
but for SLR, which is the paper's (final_targets=refined) and has two rows for tables, of 3 and of 6 rounds. Nothing is chosen.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from cells import commit, machine
from data_sets import read
from softlabel import TorchClassifier, compare, compare_methods
from softlabel.comparison.registry import METHODS as ALL_METHODS
from softlabel.comparison.results import Results

SETS = ("digits", "letter", "optdigits", "retina")
NOISE = ["none", "symmetric:0.2", "symmetric:0.4"]
PAPER = "slr:final_targets=refined"
LONGER = "slr:n_rounds=6:final_targets=refined"
METHODS = [*(PAPER if name == "slr" else name for name in ALL_METHODS), LONGER]
AT_MOST = 2500  # rows of letter and of optdigits
PICTURES = {
    "estimator": "small_cnn",
    "set": {"network_options": {"width": 8}, "optimizer": "adamw"},
    "epochs": 12,
    "lr": 3e-3,
}


def compared(name: str, folder: Path, options: dict[str, Any]) -> Results:
    """Return the comparison on one data set; what was computed before is read."""
    if name == "retina":
        source = Path(os.environ["SOFTLABEL_DATA"]) / "retinamnist.npz"
        options["methods"] = [method for method in options["methods"] if method != LONGER]  # pictures take long
        return compare(source, folder, task="ordinal", view="distribution", **PICTURES, **options)
    X, y = read(name)
    network = TorchClassifier("mlp", batch_size=128 if name == "digits" else 256, device="cpu")
    if len(y) > AT_MOST:
        rows = np.random.default_rng(0).permutation(len(y))[:AT_MOST]
        X, y = X[rows], y[rows]
    return compare_methods(X.astype(np.float32), y, estimator=network, out=folder, **options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("runs/side_by_side"), help="where cells are kept")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--toy", action="store_true")
    asked = parser.parse_args()
    options: dict[str, Any] = {
        "methods": list(METHODS),
        "unsuited": "skip",
        "seeds": asked.seeds,
        "corrupt": NOISE,
        "jobs": asked.jobs,
    }
    if asked.toy:
        options |= {"methods": ["smoothing", "slr:n_rounds=1:final_targets=refined"], "seeds": 2, "corrupt": ["none"]}
    for name in asked.sets:
        folder = asked.folder / (f"{name}-toy" if asked.toy else name)
        results = compared(name, folder, dict(options))
        print(f"{name}: {machine()}, {commit()}")
        print(results.text(), flush=True)
        if not asked.toy:
            for kind in ("cells.csv", "table.md"):
                shutil.copyfile(folder / kind, asked.results / f"side_by_side-{name}-{kind}")


if __name__ == "__main__":
    main()
