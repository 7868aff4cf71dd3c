"""Small pictures of two kinds that any network tells apart in an epoch or two: bluish and reddish noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from made_pictures import encoded

KINDS = ("blue", "red")


def coloured(n_per_kind, side=10, seed=0):
    """Return pictures (2 n, side, side, 3) uint8 and their kinds (2 n,)."""
    draws = np.random.default_rng(seed)
    y = np.repeat(KINDS, n_per_kind)
    X = draws.integers(0, 120, (len(y), side, side, 3), dtype=np.uint8)
    X[y == "blue", ..., 2] += 100
    X[y == "red", ..., 0] += 100
    return X, y


def photo_folders(root: Path):
    """Write a folder of 60 pictures, train, and one of 20, test; return the root."""
    picture_folder(root / "train", 30)
    picture_folder(root / "test", 10, seed=1)
    return root


def picture_folder(root: Path, n_per_kind, side=10, seed=0):
    """Write one folder of PNG files a kind; return the root."""
    for number, (picture, kind) in enumerate(zip(*coloured(n_per_kind, side, seed), strict=True)):
        (root / kind).mkdir(parents=True, exist_ok=True)
        (root / kind / f"{number:03d}.png").write_bytes(encoded(picture))
    return root
