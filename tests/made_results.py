"""Results of a comparison with numbers that are easy to check by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.results import Results
from softlabel.tasks import Multiclass

TASK = Multiclass(["a", "b", "c"])

# method -> its accuracy by seed
ACCURACY = {
    "plain": [0.80, 0.82, 0.81, 0.83],
    "same": [0.80, 0.82, 0.81, 0.83],
    "up": [0.84, 0.87, 0.85, 0.86],
    "down": [0.76, 0.77, 0.75, 0.78],
    "unclear": [0.81, 0.81, 0.82, 0.82],
}


def results_of(
    accuracy: Mapping[str, Sequence[float]] = ACCURACY, corruptions: Sequence[str] = ("none",), **options: Any
) -> Results:
    """Return results in which the NLL is 1 less the accuracy, and every method takes as many fits as its name has letters."""
    cells = {}
    for corruption in corruptions:
        for method, values in accuracy.items():
            for seed, value in enumerate(values):
                cells[Cell(corruption, seed, method)] = CellResult(
                    {"accuracy": value, "nll": 1.0 - value, "ece": 0.05},
                    n_fits=len(method),
                    seconds=1.5,
                    fit_seconds=1.0,
                )
    options = {"failures": {}, "skipped": {}, "task": TASK} | options
    return Results(cells, **options)


def epochs_of(*losses: tuple[float, float]) -> tuple[dict[str, float], ...]:
    """Return epochs with these training and validation losses."""
    return tuple(
        {"epoch": epoch, "train_loss": train, "validation_loss": watched}
        for epoch, (train, watched) in enumerate(losses, start=1)
    )
