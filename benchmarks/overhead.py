"""What softlabel costs beside the fits themselves, and what two processes save.

    python benchmarks/overhead.py [--pairs 7]

Three ratios, each the median over alternating pairs within this one process, one thread a fit:
1. StochasticLabelRefinery over a bare loop of the same fits with scikit-learn alone (at most 1.05).
2. Two jobs over one, 5 folds (bound (3 x 3 x 0.8 + 1) / (15 x 0.8 + 1) = 0.63; at most 0.70).
3. Two jobs over one, 4 folds (bound (3 x 2 x 0.75 + 1) / (12 x 0.75 + 1) = 0.55; at most 0.60).
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from cells import commit, machine
from softlabel import StochasticLabelRefinery

ROUNDS = 3


def bare_loop(X: np.ndarray, y: np.ndarray, n_trees: int, folds: int) -> ExtraTreesRegressor:
    """The same fits with scikit-learn alone: what a user would write."""
    k = int(y.max()) + 1
    targets = np.eye(k)[y]
    for r in range(ROUNDS):
        oof = np.zeros_like(targets)
        for train, held_out in StratifiedKFold(folds, shuffle=True, random_state=r).split(X, y):
            model = ExtraTreesRegressor(n_trees, max_features="sqrt", random_state=r).fit(X[train], targets[train])
            oof[held_out] = model.predict(X[held_out])
        targets = 0.75 * targets + 0.25 * oof
    return ExtraTreesRegressor(n_trees, max_features="sqrt", random_state=ROUNDS).fit(X, targets)


def refinery(X: np.ndarray, y: np.ndarray, n_trees: int, folds: int, n_jobs: int = 1) -> StochasticLabelRefinery:
    """The same by softlabel."""
    from sklearn.ensemble import ExtraTreesClassifier

    estimator = ExtraTreesClassifier(n_trees)
    settings = {"n_rounds": ROUNDS, "cv": folds, "final_targets": "refined"}
    return StochasticLabelRefinery(estimator, **settings, n_jobs=n_jobs, random_state=0).fit(X, y)


def paired(first: Callable[[], object], second: Callable[[], object], pairs: int) -> dict[str, object]:
    """Time two functions in turn, the order changing from pair to pair; return the ratios first over second."""
    first(), second()  # warm: processes started, code loaded
    ratios, seconds = [], ([], [])
    for number in range(pairs):
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            start = time.perf_counter()
            (first, second)[which]()
            seconds[which].append(time.perf_counter() - start)
        ratios.append(seconds[0][-1] / seconds[1][-1])
    return {
        "ratio": statistics.median(ratios),
        "lowest": min(ratios),
        "highest": max(ratios),
        "pairs": pairs,
        "first_seconds": statistics.median(seconds[0]),
        "second_seconds": statistics.median(seconds[1]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", choices=("overhead", "jobs"), help="measure one of the two")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/overhead.json"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    centres = 1.5 * rng.normal(size=(10, 32))
    y = rng.integers(10, size=4000)
    X = (centres[y] + rng.normal(size=(len(y), 32))).astype(np.float32)
    results = {"machine": machine(), "commit": commit()}
    if arguments.only != "jobs":
        with threadpool_limits(1):
            results["overhead"] = paired(lambda: refinery(X, y, 20, 5), lambda: bare_loop(X, y, 20, 5), arguments.pairs)
        print("overhead", results["overhead"], flush=True)
    for folds in (4, 5) if arguments.only != "overhead" else ():  # 320 trees: about 1 s on hard labels, 2 s on soft
        two, one = (partial(refinery, X, y, 320, folds, jobs) for jobs in (2, 1))
        results[f"two jobs, {folds} folds"] = paired(two, one, max(arguments.pairs, 5))
        print(f"two jobs, {folds} folds", results[f"two jobs, {folds} folds"], flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
