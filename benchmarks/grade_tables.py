"""Grades from tables and texts: both views of the ordinal task, with regressors and classifiers, plain and refined.

    python benchmarks/grade_tables.py                    5 seeds
    python benchmarks/grade_tables.py --toy              a trial run on data made up

Data in the folder that SOFTLABEL_DATA names: lev.csv (lecturers, 1000 x 4, WEKA's ordinal collection; a seed draws 60% to train, 20%
to choose the round, 20% to test) and sst5_train.csv, sst5_test.csv (sentences on films, 5 grades; 4,000 drawn to train and 1,000 to
choose, the test file as it is). Of the rounds 0 to 6 the one with the best QWK on the rows that choose is taken; round 0 is the plain fit,
so a refinement may be refused. Intervals are of the paired difference to the plain fit of the same learner.
"Fitted": thresholds between grades fitted on out-of-fold predictions of the training rows, for the plain fit as well.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from cells import machine, mean_sd, run_cells
from intervals import paired_interval
from softlabel import Ordinal, Refinement, fit_thresholds
from softlabel.learners.contract import as_learner, seeded
from softlabel.learners.names import named_estimator

ROUNDS, FOLDS = 6, 5
LEARNERS = {
    "lev": (
        ("scalar", "ridge"),
        ("scalar", "extra_trees"),
        ("scalar", "hist_gradient_boosting"),
        ("distribution", "logistic"),
        ("distribution", "extra_trees"),
        ("distribution", "hist_gradient_boosting"),
    ),
    "sst5": (("scalar", "ridge"), ("distribution", "logistic")),
}


def read_parts(data: str, seed: int) -> dict[str, tuple[Any, np.ndarray]]:
    """Return rows and grades to train on, to choose by and to test."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    if data == "toy":
        X = rng.normal(size=(150, 3))
        y = np.clip(np.round(X[:, 0] + 2 + 0.3 * rng.normal(size=150)), 0, 4).astype(int)
        return _cut(X, y, rng.permutation(150), 90, 30)
    folder = Path(os.environ["SOFTLABEL_DATA"])
    if data == "lev":
        table = pd.read_csv(folder / "lev.csv")
        X, y = table.drop(columns="label").to_numpy(float), table["label"].to_numpy()
        return _cut(X, y, rng.permutation(len(y)), 600, 200)
    train, test = (pd.read_csv(folder / f"sst5_{part}.csv") for part in ("train", "test"))
    drawn = train.iloc[rng.permutation(len(train))[:5000]]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2).fit(drawn["text"][:4000])
    X, X_test = words.transform(drawn["text"]), words.transform(test["text"])
    y = drawn["label"].to_numpy()
    return {
        "train": (X[:4000], y[:4000]), "choose": (X[4000:], y[4000:]), "test": (X_test, test["label"].to_numpy())
    }  # fmt: skip


def _cut(X: Any, y: np.ndarray, order: np.ndarray, n_train: int, n_choose: int) -> dict[str, tuple[Any, np.ndarray]]:
    edges = np.split(order, [n_train, n_train + n_choose])
    return {name: (X[rows], y[rows]) for name, rows in zip(("train", "choose", "test"), edges, strict=True)}


def compute(data: str, view: str, learner: str, seed: int) -> dict[str, Any]:
    """Refine; return the scores of a final fit after each round on the rows that choose and on the test rows."""
    parts = read_parts(data, seed)
    X, y = parts["train"]
    task = Ordinal.from_labels(y, view=view, grades=range(5))
    made = as_learner(named_estimator(learner, kind=task.kind, sparse=data == "sst5"), task.kind)

    def scored(targets: np.ndarray, oof: np.ndarray) -> dict[str, dict[str, float]]:
        model = seeded(made, seed).fit(X, targets)
        found = {part: _scores(task, model, *parts[part]) for part in ("choose", "test")}
        if view == "scalar":
            fitted = task.with_thresholds(fit_thresholds(oof, y, len(task.classes), start=task.thresholds))
            found |= {f"{part}, fitted": _scores(fitted, model, *parts[part]) for part in ("choose", "test")}
        return found

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of rare grades
        refinement = Refinement(y, n_rounds=ROUNDS, cv=FOLDS, task=task, random_state=seed)
    rounds: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        given, oof = refinement.targets, np.zeros((len(y), task.n_columns))
        for fold in refinement.folds():
            model = seeded(made, fold.seed).fit(X[fold.train], fold.targets)
            oof[fold.held_out] = model.predict_targets(X[fold.held_out])
            fold.tell(oof[fold.held_out])
        if not rounds:
            rounds.append(scored(given, oof))  # the plain fit: its thresholds are those of models of the given labels
        rounds.append(scored(refinement.targets, oof))
    return {"rounds": rounds}


def _scores(task: Any, model: Any, X: Any, y: np.ndarray) -> dict[str, float]:
    answers = task.check_predictions(model.predict_targets(X), len(y), "the learner")
    found: dict[str, float] = task.scores(task.codes(y), answers)
    return found


def report(rows: list[dict[str, Any]]) -> str:
    """Return one table: plain, after the chosen round, and after three rounds, for each learner."""
    lines = [
        f"{machine()}; mean +- sd over seeds, [95% interval of the paired difference to plain]",
        "",
        "| data | view | learner | targets | QWK | MAE | accuracy | QWK less plain's | rounds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    names = ("data", "view", "learner")
    for key in dict.fromkeys(tuple(row["cell"][name] for name in names) for row in rows):
        runs = [row["rounds"] for row in rows if tuple(row["cell"][name] for name in names) == key]
        for thresholds in ("", ", fitted") if key[1] == "scalar" else ("",):
            lines += _lines(key, runs, thresholds)
    return "\n".join(lines)


def _lines(key: tuple[str, ...], runs: list[list[dict[str, Any]]], thresholds: str) -> list[str]:
    """Return the lines of one learner: plain, after the chosen round, after three rounds."""
    best = [int(np.argmax([entry[f"choose{thresholds}"]["qwk"] for entry in run])) for run in runs]
    plain = [run[0][f"test{thresholds}"] for run in runs]
    lines = []
    for what, rounds in (("plain", [0] * len(runs)), ("SLR, chosen round", best), ("SLR, 3 rounds", [3] * len(runs))):
        found = [run[r][f"test{thresholds}"] for run, r in zip(runs, rounds, strict=True)]
        gap = paired_interval([one["qwk"] for one in found], [one["qwk"] for one in plain])
        scores = " | ".join(mean_sd(one[score] for one in found) for score in ("qwk", "mae", "accuracy"))
        shown = ("", "") if what == "plain" else (gap, ", ".join(map(str, rounds)))
        lines.append(f"| {' | '.join(key)} | {what}{thresholds} | {scores} | {shown[0]} | {shown[1]} |")
    return lines


def main() -> None:
    """Measure what was not measured yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "grade_tables.jsonl")
    parser.add_argument("--toy", action="store_true")
    chosen = parser.parse_args()
    learners = {"toy": LEARNERS["lev"]} if chosen.toy else LEARNERS
    cells = [
        {"data": data, "view": view, "learner": learner, "seed": seed}
        for data, several in learners.items()
        for view, learner in several
        for seed in range(1 if chosen.toy else chosen.seeds)
    ]
    print(report(run_cells(chosen.out, cells, compute)))


if __name__ == "__main__":
    main()
