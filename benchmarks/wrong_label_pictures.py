"""Features of pictures that cost little and were made without a label: what a linear model or trees can learn CIFAR-10 from.

Patches of 6x6 pixels are whitened and grouped by k-means. A picture is described by how near the patches of each of its nine parts
are to each centre (Coates, Ng and Lee, "An analysis of single-layer networks in unsupervised feature learning", AISTATS 2011,
sections 3.1 to 3.3, the "triangle" activation), and by histograms of its gradients' directions in 4x4 cells. The 128 leading
components of both are kept. Centres and components come from training pictures; of CIFAR-10 the first 20,000 training and the first
4,000 test pictures are used.

The folder that SOFTLABEL_DATA names holds cifar10_train.parquet and cifar10_test.parquet (columns ``image``, encoded bytes, and ``label``;
``label_random1``, ``label_worse``: CIFAR-10N, Wei et al. 2022), imagenette96_train.parquet and imagenette96_test.parquet (96x96; ``label``,
``label_noise25``; fast.ai's Imagenette with its noisy labels).
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from softlabel.store.atomic import writing

SIDES = {"cifar10": 32, "imagenette96": 48}  # pixels to which pictures are brought
MOST, MOST_TEST = 20_000, 4_000
PATCH, CENTRES, PARTS, CELLS, DIRECTIONS, COMPONENTS = 6, 256, 3, 4, 9, 128
_SAMPLED, _AT_ONCE = 100_000, 64


def picture_features(name: str, folder: Path) -> dict[str, np.ndarray]:
    """Return ``X`` (n, 128), ``X_test``, ``label_test`` and every column of labels; computed once and kept in ``folder``."""
    path = folder / f"{name}-{SIDES[name]}-{MOST}-{CENTRES}-{COMPONENTS}.npz"
    if not path.exists():
        found = _computed(name)
        with writing(path) as file:
            stored = io.BytesIO()
            np.savez(stored, **found)
            file.write(stored.getbuffer())
    with np.load(path) as stored:
        return dict(stored)


def _computed(name: str) -> dict[str, np.ndarray]:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    train, labels = _pictures(f"{name}_train", SIDES[name], MOST)
    test, of_test = _pictures(f"{name}_test", SIDES[name], MOST_TEST)
    patches = Patches(train, np.random.default_rng(0))
    X, X_test = (np.hstack([patches.described(some), gradients(some)]) for some in (train, test))
    scaler = StandardScaler().fit(X)
    components = PCA(COMPONENTS, svd_solver="randomized", random_state=0).fit(scaler.transform(X))
    X, X_test = (components.transform(scaler.transform(rows)).astype(np.float32) for rows in (X, X_test))
    return {"X": X, "X_test": X_test, "label_test": of_test["label"], **labels}


def _pictures(name: str, side: int, most: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return pictures (n, side, side, 3) float32 from 0 to 1, and their columns of labels (n,)."""
    import pyarrow.parquet as pq
    from PIL import Image

    from wrong_label_sets import data_folder

    table = pq.read_table(data_folder() / f"{name}.parquet").slice(0, most)

    def pixels(data: bytes) -> np.ndarray:
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        return np.asarray(picture if picture.size == (side, side) else picture.resize((side, side)))

    images: list[bytes] = table["image"].to_pylist()
    labels = {name: table[name].to_numpy().astype(np.int64) for name in table.column_names if name.startswith("label")}
    return np.stack([pixels(data) for data in images]).astype(np.float32) / 255.0, labels


class Patches:
    """Centres of whitened patches, and what pictures are by them."""

    def __init__(self, pictures: np.ndarray, draws: np.random.Generator) -> None:
        """Take the centres from ``pictures`` (n, side, side, 3)."""
        from sklearn.cluster import MiniBatchKMeans

        rows = draws.integers(0, len(pictures), _SAMPLED)
        corners = draws.integers(0, pictures.shape[1] - PATCH + 1, (2, _SAMPLED))
        steps = np.arange(PATCH)
        sampled = pictures[
            rows[:, None, None], corners[0][:, None, None] + steps[:, None], corners[1][:, None, None] + steps
        ]  # (m, 6, 6, 3)
        flat = _contrast(sampled.reshape(_SAMPLED, -1))
        self.mean = flat.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(flat - self.mean, rowvar=False))
        self.whiten = ((vectors / np.sqrt(values + 0.1)) @ vectors.T).astype(np.float32)  # (108, 108)
        white = (flat - self.mean) @ self.whiten
        means = MiniBatchKMeans(CENTRES, batch_size=4096, n_init=1, max_iter=30, random_state=0).fit(white)
        self.centres = means.cluster_centers_.astype(np.float32)  # (256, 108)

    def described(self, pictures: np.ndarray) -> np.ndarray:
        """Return (n, 9 * 256): for each of 3x3 parts how much nearer its patches are to each centre than to centres on average."""
        return np.concatenate(
            [self._described(pictures[start : start + _AT_ONCE]) for start in range(0, len(pictures), _AT_ONCE)]
        )

    def _described(self, pictures: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(pictures, (PATCH, PATCH), axis=(1, 2))
        b, across = windows.shape[:2]
        flat = np.ascontiguousarray(windows.transpose(0, 1, 2, 4, 5, 3)).reshape(b * across * across, -1)
        white = (_contrast(flat) - self.mean) @ self.whiten
        squares = (white**2).sum(axis=1)[:, None] - 2 * white @ self.centres.T + (self.centres**2).sum(axis=1)
        distance = np.sqrt(np.maximum(squares, 0.0))  # (b * p * p, 256)
        nearer = np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0.0).reshape(b, across, across, -1)
        ends = np.linspace(0, across, PARTS + 1).round().astype(int)[:-1]
        return np.add.reduceat(np.add.reduceat(nearer, ends, axis=1), ends, axis=2).reshape(b, -1)


def _contrast(flat: np.ndarray) -> np.ndarray:
    """Return patches (m, 108) of mean 0 and like contrast; the constant is that of the paper for pixels from 0 to 255."""
    centred = flat - flat.mean(axis=1, keepdims=True)
    return centred / np.sqrt(centred.var(axis=1, keepdims=True) + 10.0 / 255.0**2)


def gradients(pictures: np.ndarray) -> np.ndarray:
    """Return (n, 4 * 4 * 9): in each cell the strength of gradients by direction, cells scaled to length 1.

    The histograms of Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005, without blocks that overlap.
    """
    grey = pictures.mean(axis=3)  # (n, side, side)
    down, right = np.gradient(grey, axis=(1, 2))
    strength, direction = np.hypot(down, right), np.arctan2(down, right) % np.pi
    bins = np.minimum((direction / np.pi * DIRECTIONS).astype(int), DIRECTIONS - 1)
    n, side = grey.shape[:2]
    cell = np.arange(side) * CELLS // side
    place = (cell[:, None] * CELLS + cell) * DIRECTIONS  # (side, side)
    width = CELLS * CELLS * DIRECTIONS
    where = np.arange(n)[:, None, None] * width + place + bins
    histograms = np.bincount(where.ravel(), strength.ravel(), minlength=n * width).reshape(n, CELLS * CELLS, DIRECTIONS)
    length = np.linalg.norm(histograms, axis=2, keepdims=True)
    return (histograms / (length + 1e-3)).reshape(n, width).astype(np.float32)
