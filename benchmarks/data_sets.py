"""Data sets of the benchmarks: what scikit-learn ships, and the files of the folder that SOFTLABEL_DATA names.

letter, optdigits and nursery are from the UCI machine learning repository; each is a .csv whose last column is ``label``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from softlabel.seeds import Seeds
from softlabel.targets.corrupt import parse_corruption

BUILT_IN = ("digits", "wine", "breast_cancer")
FILES = ("letter", "optdigits", "nursery")


@dataclass(frozen=True)
class Problem:
    """One data set, split, with labels made wrong in the training rows only."""

    X: np.ndarray
    given: np.ndarray
    true: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    n_classes: int


def read(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, d) and class numbers (n,)."""
    if name in BUILT_IN:
        from sklearn import datasets

        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        return X.astype(np.float64), y
    import pandas as pd

    folder = os.environ.get("SOFTLABEL_DATA")
    if folder is None:
        raise SystemExit(
            f"{name}: set SOFTLABEL_DATA to the folder that holds {name}.csv (UCI, last column named label)"
        )
    table = pd.read_csv(Path(folder) / f"{name}.csv")
    X = pd.get_dummies(table.drop(columns="label")).to_numpy(np.float64)  # nursery's columns are words
    return X, np.unique(table["label"].astype(str), return_inverse=True)[1]


def problem(name: str, corruption: str, seed: int, at_most: int) -> Problem:
    """Return a data set split 80 to 20 (at most ``at_most`` training rows), with training labels made wrong.

    The seed decides the split and which labels become wrong. Test labels stay right.
    """
    X, y = read(name)
    n_train = min(at_most, round(0.8 * len(y)))
    counts = np.bincount(y)
    stratify = y if counts[counts > 0].min() >= 2 else None
    X, X_test, y, y_test = train_test_split(
        X, y, train_size=n_train, test_size=min(len(y) - n_train, 4000), random_state=seed, stratify=stratify
    )
    n_classes = len(counts)
    given = y
    if corruption != "none":
        given = parse_corruption(corruption).apply(y, n_classes, Seeds(seed).generator("corrupt"))
    return Problem(X, given, y, X_test, y_test, n_classes)
