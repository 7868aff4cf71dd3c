"""What short, continued and full teachers cost and are worth: 5 folds and 4 rounds, in units of one plain fit.

    SOFTLABEL_DATA=... python benchmarks/teachers.py [--learners mlp ...] [--data digits ...] [--seeds 3] [--out FILE]

Each cell (learner, data, noise, seed) does all ways in turn in one process on one thread and takes the processor's time of each, so that
ratios hold on a busy machine. The time is that of the whole fit, final model included; the plain fit is done before and after, and
counts as their mean. Wrong labels are in the training rows only, and the test rows choose nothing. Cells are stored in a file of JSON
lines and skipped when the script is started again.
"""

from __future__ import annotations

import argparse
import itertools
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from cells import machine, mean_sd, run_cells
from data_sets import problem
from softlabel import StochasticLabelRefinery
from softlabel.learners.names import named_estimator
from softlabel.tasks import Multiclass

LEARNERS: dict[str, tuple[str, dict[str, Any]]] = {
    "mlp": ("torch_mlp", {"epochs": 30}),
    "hist_gradient_boosting": ("hist_gradient_boosting", {}),
    "lightgbm": ("lightgbm", {}),
}
WAYS: dict[str, dict[str, Any]] = {
    "full": {},
    "budget .3": {"teacher_budget": 0.3},
    "budget .2": {"teacher_budget": 0.2},
    "warm .3": {"teacher_budget": 0.3, "fixed_folds": True, "warm_start": True},
    "warm .2": {"teacher_budget": 0.2, "fixed_folds": True, "warm_start": True},
    "warm .1": {"teacher_budget": 0.1, "fixed_folds": True, "warm_start": True},
}
NOISE = ("none", "symmetric:0.2", "symmetric:0.4")
ROUNDS, FOLDS = 4, 5
SCORES = ("accuracy", "nll", "labels_right", "cost")


def compute(
    learner: str, data: str, noise: str, seed: int, policy: str, momentum: float, sharpen: float | None, ways: list[str]
) -> dict[str, object]:
    """Compute one cell: plain, and every way, on one split with one draw of wrong labels."""
    task = problem(data, noise, seed, at_most=4000)
    name, settings = LEARNERS[learner]
    scale = Multiclass(np.arange(task.n_classes))

    def done(n_rounds: int, options: dict[str, Any]) -> tuple[float, dict[str, float]]:
        start = time.process_time()
        fitted = StochasticLabelRefinery(
            named_estimator(name, settings),
            n_rounds=n_rounds,
            cv=FOLDS,
            momentum=momentum,
            sharpen=sharpen,
            teacher_targets=policy,
            final_targets=policy,
            random_state=seed,
            **options,
        ).fit(task.X, task.given)
        seconds = time.process_time() - start
        scores = scale.scores(task.y_test, fitted.predict_targets(task.X_test))
        right = float(np.mean(fitted.refined_targets_.argmax(axis=1) == task.true))
        return seconds, {"accuracy": scores["accuracy"], "nll": scores["nll"], "labels_right": right}

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done(0, {})  # libraries are loaded, memory is had
        before, plain = done(0, {})
        found = {way: done(ROUNDS, WAYS[way]) for way in ways}
        unit = (before + done(0, {})[0]) / 2
    methods = {"plain": plain | {"cost": 1.0}}
    methods |= {way: scores | {"cost": seconds / unit} for way, (seconds, scores) in found.items()}
    return {"methods": methods, "plain_seconds": unit}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", nargs="+", default=list(LEARNERS), choices=list(LEARNERS))
    parser.add_argument("--data", nargs="+", default=["digits"])
    parser.add_argument("--noise", nargs="+", default=NOISE)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--policy", default="refined", help="what teachers and student take of the targets")
    parser.add_argument("--momentum", type=float, default=0.75)
    parser.add_argument("--sharpen", type=float, default=None)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/teachers.jsonl"))
    arguments = parser.parse_args()
    cells = [
        {
            "learner": learner,
            "data": data,
            "noise": noise,
            "seed": seed,
            "policy": arguments.policy,
            "momentum": arguments.momentum,
            "sharpen": arguments.sharpen,
            "ways": arguments.ways,
        }
        for learner, seed, data, noise in itertools.product(
            arguments.learners, range(arguments.seeds), arguments.data, arguments.noise
        )
    ]
    rows = run_cells(arguments.out, cells, compute)
    print(
        f"{ROUNDS} rounds, {FOLDS} folds, {arguments.policy} targets, momentum {arguments.momentum:g}, "
        f"sharpened by {arguments.sharpen}; {machine()}; "
        f"commits {', '.join(sorted({row['commit'] for row in rows}))}"
    )
    for score in SCORES:
        print(f"\n{score.replace('_', ' ')}{', plain fits' if score == 'cost' else ''}\n")
        ways = ("plain", *arguments.ways)
        print(f"| learner | data | noise | {' | '.join(ways)} |\n|{'---|' * (3 + len(ways))}")
        for learner, data, noise in itertools.product(arguments.learners, arguments.data, arguments.noise):
            group = [
                row["methods"]
                for row in rows
                if (row["cell"]["learner"], row["cell"]["data"], row["cell"]["noise"]) == (learner, data, noise)
            ]
            columns = [mean_sd([cell[way][score] for cell in group]) for way in ways]
            print(f"| {learner} | {data} | {noise} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
