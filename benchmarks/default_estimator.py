"""Which estimator should be the default? Each candidate refines each data set; accuracy, recovery and time decide.

    SOFTLABEL_DATA=... python benchmarks/default_estimator.py [--out results/default_estimator.jsonl]

At most 1200 training rows, 30% symmetric noise or none, 4 rounds of 5 folds, 2 seeds. Cells are resumable.
"""

from __future__ import annotations

import argparse
import itertools
import time
import warnings
from pathlib import Path

import numpy as np

from cells import machine, mean_sd, run_cells
from data_sets import BUILT_IN, FILES, problem
from softlabel import StochasticLabelRefinery, label_recovery
from softlabel.learners.names import named_estimator

CANDIDATES = {
    "extra_trees": ("extra_trees", {}),
    "extra_trees, leaves of 3": ("extra_trees", {"min_samples_leaf": 3}),
    "random_forest": ("random_forest", {}),
    "knn, 15 neighbours": ("knn", {"n_neighbors": 15, "weights": "distance"}),
    "softmax": ("softmax", {}),
    "logistic": ("logistic", {}),
    "mlp, 60 epochs": ("mlp", {"max_iter": 60}),
    "hist_gradient_boosting, 30 trees": ("hist_gradient_boosting", {"max_iter": 30}),
}
NOISE = ("none", "symmetric:0.3")


def compute(candidate: str, data: str, noise: str, seed: int) -> dict[str, float | None]:
    """Fit one candidate plain and refined."""
    name, settings = CANDIDATES[candidate]
    task = problem(data, noise, seed, at_most=1200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        plain = StochasticLabelRefinery(named_estimator(name, settings), n_rounds=0, random_state=seed).fit(
            task.X, task.given
        )
        plain_seconds = time.perf_counter() - start
        refined = StochasticLabelRefinery(
            named_estimator(name, settings), n_rounds=4, final_targets="refined", random_state=seed
        ).fit(task.X, task.given)
    recovery = label_recovery(task.given, task.true, refined.transduction_)
    suggested = label_recovery(task.given, task.true, refined.suggested_labels_)
    return {
        "plain": plain.score(task.X_test, task.y_test),
        "refined": refined.score(task.X_test, task.y_test),
        "plain_seconds": plain_seconds,
        "right_labels": float(np.mean(refined.transduction_ == task.true)),
        "suggested_right": float(np.mean(refined.suggested_labels_ == task.true)),
        "spoiled": recovery.share_spoiled,
        "suggested_f1": suggested.f1,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/default_estimator.jsonl"))
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    cells = [
        {"candidate": candidate, "data": data, "noise": noise, "seed": seed}
        for seed, candidate, data, noise in itertools.product(
            range(arguments.seeds), CANDIDATES, BUILT_IN + FILES, NOISE
        )
    ]
    rows = run_cells(arguments.out, cells, compute)
    print(machine())
    print(
        "| candidate | noise | plain | after 4 rounds | suggested label right | spoiled | s a fit | n |\n|---|---|---|---|---|---|---|---|"
    )
    for candidate, noise in itertools.product(CANDIDATES, NOISE):
        chosen = [row for row in rows if row["cell"]["candidate"] == candidate and row["cell"]["noise"] == noise]
        columns = [mean_sd(row[key] for row in chosen) for key in ("plain", "refined", "suggested_right", "spoiled")]
        print(
            f"| {candidate} | {noise} | {' | '.join(columns)} | {np.mean([r['plain_seconds'] for r in chosen]):.2f} | {len(chosen)} |"
        )


if __name__ == "__main__":
    main()
