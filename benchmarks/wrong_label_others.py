"""Other data for the suite of wrong_labels.py, on which its aims were not set: hard to learn, and with classes that overlap.

Where classes overlap, right labels look like wrong ones to every model. So here is where harm at right labels would show.

sst5 (film sentences, five grades taken for classes; Socher et al. 2013), lev.csv (grades of lectures, WEKA's ordinal collection) and
retina (RetinaMNIST, pictures of 28 x 28 averaged over blocks of 2 x 2 pixels; MedMNIST v2) lie in the folder that SOFTLABEL_DATA names. The
others are drawn anew with each seed, 7,000 rows of which 4,000 test:

- overlap: three classes of 6 clusters in six of twelve columns, too near each other to be told apart
- rare: two classes, one of 8% of the rows
- moons: two half circles with noise of .35
- rings: four shells of a Gaussian in six dimensions, which no linear model can learn
- many: ten classes in 12 of 40 columns
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets

N_DRAWN = 7000
_Drawn = tuple[np.ndarray, np.ndarray]


def _clusters(seed: int, **settings: Any) -> _Drawn:
    return datasets.make_classification(N_DRAWN, flip_y=0, random_state=seed, **settings)


DRAWN: dict[str, Callable[[int], _Drawn]] = {
    "overlap": lambda seed: _clusters(
        seed, n_features=12, n_informative=6, n_redundant=2, n_classes=3, class_sep=0.7
    ),
    "rare": lambda seed: _clusters(
        seed, n_features=15, n_informative=8, n_classes=2, weights=[0.92], class_sep=0.8
    ),
    "moons": lambda seed: datasets.make_moons(N_DRAWN, noise=0.35, random_state=seed),
    "rings": lambda seed: datasets.make_gaussian_quantiles(
        n_samples=N_DRAWN, n_features=6, n_classes=4, random_state=seed
    ),
    "many": lambda seed: _clusters(
        seed, n_features=40, n_informative=12, n_redundant=6, n_classes=10, class_sep=0.9
    ),
}  # fmt: skip


def retina(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return features (1600, 588) and grades (1600,) of RetinaMNIST, its three parts together."""
    with np.load(folder / "retinamnist.npz") as file:
        images = np.concatenate([file[f"{part}_images"] for part in ("train", "val", "test")])  # (n, 28, 28, 3)
        grades = np.concatenate([file[f"{part}_labels"] for part in ("train", "val", "test")]).ravel()
    blocks = images.reshape(len(images), 14, 2, 14, 2, 3).mean(axis=(2, 4))
    return blocks.reshape(len(images), -1).astype(np.float64), grades.astype(int)
