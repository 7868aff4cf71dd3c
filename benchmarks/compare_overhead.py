"""What ``compare`` costs beside the work that it compares.

    python benchmarks/compare_overhead.py [--pairs 5]

Two ratios, in turn within this one process, one thread a fit, the median over the pairs (both aims are at most 1.05):
1. The whole call, reading, storing and drawing included, over a bare loop of the same methods on the same rows: split, fit, predict
   and score, as a user would write it.
2. The same call over the seconds inside the learners' own ``fit``: what the methods cost beside their fits counts here too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import accuracy_score
from threadpoolctl import threadpool_limits

from cells import commit, machine
from data_sets import read
from softlabel import ILS, LabelSmoothing, Plain, StochasticLabelRefinery, TemperatureScaling, compare_methods
from softlabel.methods.guard import set_apart
from softlabel.seeds import Seeds

BARE = {
    "plain": Plain,
    "temperature": TemperatureScaling,
    "smoothing": LabelSmoothing,
    "ils": ILS,
    "slr:final_targets=refined": partial(StochasticLabelRefinery, final_targets="refined"),
}


def bare_loop(X: np.ndarray, y: np.ndarray, estimator: ExtraTreesClassifier, seeds: int) -> list[float]:
    """Fit and score every method on every seed's split."""
    scores = []
    for seed in range(seeds):
        test = set_apart(0.2, y, None, Seeds(seed), "test")
        for method in BARE.values():
            with threadpool_limits(1):
                fitted = method(estimator, random_state=seed).fit(X[~test], y[~test])
                scores.append(accuracy_score(y[test], fitted.predict(X[test])))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--trees", type=int, default=300)
    asked = parser.parse_args()
    X, y = read("digits")
    estimator = ExtraTreesClassifier(asked.trees)
    bare_loop(X, y, ExtraTreesClassifier(5), 1)  # what is loaded first is nobody's cost
    over_loop, over_fits = [], []
    for _ in range(asked.pairs):
        start = time.perf_counter()
        expected = bare_loop(X, y, estimator, asked.seeds)
        bare = time.perf_counter() - start
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            results = compare_methods(
                X, y, estimator=estimator, methods=list(BARE), seeds=asked.seeds, out=Path(folder) / "out"
            )
            whole = time.perf_counter() - start
        got = [result.scores["accuracy"] for result in results.cells.values()]
        assert np.allclose(got, expected), "the two do not do the same"
        over_loop.append(whole / bare)
        over_fits.append(whole / sum(result.fit_seconds for result in results.cells.values()))
        print(
            f"bare {bare:.2f} s, compare {whole:.2f} s: {over_loop[-1]:.3f}; over the fits {over_fits[-1]:.3f}",
            flush=True,
        )
    print(f"{machine()}, {commit()}, {asked.pairs} pairs")
    for what, ratios in (("over a bare loop", over_loop), ("over the fits alone", over_fits)):
        print(f"{what}: median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")


if __name__ == "__main__":
    main()
