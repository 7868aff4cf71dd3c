"""Cells of the suite of wrong labels, made by hand."""

from __future__ import annotations


def row(name, noise, learner, seed, method, accuracy, **more):
    values = {
        "accuracy": accuracy, "nll": 1.0, "ece": 0.1, "f1": None, "average_precision": None, "cpu_seconds": 1.0, "fits_a_split": 1.0,
        "chosen": [{}], "code": "c", "commit": "d",
    }  # fmt: skip
    cell = {"set": name, "noise": noise, "learner": learner, "seed": seed, "method": method, "rows": 3}
    return {"cell": cell, **values, **more}


def rows_of(values):
    """Rows of {(set, noise, learner): {method: (accuracy of seed 0, of seed 1, ...)}}."""
    return [
        row(*case, seed, method, accuracy)
        for case, methods in values.items()
        for method, accuracies in methods.items()
        for seed, accuracy in enumerate(accuracies)
    ]


NOISY = {
    ("a", "symmetric:0.2", "l"): {"auto": (0.97, 0.99), "cleanlab": (0.95, 0.95)},  # errors .02 and .05: ratio .4
    ("a", "pair:0.2", "l"): {"auto": (0.90, 0.90), "cleanlab": (0.88, 0.92)},  # .10 and .10: 1, a tie
    ("b", "pair:0.2", "l"): {"auto": (0.95, 0.95), "cleanlab": (0.80, 0.80)},  # .05 and .20: .25
    ("b", "none", "l"): {"auto": (0.1, 0.1), "cleanlab": (0.9, 0.9)},  # clean: counts for nothing here
}
