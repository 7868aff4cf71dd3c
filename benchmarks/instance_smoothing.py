"""The synthetic study of instance-based label smoothing: none, LS, ILS1, ILS2, ILS and Bayes' rule on Gaussians of known posterior.

    python benchmarks/instance_smoothing.py                      20 data sets, some minutes
    python benchmarks/instance_smoothing.py --sets 100 --device cuda
    python benchmarks/instance_smoothing.py --toy                one small set, to try it

Of Maher and Kull (ICMLA 2021): 3 classes, each two Gaussians, of which one is dense (80% of the rows) and one sparse; 50 + 50 rows a
class to train and to validate on; an MLP of 5 hidden layers of 64; the grids of the four methods in full, one point chosen a method and
data set by the validation loss. Ours, for the paper is silent: the plane; the dense centres on a circle, the sparse Gaussian of each
class, broader, around the centre of the next, so that Bayes' rule is right as often as reported; 5,000 test rows *a class* (with 5,000
in all Bayes' rule has twice the reported calibration errors); Adam, all rows in each step; all networks of a set have the same first
weights, so that what is chosen is a setting and no lucky start. The plain network is the teacher, temperature-scaled on the validation
rows. When to stop is not said either, and decides much, so there are two studies: ``best`` keeps the weights of the epoch with the least
validation loss, as the authors' code does, ``last`` those of the last of 100 epochs, when the networks are too sure of themselves.

All networks that learn from one teacher, 180 a set, train in one batch (``stacked_networks.py``). The cell is a set and study.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cells import machine, mean_sd, run_cells
from intervals import paired_interval
from softlabel import sharpen, smooth_uniform
from softlabel.metrics.calibration import classwise_ece, ece
from softlabel.metrics.scores import accuracy, nll
from softlabel.metrics.temperature import fit_temperature
from softlabel.targets.distance import total_variation
from softlabel.targets.encode import one_hot
from softlabel.targets.smoothing_amounts import quadratic_amounts
from softlabel.targets.smoothing_spread import spread_by_similarity, spread_evenly
from stacked_networks import StackedMLP, train_stack

RADIUS, SPREADS, DENSE = 1.5, (0.5, 0.82), 0.8  # ours; DENSE is the paper's
TRAIN, VALIDATION, TEST = 50, 50, 5000  # rows a class
SIZES, LR = (2, 64, 64, 64, 64, 64, 3), 0.003
EPOCHS = {"best": 150, "last": 100}  # after 100 the plain network is as often right as reported
EPS, TEMPERATURES = (0.01, 0.05, 0.1, 0.15, 0.2), (1, 2, 4, 8, 16)
SHIFTS, SLOPES = (0.975, 0.95, 0.925, 0.9, 0.85), (0.75, 1.0, 1.25, 1.5, 2.0)
DEFAULTS = {  # of the classes of this package
    "LS": {"eps": 0.1},
    "ILS1": {"shift": 0.925, "slope": 1.25},
    "ILS2": {"eps": 0.1, "temperature": 4},
    "ILS": {"shift": 0.925, "slope": 1.25, "temperature": 4},
}
REPORTED = {  # accuracy, ECE, classwise ECE
    "none": (0.7845, 0.0426, 0.0668),
    "LS": (0.7944, 0.0293, 0.0723),
    "ILS1": (0.8018, 0.0235, 0.0495),
    "ILS2": (0.7956, 0.0287, 0.0496),
    "ILS": (0.8013, 0.0269, 0.0449),
    "Bayes": (0.8198, 0.0067, 0.0234),
}


def draw(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points (3 rows, 2) float32 and their classes (3 rows,), as many of each."""
    y = np.repeat(np.arange(3), rows)
    sparse = (rng.random(len(y)) >= DENSE).astype(int)  # (n,)
    spread = np.asarray(SPREADS)[sparse][:, None]
    return (_centres()[y, sparse] + spread * rng.standard_normal((len(y), 2))).astype(np.float32), y


def posterior(X: np.ndarray) -> np.ndarray:
    """Return the true probability (n, 3) of each class; all are as frequent."""
    distance = ((X[:, None, None, :].astype(np.float64) - _centres()) ** 2).sum(axis=3)  # (n, 3, 2)
    variance, share = np.square(SPREADS), np.array([DENSE, 1 - DENSE])
    density = (share / variance * np.exp(-0.5 * distance / variance)).sum(axis=2)  # (n, 3)
    return density / density.sum(axis=1, keepdims=True)


def _centres() -> np.ndarray:
    angles = 2 * np.pi * np.arange(3) / 3
    dense = RADIUS * np.c_[np.cos(angles), np.sin(angles)]  # (3, 2)
    return np.stack([dense, np.roll(dense, -1, axis=0)], axis=1)  # (3, 2, 2): class, dense or sparse, coordinate


def settings() -> list[tuple[str, dict[str, float]]]:
    """Return every point of every grid: 5 of LS, 25 of ILS1, 25 of ILS2, 125 of ILS."""
    return [
        *(("LS", {"eps": e}) for e in EPS),
        *(("ILS1", {"shift": p, "slope": s}) for p, s in product(SHIFTS, SLOPES)),
        *(("ILS2", {"eps": e, "temperature": t}) for e, t in product(EPS, TEMPERATURES)),
        *(("ILS", {"shift": p, "slope": s, "temperature": t}) for p, s, t in product(SHIFTS, SLOPES, TEMPERATURES)),
    ]


def smoothed(
    method: str, point: dict[str, float], codes: np.ndarray, said: np.ndarray, scaled: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the targets (n, k) of one setting and the share of rows whose amount was cut.

    ``said`` (n, k) are the teacher's probabilities, ``scaled`` the same at its fitted temperature.
    """
    k = said.shape[1]
    if method == "LS":
        return smooth_uniform(one_hot(codes, k), point["eps"]), 0.0
    eps, cut = np.full(len(codes), point.get("eps", 0.0)), 0.0
    if "slope" in point:
        eps, cut = quadratic_amounts(scaled[np.arange(len(codes)), codes], point["shift"], point["slope"], k)
    if "temperature" not in point:
        return spread_evenly(codes, eps, k), cut
    return spread_by_similarity(codes, eps, sharpen(said, point["temperature"])), cut


def compute(
    set: int, keep: str = "best", epochs: int | None = None, rows: int = TEST, device: str = "cpu"
) -> dict[str, Any]:
    """Draw one data set, train the teacher, then all others in one batch; return the scores of those chosen."""
    rngs = [np.random.default_rng((set, part)) for part in range(3)]
    (X, y), (X_v, y_v), (X_t, y_t) = (draw(n, rng) for n, rng in zip((TRAIN, VALIDATION, rows), rngs, strict=True))

    def fitted(targets: np.ndarray) -> Any:
        networks = StackedMLP(SIZES, [set] * len(targets)).to(device)
        arrays = [torch.as_tensor(array, device=device) for array in (X, targets, X_v, y_v)]
        return train_stack(networks, *arrays, epochs=epochs or EPOCHS[keep], lr=LR, keep_best=keep == "best")

    def answers(stack: Any, X: np.ndarray) -> np.ndarray:
        with torch.no_grad():  # (g, n, k) float64
            logits = stack.networks(torch.as_tensor(X, device=device))
            return torch.softmax(logits.double(), dim=2).cpu().numpy()

    teacher = fitted(one_hot(y, 3)[None])
    temperature = fit_temperature(answers(teacher, X_v)[0], y_v)
    said = answers(teacher, X)[0]  # (n, k)
    points = settings()
    made = [smoothed(method, point, y, said, sharpen(said, temperature)) for method, point in points]
    students = fitted(np.stack([targets for targets, _ in made]))
    losses = students.loss.cpu().numpy()  # (g,)
    methods = np.array([method for method, _ in points])
    truth = posterior(X_t)
    plain = answers(teacher, X_t)[0]
    rows_of = {"none": plain, "none, temperature": sharpen(plain, temperature), "Bayes": truth}
    chosen: dict[str, Any] = {}
    for name in DEFAULTS:
        best = int(np.flatnonzero(methods == name)[losses[methods == name].argmin()])
        chosen[name] = {**points[best][1], "share_clamped": made[best][1], "epoch": int(students.epoch[best])}
        for label, at in ((name, best), (f"{name}, defaults", points.index((name, DEFAULTS[name])))):
            rows_of[label] = answers(_single(students, at), X_t)[0]
    return {
        "scores": {name: _scores(y_t, p, truth) for name, p in rows_of.items()},
        "chosen": chosen,
        "teacher": {"temperature": temperature, "epoch": int(teacher.epoch[0]), "in_sample": accuracy(y, said)},
    }


def _single(stack: Any, network: int) -> Any:
    """Return a stack of one of the networks: the others need not answer for the test rows."""
    one = StackedMLP(SIZES, [0]).to(stack.loss.device)
    with torch.no_grad():
        for own, all_of_them in zip(one.parameters(), stack.networks.parameters(), strict=True):
            own.copy_(all_of_them[network : network + 1])
    return type(stack)(one, stack.loss[network : network + 1], stack.epoch[network : network + 1])


def _scores(codes: np.ndarray, p: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    return {
        "accuracy": accuracy(codes, p),
        "ece": ece(codes, p),
        "classwise_ece": classwise_ece(codes, p),
        "nll": nll(codes, p),
        "distance": float(total_variation(p, truth).mean()),
    }


def report(rows: list[dict[str, Any]]) -> str:
    """Return the table of scores, the paired differences and what was chosen, as Markdown."""
    runs = [row["scores"] for row in rows]
    lines = [
        f"{machine()}; {len(runs)} data sets, mean +- sd; commit {rows[0]['commit']}",
        "",
        "| method | accuracy | ECE | classwise ECE | NLL | distance to the posterior | reported: accuracy / ECE / classwise ECE |",
        "|---|---|---|---|---|---|---|",
    ]
    order = ["none", "none, temperature", *DEFAULTS, *(f"{name}, defaults" for name in DEFAULTS), "Bayes"]
    for name in order:
        scores = [mean_sd((run[name][score] for run in runs), 4) for score in runs[0][name]]
        reported = " / ".join(f"{value:.4f}" for value in REPORTED[name]) if name in REPORTED else ""
        lines.append(f"| {name} | {' | '.join(scores)} | {reported} |")
    for against in ("none", "LS"):
        lines += ["", f"Differences to {against}, 95% interval over the sets, paired:", ""]
        lines += ["| method | accuracy | ECE | classwise ECE | NLL | distance |", "|---|---|---|---|---|---|"]
        for name in (name for name in order if name not in (against, "Bayes")):
            gaps = [
                paired_interval([run[name][score] for run in runs], [run[against][score] for run in runs])
                for score in ("accuracy", "ece", "classwise_ece", "nll", "distance")
            ]
            lines.append(f"| {name} | {' | '.join(gaps)} |")
    lines += ["", "Chosen on the validation rows, median [quartiles] over the sets:", ""]
    for name in DEFAULTS:
        points = [row["chosen"][name] for row in rows]
        lines.append(
            f"- {name}: " + "; ".join(f"{key} {_quartiles(point[key] for point in points)}" for key in points[0])
        )
    teachers = [row["teacher"] for row in rows]
    lines.append("- teacher: " + "; ".join(f"{key} {_quartiles(one[key] for one in teachers)}" for key in teachers[0]))
    return "\n".join(lines)


def _quartiles(values: Iterable[float]) -> str:
    low, middle, high = np.percentile(list(values), (25, 50, 75))
    return f"{middle:.3g} [{low:.3g}, {high:.3g}]"


def main() -> None:
    """Measure what was not measured yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=20)
    parser.add_argument("--keep", default="best,last")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "instance_smoothing.jsonl")
    parser.add_argument("--toy", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for keep in options.keep.split(","):
        if options.toy:
            rows = [
                {"commit": "-", **compute(set, keep, epochs=5, rows=100, device=options.device)} for set in range(2)
            ]
        else:
            cells = [{"set": number, "keep": keep} for number in range(options.sets)]
            rows = run_cells(options.out, cells, partial(compute, device=options.device))
        print(f"\n**{keep} epoch**\n\n{report(rows)}")


if __name__ == "__main__":
    main()
