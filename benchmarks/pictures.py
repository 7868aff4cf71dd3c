"""Pictures for the benchmarks: CIFAR-10 with the labels that people gave it, decoded once; or made up, for a trial run.

CIFAR-10N (Wei et al. 2022, "Learning with noisy labels revisited") names each training image's labels: ``aggregate`` is the
majority of three people (9% wrong), ``worse`` a wrong answer where there is one (40% wrong). The folder that SOFTLABEL_DATA
names holds cifar10_train.parquet and cifar10_test.parquet: columns ``image`` (encoded bytes), ``label``,
``label_aggregate``, ``label_worse``. The images can be had from the authors of CIFAR-10, the labels from those of CIFAR-10N.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Pictures:
    """Training pictures with given and true labels, and clean test pictures."""

    X: np.ndarray  # (n, h, w, 3) uint8
    given: np.ndarray  # (n,)
    true: np.ndarray  # (n,)
    X_test: np.ndarray
    y_test: np.ndarray


def cifar10(labels: str, n: int, n_test: int = 10_000) -> Pictures:
    """Return the first ``n`` training pictures with labels ``aggregate`` or ``worse``, and the test set."""
    train, test = _table("cifar10_train.parquet", n), _table("cifar10_test.parquet", n_test)
    given = train[f"label_{labels}"].to_numpy().astype(np.int64)
    true, y_test = (table["label"].to_numpy().astype(np.int64) for table in (train, test))
    return Pictures(decoded(train["image"].to_pylist()), given, true, decoded(test["image"].to_pylist()), y_test)


def made_up(n: int, n_test: int = 200, size: int = 32, k: int = 10) -> Pictures:
    """Return noise with a class each, a third of the labels wrong: to try a script, not to learn anything."""
    draws = np.random.default_rng(0)
    X, X_test = (draws.integers(0, 256, (m, size, size, 3), dtype=np.uint8) for m in (n, n_test))
    true, y_test = draws.integers(0, k, n), draws.integers(0, k, n_test)
    given = np.where(draws.random(n) < 1 / 3, (true + 1) % k, true)
    return Pictures(X, given, true, X_test, y_test)


def encoded(n: int) -> list[bytes]:
    """Return the first ``n`` training pictures of CIFAR-10 as they are stored, in JPEG."""
    images: list[bytes] = _table("cifar10_train.parquet", n)["image"].to_pylist()
    return images


def decoded(images: list[bytes]) -> np.ndarray:
    """Return encoded pictures of one size as (n, h, w, 3) uint8."""
    from PIL import Image

    def pixels(data: bytes) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(pixels, images)))


def _table(name: str, n: int) -> Any:
    import pyarrow.parquet as pq

    folder = os.environ.get("SOFTLABEL_DATA")
    if folder is None:
        raise SystemExit(f"set SOFTLABEL_DATA to the folder that holds {name} (see benchmarks/pictures.py)")
    return pq.read_table(Path(folder) / name).slice(0, n)
