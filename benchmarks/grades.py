"""Grades of fundus pictures (RetinaMNIST, made from DeepDRiD): what table III of the paper compares, on a small network.

    python benchmarks/grades.py --plan                  what there is to do, and nothing done
    python benchmarks/grades.py                         5 seeds, about an hour on two cores
    python benchmarks/grades.py --toy                   a trial run on noise, a minute

Data: retinamnist.npz (CC BY 4.0, medmnist.com) in the folder that SOFTLABEL_DATA names; 1080 pictures to train, 120 to validate,
400 to test, as its authors split them. A seed is a run of its own: weights, order, folds. The test set chooses nothing: the
settings of the network were tried on the validation pictures with plain regression, and where a method has rounds the one with
the best QWK on the validation pictures is taken (the fewest of equals). Every round is listed beside it.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cells import machine, mean_sd, run_cells
from intervals import paired_interval
from softlabel import Ordinal, Refinement, TorchClassifier, TorchRegressor, fit_thresholds

NETWORK = {"network": "small_cnn", "network_options": {"width": 8}, "epochs": 12, "optimizer": "adamw", "lr": 3e-3}
ROUNDS, GENERATIONS, FOLDS, SHARE, HARDEST = 6, 4, 5, 0.5, 0.75
PEERS = ("TriangularLoss", "BetaLoss", "ExponentialLoss", "WKLoss", "CDWCELoss")
METHODS = ("plain", "swa", "ohem", "distillation", "label-refinery", "slr-scalar", "slr-distribution", "slr-emd")
CLASSIFIERS = ("slr-distribution", "slr-emd")


@dataclass(frozen=True)
class Grades:
    """Pictures and their grades in three parts."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def read_grades(toy: bool) -> Grades:
    """Return the data set, or noise of its shape."""
    if toy:
        rng = np.random.default_rng(0)
        y = [np.repeat(np.arange(5), size // 5) for size in (100, 40, 40)]
        parts = [(rng.integers(0, 255, (len(one), 28, 28, 3), dtype=np.uint8), one) for one in y]
        return Grades(*parts)
    with np.load(Path(os.environ["SOFTLABEL_DATA"]) / "retinamnist.npz") as file:
        return Grades(*((file[f"{part}_images"], file[f"{part}_labels"].ravel()) for part in ("train", "val", "test")))


class Study:
    """One seed: every method's models after each of its rounds, scored on both parts."""

    def __init__(self, data: Grades, seed: int) -> None:
        self.data, self.seed = data, seed
        X, y = data.train
        self.X, self.y = X, y.astype(np.int64)
        self.scalar = Ordinal.from_labels(self.y)
        self.distribution = Ordinal.from_labels(self.y, view="distribution")

    def model(self, kind: str, targets: np.ndarray, rows: Any = slice(None), seed: int = 0, **settings: Any) -> Any:
        """Train a network on rows of the training part; members of one round differ by ``seed``."""
        made = TorchRegressor if kind == "scalar" else TorchClassifier
        network = made(**(NETWORK | settings), device="cpu", random_state=1000 * self.seed + seed)
        return network.fit(self.X[rows], targets)

    def scored(self, model: Any, kind: str, thresholds: Any = None) -> dict[str, dict[str, float]]:
        """Score a model on validation and test pictures."""
        task = getattr(self, kind)
        task = task if thresholds is None else task.with_thresholds(thresholds)
        found = {}
        for part in ("validation", "test"):
            X, y = getattr(self.data, part)
            answers = task.check_predictions(model.predict_targets(X), len(y), "the network")
            found[part] = task.scores(task.codes(y), answers)
        return found

    def rounds_of(self, method: str) -> list[dict[str, Any]]:
        """Return the scores of a method's models, entry r after r refinements; one entry where there are no rounds."""
        y = self.scalar.encode(self.y)  # (n, 1)
        if method in ("plain", "swa", "ohem"):
            settings = {"plain": {}, "swa": {"average": "swa"}, "ohem": {"hardest": HARDEST}}[method]
            return [self.scored(self.model("scalar", y, **settings), "scalar")]
        if method == "distillation":
            teacher = self.model("scalar", y, seed=1)
            blended = (1 - SHARE) * y + SHARE * teacher.predict_targets(self.X)
            return [self.scored(self.model("scalar", blended), "scalar")]
        if method == "label-refinery":
            return self.generations(y)
        if method.startswith("slr-"):
            return self.refined("distribution" if method in CLASSIFIERS else "scalar", method)
        return [
            self.scored(
                self.model("distribution", self.distribution.encode(self.y), loss=peer_loss(method)), "distribution"
            )
        ]

    def generations(self, targets: np.ndarray) -> list[dict[str, Any]]:
        """Label Refinery's self-training on grades: each generation learns what the one before says of the same rows."""
        found = []
        for generation in range(GENERATIONS + 1):
            model = self.model("scalar", targets, seed=generation)
            found.append(self.scored(model, "scalar"))
            targets = self.scalar.check_predictions(model.predict_targets(self.X), len(self.X), "the network")
        return found

    def refined(self, kind: str, method: str) -> list[dict[str, Any]]:
        """SLR: the student of each round starts from the same weights."""
        settings = {"loss": "emd"} if method == "slr-emd" else {}
        task = getattr(self, kind)
        plain = self.model(kind, task.encode(self.y), **settings)
        found: list[dict[str, Any]] = [dict(self.scored(plain, kind))]
        refinement = Refinement(self.y, n_rounds=ROUNDS, cv=FOLDS, task=task, random_state=self.seed)
        for r in range(1, ROUNDS + 1):
            oof = np.zeros((len(self.y), task.n_columns))
            for fold in refinement.folds():
                model = self.model(kind, fold.targets, fold.train, seed=100 * r + fold.fold, **settings)
                oof[fold.held_out] = model.predict_targets(self.X[fold.held_out])
                fold.tell(oof[fold.held_out])
            student = self.model(kind, refinement.targets, **settings)
            entry: dict[str, Any] = self.scored(student, kind)
            if kind == "scalar":
                fitted = fit_thresholds(oof, self.y, len(task.classes), start=task.thresholds)
                entry["fitted"] = self.scored(student, kind, fitted)
                if r == 1:  # whose models learnt from the given labels, like the plain one
                    found[0]["fitted"] = self.scored(plain, kind, fitted)
            entry["moved"] = refinement.history[-1]["moved"]
            found.append(entry)
        return found


def peer_loss(name: str) -> Any:
    """Return a loss of dlordinal on our terms: it knows whole labels, one a row."""
    import dlordinal.losses as losses
    from torch import nn

    further = {"WKLoss": {"use_logits": True}, "CDWCELoss": {}}.get(name, {"base_loss": nn.CrossEntropyLoss()})
    peer = getattr(losses, name)(num_classes=5, **further)

    def loss(output: Any, targets: Any, weight: Any) -> Any:
        return peer(output, targets.argmax(dim=1))

    return loss


def main() -> None:
    """Measure what was not measured yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--methods", default=",".join((*METHODS, *PEERS)))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "grades.jsonl")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--toy", action="store_true")
    chosen = parser.parse_args()
    methods = chosen.methods.split(",")
    seeds = range(1 if chosen.toy else chosen.seeds)
    cells = [{"seed": seed, "method": method, "toy": chosen.toy} for seed in seeds for method in methods]
    if chosen.plan:
        per = {"label-refinery": GENERATIONS + 1, "distillation": 2}
        fits = [per.get(cell["method"], 1 + ROUNDS * (FOLDS + 1) * cell["method"].startswith("slr-")) for cell in cells]
        print(f"{len(cells)} cells, {sum(fits)} fits")
        return
    if chosen.toy:
        NETWORK["epochs"] = 1
    data = read_grades(chosen.toy)

    def compute(seed: int, method: str, toy: bool) -> dict[str, Any]:
        return {"rounds": Study(data, seed).rounds_of(method)}

    print(report(run_cells(chosen.out, cells, compute)))


def report(rows: list[dict[str, Any]]) -> str:
    """Return the tables: each method at the round that the validation part chose, and every round."""
    seeds = sorted({row["cell"]["seed"] for row in rows})
    by_cell = {(row["cell"]["method"], row["cell"]["seed"]): row["rounds"] for row in rows}
    plain = [by_cell["plain", seed][0]["test"] for seed in seeds]
    lines = [
        f"{machine()}; {len(seeds)} seeds; {json.dumps(NETWORK)}; 95% intervals of the paired difference to plain (Student's t)",
        "",
        "| method | round | QWK | MAE | macro MAE | accuracy | QWK less plain's | accuracy less plain's |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for method in dict.fromkeys(row["cell"]["method"] for row in rows):
        runs = [by_cell[method, seed] for seed in seeds]
        best = [int(np.argmax([entry["validation"]["qwk"] for entry in run])) for run in runs]
        chosen = [run[r]["test"] for run, r in zip(runs, best, strict=True)]
        lines.append(_line(method, ", ".join(map(str, best)) if len(runs[0]) > 1 else "", chosen, plain))
        if len(runs[0]) > 1:
            lines += [
                _line(f"{method}, round {r}", "", [run[r]["test"] for run in runs], plain) for r in range(len(runs[0]))
            ]
        if "fitted" in runs[0][0]:
            lines += _fitted_lines(method, [[entry["fitted"] for entry in run] for run in runs])
    return "\n".join(lines)


def _fitted_lines(method: str, runs: list[list[dict[str, Any]]]) -> list[str]:
    """Return the lines of fitted thresholds, against the plain fit with thresholds that were fitted alike."""
    plain = [run[0]["test"] for run in runs]
    best = [int(np.argmax([entry["validation"]["qwk"] for entry in run])) for run in runs]
    chosen = [run[r]["test"] for run, r in zip(runs, best, strict=True)]
    return [
        _line("plain, fitted thresholds (differences below are to it)", "", plain, None),
        _line(f"{method}, fitted thresholds", ", ".join(map(str, best)), chosen, plain),
        *(
            _line(f"{method}, fitted, round {r}", "", [run[r]["test"] for run in runs], plain)
            for r in range(1, len(runs[0]))
        ),
    ]


def _line(name: str, rounds: str, found: list[dict[str, float]], plain: list[dict[str, float]] | None) -> str:
    scores = [mean_sd(one[score] for one in found) for score in ("qwk", "mae", "macro_mae", "accuracy")]
    gaps = [
        paired_interval([one[score] for one in found], [one[score] for one in plain])
        if name != "plain" and plain is not None
        else ""
        for score in ("qwk", "accuracy")
    ]
    return f"| {name} | {rounds} | {' | '.join(scores)} | {' | '.join(gaps)} |"


if __name__ == "__main__":
    main()
