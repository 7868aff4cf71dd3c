"""Epoch time with pictures decoded once against pictures decoded in every epoch, in turn.

    python benchmarks/image_cache.py                       2,560 JPEGs of CIFAR-10, 3 epochs each, about 5 minutes
    python benchmarks/image_cache.py --toy                 made-up pictures, seconds

Read from a folder of files, as users have them: decoded into memory, into a memory-mapped file, or on demand with 0 and 2
workers. The training is the same (small_cnn, crop and flip, one thread), and so are its weights, to the byte.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.base import clone

from cells import machine, mean_sd, run_cells
from pictures import encoded, made_up
from softlabel import TorchClassifier
from softlabel.data.source import load

WAYS = {"memory": ("memory", 0), "disk": ("disk", 0), "decode": ("none", 0), "decode, 2 workers": ("none", 2)}


def folder_of(n: int, toy: bool, at: Path) -> Path:
    """Write pictures into a folder a class, labels in turn."""
    from PIL import Image

    if toy:
        images = []
        for pixels in made_up(n).X:
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "jpeg")
            images.append(buffer.getvalue())
    else:
        images = encoded(n)
    for number, data in enumerate(images):
        path = at / f"class{number % 10}" / f"{number}.jpg"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
    return at


def timed(way: str, number: int, rows: int, epochs: int, toy: bool) -> dict[str, object]:
    """Load and train in one way; return the seconds of loading and of an epoch, and a digest of what was learned."""
    cache, workers = WAYS[way]
    with tempfile.TemporaryDirectory() as place:
        source = folder_of(rows, toy, Path(place) / "pictures")
        start = time.perf_counter()
        data = load(source, cache=cache, cache_folder=Path(place) / "cache")
        loaded = time.perf_counter() - start
        model = TorchClassifier(
            "small_cnn", epochs=epochs, augment="crop+flip", workers=workers, device="cpu", random_state=0
        )
        first = np.concatenate([np.flatnonzero(data.y == label)[:4] for label in np.unique(data.y)])
        clone(model).set_params(epochs=1).fit(data.X.take(first), data.y[first])  # loads libraries, warms up
        start = time.perf_counter()
        model.fit(data.X, data.y)
        trained = time.perf_counter() - start
        digest = hashlib.sha256(model.predict_proba(data.X.take(np.arange(50))).tobytes()).hexdigest()[:12]
    return {"loading": loaded, "epoch": trained / epochs, "digest": digest}


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=2560)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--toy", action="store_true")
    options.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "image_cache.jsonl")
    chosen = options.parse_args()
    if chosen.toy:
        chosen.rows, chosen.epochs, chosen.repeats = 100, 1, 1
    torch.set_num_threads(1)
    cells = [
        {"way": way, "number": number, "rows": chosen.rows, "epochs": chosen.epochs, "toy": chosen.toy}
        for number in range(chosen.repeats)
        for way in WAYS
    ]
    done = run_cells(chosen.out, cells, timed)
    print(
        f"\n{machine()}, torch {torch.__version__}\n\n| pictures | loading, s | epoch, s | of memory's epoch |\n|---|---|---|---|"
    )
    base = [row["epoch"] for row in done if row["cell"]["way"] == "memory"]
    for way in WAYS:
        mine = [row for row in done if row["cell"]["way"] == way]
        ratios = [row["epoch"] / first for row, first in zip(mine, base, strict=True)]
        loading, epoch = (mean_sd([row[name] for row in mine], 2) for name in ("loading", "epoch"))
        print(f"| {way} | {loading} | {epoch} | {mean_sd(ratios, 2)} |")
    print(f"\nlearned the same, to the byte: {len({row['digest'] for row in done}) == 1}")


if __name__ == "__main__":
    main()
