"""Stores of labels per crop, made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from softlabel.store.crop_writer import CropStoreWriter


def digests(n: int) -> np.ndarray:
    """Digests (n, 32) of pictures that nobody has seen."""
    return np.random.default_rng(1).integers(0, 256, (n, 32), dtype=np.uint8)


def labels_of(rows: np.ndarray, n_crops: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes (b, c, 4), flips (b, c) and probabilities (b, c, k) that depend on the row and the crop alone."""
    boxes, flips, P = [], [], []
    for row in rows:
        draws = np.random.default_rng([7, int(row)])
        boxes.append(np.concatenate([draws.integers(-3, 4, (n_crops, 2)), draws.integers(1, 9, (n_crops, 2))], axis=1))
        flips.append(draws.random(n_crops) < 0.5)
        P.append(draws.dirichlet(np.full(k, 0.1), n_crops))
    return np.array(boxes), np.array(flips), np.array(P)


def writer_of(folder: Path, n: int = 11, k: int = 4, n_crops: int = 3, **options) -> CropStoreWriter:
    """A writer of a small store of shards of 4 pictures at most."""
    settings = {"classes": [f"c{i}" for i in range(k)], "input_size": (6, 8), "top": 2, "images_per_shard": 4}
    return CropStoreWriter(folder, pictures=digests(n), n_crops=n_crops, **(settings | options))


def fill(writer: CropStoreWriter, shards: int | None = None) -> None:
    """Write the shards that are missing, or so many of them."""
    k, c = len(writer._settings["classes"]), writer._settings["n_crops"]
    with writer:
        for number, rows in enumerate(writer.missing()):
            if number == shards:
                return
            writer.write(rows, *labels_of(rows, c, k))


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
