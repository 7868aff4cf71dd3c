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
METHODS = ("plain", "label smoothing", *(f"SLR {r}" for r in range(1, ROUNDS + 1)))
Groups = dict[tuple[str, str], list[dict[str, dict[str, float | None]]]]
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
    groups = {
        (data, noise): [row["methods"] for row in rows if (row["cell"]["data"], row["cell"]["noise"]) == (data, noise)]
        for data, noise in itertools.product(arguments.data, arguments.noise)
    }
    print_paired(groups)
    for score in SCORES:
        print_table(score, groups, {method: (method, score) for method in METHODS})
    noisy = {key: cells for key, cells in groups.items() if key[1] != "none"}
    rounds = METHODS[2:]
    print_table("wrong labels corrected, share", noisy, {method: (method, "corrected") for method in rounds})
    print_table("wrong labels found, share", noisy, {method: (method, "found") for method in rounds})
    print_table("right labels spoiled, share", groups, {method: (method, "spoiled") for method in rounds})
    print_table(
        "F1 of finding wrong labels by suggested labels", noisy, {method: (method, "suggested_f1") for method in rounds}
    )
    print_table("wrong labels corrected by suggestion, share", noisy, {m: (m, "suggested_corrected") for m in rounds})
    print_table("right labels spoiled by suggestion, share", groups, {m: (m, "suggested_spoiled") for m in rounds})


def print_paired(groups: Groups) -> None:
    """Print the mean difference to the plain fit over the cells of each noise, its standard error, and how many cells rose."""
    print(
        f"\npaired difference to plain\n\n| noise | score | {' | '.join(METHODS[1:])} |\n|{'---|' * (1 + len(METHODS))}"
    )
    for noise, score in itertools.product(dict.fromkeys(noise for _, noise in groups), SCORES):
        cells = [cell for (_, of), found in groups.items() if of == noise for cell in found]
        columns = []
        for method in METHODS[1:]:
            differences = np.array([cell[method][score] - cell["plain"][score] for cell in cells])
            error = differences.std(ddof=1) / np.sqrt(len(differences))
            columns.append(f"{differences.mean():+.3f} +- {error:.3f} ({np.sum(differences > 0)}/{len(cells)})")
        print(f"| {noise} | {score} | {' | '.join(columns)} |")


def print_table(title: str, groups: Groups, columns: dict[str, tuple[str, str]]) -> None:
    """Print one score as a Markdown table: a row a data set and noise, a column a method."""
    print(f"\n{title}\n\n| data | noise | {' | '.join(columns)} |\n|{'---|' * (2 + len(columns))}")
    for (data, noise), cells in groups.items():
        values = [mean_sd(cell[method].get(score) for cell in cells) for method, score in columns.values()]
        print(f"| {data} | {noise} | {' | '.join(values)} |")


if __name__ == "__main__":
    main()
