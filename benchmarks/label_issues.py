"""How well are wrong labels found, how well calibrated is their chance, and what does cleanlab make of the same predictions?

    SOFTLABEL_DATA=... python benchmarks/label_issues.py [--sets digits,letter] [--seeds 2] [--report]

Letter and optdigits: 3,000 rows drawn by the seed (1,200 for gradient boosting). 4 rounds of 5 folds at momentum 0.75, and at momentum 0.5
sharpened to a temperature of 0.5; the first round is common to both. Cells are resumable.
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cells import machine, read_rows, run_cells
from data_sets import read
from softlabel import Multiclass, find_label_issues
from softlabel.learners.confusion import confusion
from softlabel.methods.preparation import prepare
from softlabel.methods.rounds import refinement_rounds
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import parse_corruption

SETS = ("digits", "letter", "optdigits")
NOISES = ("none", "symmetric:0.2", "symmetric:0.4", "pair:0.2", "pair:0.4", "instance:0.3")
LEARNERS: dict[str, Callable[[], Any]] = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)),
    "extra_trees": lambda: ExtraTreesClassifier(100),
    "mlp": lambda: make_pipeline(StandardScaler(), MLPClassifier((64,), max_iter=60)),
    "boosting": lambda: HistGradientBoostingClassifier(
        max_iter=30, learning_rate=0.2, max_leaf_nodes=15, early_stopping=False
    ),
}
SCORES = ("ap", "f1", "ece", "said_wrong", "flagged")
WAYS = ("first", "refined", "sharpened", "cleanlab", "cleanlab_refined")


def compute(data: str, noise: str, learner: str, seed: int) -> dict[str, Any]:
    """Find wrong labels in one data set by ours and by cleanlab."""
    X, true = read(data)
    at_most = 1200 if learner == "boosting" else 3000
    rows = np.random.default_rng(seed).permutation(len(true))[:at_most]
    X, true, k = X[rows], true[rows], int(true.max()) + 1
    given = _noisy(X, true, noise, k, Seeds(seed))
    task, wrong = Multiclass(np.arange(k)), given != true
    found: dict[str, Any] = {"n": len(true), "wrong": float(wrong.mean())}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rounds = {
            way: np.stack(_rounds(X, given, task, LEARNERS[learner](), momentum, sharpen, seed))
            for way, momentum, sharpen in (("refined", 0.75, None), ("sharpened", 0.5, 0.5))
        }
    rounds["first"] = rounds["refined"][:1]
    for way, predictions in rounds.items():
        issues = find_label_issues(given, predictions, task=task)
        found[way] = _scores(wrong, issues.wrong_probability, issues.is_issue)
    for way, of in (("cleanlab", "first"), ("cleanlab_refined", "refined")):
        found[way] = _cleanlab(wrong, given, rounds[of].mean(axis=0))
    return found


def _noisy(X: np.ndarray, true: np.ndarray, noise: str, k: int, seeds: Seeds) -> np.ndarray:
    """Return given labels (n,): instance noise follows what a model that knows the true ones confuses."""
    if noise == "none":
        return true
    chances = confusion(X, true, k, seed=seeds.integer("corrupt", round=1))[0] if noise.startswith("instance") else None
    return parse_corruption(noise).apply(true, k, seeds.generator("corrupt"), chances)


def _rounds(
    X: np.ndarray, given: np.ndarray, task: Any, estimator: Any, momentum: float, sharpen: float | None, seed: int
) -> list[np.ndarray]:
    """Return the out-of-fold predictions of four rounds."""
    ready = prepare(
        X, given, estimator=estimator, targets=None, groups=None, sample_weight=None, guard=None, cv=5,
        momentum=momentum, sharpen=sharpen, teacher_targets="refined", tta=None, threads=1, random_state=seed, task=task, reference=None,
    )  # fmt: skip
    done = refinement_rounds(ready.problem, ready.learners, ready.settings, n_rounds=4)
    return [np.nan_to_num(one.oof) for one in done]


def _cleanlab(wrong: np.ndarray, given: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    from cleanlab.filter import find_label_issues as find
    from cleanlab.rank import get_label_quality_scores

    p = probabilities.astype(np.float64)
    p /= p.sum(axis=1, keepdims=True)
    return _scores(wrong, 1.0 - get_label_quality_scores(given, p), np.asarray(find(given, p, n_jobs=1)))


def _scores(wrong: np.ndarray, chance: np.ndarray, flagged: np.ndarray) -> dict[str, float]:
    bins = np.minimum((chance * 15).astype(int), 14)
    gap = np.abs(np.bincount(bins, weights=chance - wrong, minlength=15)).sum() / len(wrong)
    return {
        "ap": float(average_precision_score(wrong, chance)) if wrong.any() else float("nan"),
        "f1": float(f1_score(wrong, flagged, zero_division=0)),
        "ece": float(gap),
        "said_wrong": float(chance.mean() - wrong.mean()),
        "flagged": float(flagged.mean()),
    }


def report(rows: list[dict[str, Any]]) -> None:
    """Print the means by noise and by learner as Markdown."""
    groups = [("noise", noise) for noise in NOISES] + [("learner", learner) for learner in LEARNERS]
    print(f"{len(rows)} cells; {machine()}")
    for score in SCORES:
        print(f"\n| {score} | cells | {' | '.join(WAYS)} |\n|---|---|{'---|' * len(WAYS)}")
        for key, value in groups:
            chosen = [row for row in rows if row["cell"][key] == value and (key == "noise" or row["wrong"] > 0)]
            if chosen and not (score in ("ap", "f1") and value == "none"):
                means = [np.mean([abs(row[way][score]) for row in chosen]) for way in WAYS]
                print(f"| {value} | {len(chosen)} | {' | '.join(f'{mean:.3f}' for mean in means)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/label_issues.jsonl"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--noises", default=",".join(NOISES))
    parser.add_argument("--learners", default=",".join(LEARNERS))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="Only print the table of what is there.")
    arguments = parser.parse_args()
    if arguments.report:
        report(read_rows(arguments.out))
        return
    cells = [
        {"data": data, "noise": noise, "learner": learner, "seed": seed}
        for seed, learner, data, noise in itertools.product(
            range(arguments.seeds),
            arguments.learners.split(","),
            arguments.sets.split(","),
            arguments.noises.split(","),
        )
    ]
    report(run_cells(arguments.out, cells, compute))


if __name__ == "__main__":
    main()
