"""What refinement gains and costs: plain fit, label smoothing, and SLR at 1 to 6 rounds, under four kinds of noise.

    SOFTLABEL_DATA=... python benchmarks/quality.py [--estimator extra_trees] [--seeds 5] [--out FILE]

digits, letter, optdigits and nursery, at most 4,000 training rows each; 0, 20 and 40% symmetric and 20% pair noise in the training labels;
a seed decides the split, the noise and all fits. The test labels are right, and choose nothing. Cells (data, noise, seed) are stored
in a file of JSON lines and skipped when the script is started again.
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from pathlib import Path

import numpy as np

from cells import machine, mean_sd, run_cells
from data_sets import Problem, problem
from softlabel import label_recovery, smooth_uniform
from softlabel.learners.names import named_estimator
from softlabel.methods.assessment import Assessor
from softlabel.methods.final_fit import refit
from softlabel.methods.preparation import Preparation, prepare
from softlabel.methods.rounds import refinement_rounds
from softlabel.tasks import Multiclass

DATA = ("digits", "letter", "optdigits", "nursery")
NOISE = ("none", "symmetric:0.2", "symmetric:0.4", "pair:0.2")
ROUNDS = 6
SCORES = ("accuracy", "balanced_accuracy", "nll", "ece")


def final_scores(ready: Preparation, task: Problem, targets: np.ndarray) -> dict[str, float]:
    """Fit the final model on targets and score it on the test rows, whose labels are right."""
    (model,) = refit(ready.problem, ready.learners, targets, ready.settings)
    return Multiclass(np.arange(task.n_classes)).scores(task.y_test, model.predict_targets(task.X_test))


def compute(estimator: str, settings: dict[str, object], data: str, noise: str, seed: int) -> dict[str, object]:
    """Compute one cell: every method on one split with one draw of wrong labels."""
    task = problem(data, noise, seed, at_most=4000)
    methods: dict[str, dict[str, float | None]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ready = prepare(task.X, task.given, estimator=named_estimator(estimator, settings), random_state=seed)
        given = ready.problem.given
        methods["plain"] = final_scores(ready, task, given)
        methods["label smoothing"] = final_scores(ready, task, smooth_uniform(given, 0.1))
        assessor = Assessor(ready.problem.codes, given, ready.problem.guard, ready.settings)
        for done in refinement_rounds(ready.problem, ready.learners, ready.settings, n_rounds=ROUNDS):
            assessor.add(done)
            recovery = label_recovery(task.given, task.true, done.refined.argmax(axis=1))
            suggested = label_recovery(task.given, task.true, assessor.assess().suggested)
            methods[f"SLR {done.round}"] = final_scores(ready, task, done.refined) | {
                "found": recovery.recall,
                "corrected": recovery.share_corrected,
                "spoiled": recovery.share_spoiled,
                "f1": recovery.f1,
                "suggested_corrected": suggested.share_corrected,
                "suggested_spoiled": suggested.share_spoiled,
                "suggested_f1": suggested.f1,
            }
    return {"methods": methods}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--estimator", default="extra_trees")
    parser.add_argument("--data", nargs="+", default=DATA)
    parser.add_argument("--noise", nargs="+", default=NOISE)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/quality.jsonl"))
    arguments = parser.parse_args()
    settings = {"mlp": {"max_iter": 60}}.get(arguments.estimator, {})
    cells = [
        {"estimator": arguments.estimator, "settings": settings, "data": data, "noise": noise, "seed": seed}
        for seed, data, noise in itertools.product(range(arguments.seeds), arguments.data, arguments.noise)
    ]
    rows = run_cells(arguments.out, cells, compute)
    print(f"{arguments.estimator}; {machine()}; commits {', '.join(sorted({row['commit'] for row in rows}))}")
    recovery = ("found", "corrected", "spoiled", "suggested_f1")
    print(f"| data | noise | method | {' | '.join(SCORES + recovery)} |\n|{'---|' * (3 + len(SCORES + recovery))}")
    for data, noise in itertools.product(arguments.data, arguments.noise):
        chosen = [row["methods"] for row in rows if (row["cell"]["data"], row["cell"]["noise"]) == (data, noise)]
        for method in chosen[0]:
            columns = [mean_sd(cell[method].get(score) for cell in chosen) for score in SCORES + recovery]
            print(f"| {data} | {noise} | {method} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
