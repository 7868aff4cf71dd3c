"""What an epoch costs with labels of a live teacher, with labels stored per crop, and plain; and what a stored crop takes on the disk.

    SOFTLABEL_DATA=... python benchmarks/crop_labels.py                        two settings, 5 ways, 5 rounds; 20 minutes of one core
    SOFTLABEL_DATA=... python benchmarks/crop_labels.py --rounds 1 --n 64      a trial run
    python benchmarks/crop_labels.py --toy                                     made-up pictures, a minute
    python benchmarks/crop_labels.py --report                                  the tables of what is there, nothing computed

imagenette96_train.parquet (columns ``image``, ``label``) is a 10-class part of ImageNet by fast.ai, resized to 96 pixels. Setting
"decode": the pictures are enlarged to 500 pixels, get a grain of standard deviation 6 of 255 and are encoded again (JPEG, quality 90) in
memory, so that they cost what photographs cost, and are decoded whenever they are read. Setting "memory": as they are, 96 pixels,
decoded beforehand. All ways train the same small network (small_cnn, width 8) at 64 pixels on as many crops an epoch (8% to 100% of the
area, flips), one thread. Each cell is a process of its own; the first epoch warms up and is not counted. Ways take turns, and every
figure is a ratio within one round. Processor seconds are told beside seconds of the clock, which other work on the machine moves.
"""

from __future__ import annotations

import argparse
import io
import logging
import multiprocessing
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cells import machine, mean_sd, read_rows, run_cells
from softlabel import CropStoreWriter, StoredCrops, TorchClassifier, label_crops
from softlabel.data.encoded_images import BytesImages
from softlabel.data.image_cache import load_images
from softlabel.data.images import Images
from softlabel.learners.teacher_labels import TeacherLabels

HERE = Path(__file__).parent
SETTINGS = {"decode": 500, "memory": 96}  # side of the pictures
WAYS = ("plain", "live", "live, larger teacher", "stored, 4 crops a picture", "stored, 1 crop a picture")
CROPS, INPUT, BATCH, STORED, COUNTED = "resized_crop+flip", 64, 64, 8, 4
GRAIN = 6  # standard deviation, of 255
LIVE_AIM, PLAIN_AIM = 0.75, 1.1


def pictures(setting: str, n: int, *, toy: bool) -> tuple[Images, np.ndarray]:
    """Return n pictures as the setting has them, and their labels."""
    from PIL import Image

    side = SETTINGS[setting]
    if toy:
        draws = np.random.default_rng(0)
        small, y = (
            [Image.fromarray(one) for one in draws.integers(0, 256, (n, 96, 96, 3), dtype=np.uint8)],
            np.arange(n) % 10,
        )
    else:
        import pyarrow.parquet as pq

        folder = os.environ.get("SOFTLABEL_DATA")
        if folder is None:
            raise SystemExit(
                "set SOFTLABEL_DATA to the folder that holds imagenette96_train.parquet (see benchmarks/crop_labels.py)"
            )
        table = pq.read_table(Path(folder) / "imagenette96_train.parquet", columns=["image", "label"])
        rows = np.random.default_rng(0).permutation(len(table))[:n]
        table = table.take(rows)
        small = [Image.open(io.BytesIO(data)).convert("RGB") for data in table["image"].to_pylist()]
        y = table["label"].to_numpy().astype(np.int64)
    if setting == "memory":
        return Images.from_array(np.stack([np.asarray(one) for one in small])), y
    files, grain = [], np.random.default_rng(1)
    for one in small:
        file = io.BytesIO()
        large = np.asarray(one.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
        grainy = np.clip(large + grain.normal(0, GRAIN, large.shape[:2])[..., None], 0, 255).astype(np.uint8)
        Image.fromarray(grainy).save(file, "JPEG", quality=90)
        files.append(file.getvalue())
    return load_images(BytesImages(files, range(n)), cache="none"), y


def network(name: str, epochs: int, **settings: Any) -> TorchClassifier:
    """Return an unfitted network."""
    usual = {
        "network_options": {"width": 8} if name == "small_cnn" else None,
        "epochs": epochs,
        "batch_size": BATCH,
        "augment": CROPS,
        "image_size": INPUT,
        "device": "cpu",
        "random_state": 0,
    }
    return TorchClassifier(name, **(usual | settings))


class Ends(logging.Handler):
    """When epochs end, by the clock and by the processor; and the largest memory of each."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[tuple[float, float]] = []
        self.peaks: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.at.append((time.perf_counter(), time.process_time()))
        self.peaks.append(peak_mib())
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts anew


def peak_mib() -> float:
    """Return the most memory that this process has held since the peak was set back (Linux)."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def timed(setting: str, way: str, round: int, n: int, toy: bool) -> dict[str, float]:
    """Train in one way, in a process of its own; return seconds an epoch and peak memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found: dict[str, float] = pool.apply(measured, (setting, way, n, toy))
    return found


def measured(setting: str, way: str, n: int, toy: bool) -> dict[str, float]:
    """Do the work of :func:`timed` in this process."""
    import torch

    torch.set_num_threads(1)
    X, y = pictures(setting, n, toy=toy)
    ends = Ends()
    with tempfile.TemporaryDirectory() as place:
        labeler = None
        few = X.take(np.arange(min(n, 64))), y[: min(n, 64)]
        if way != "plain":  # what a teacher costs does not depend on how well it was trained
            teacher = network("se_resnet20" if "larger" in way else "small_cnn", 1).fit(*few)
            labeler = TeacherLabels(teacher, mode="eval")
        if way.startswith("stored"):
            store = label_crops(teacher, X, Path(place) / "store", n_crops=STORED, recipe=CROPS, device="cpu")
            labeler = StoredCrops(store, int(way.split()[1]))
        logger = logging.getLogger("softlabel.epochs")
        logger.addHandler(ends)
        logger.setLevel(logging.INFO)
        network("small_cnn", 1 + COUNTED, labeler=labeler).fit(X, y)
    (clock, processor), (clock_end, processor_end) = ends.at[0], ends.at[-1]
    return {
        "epoch": (clock_end - clock) / COUNTED,
        "processor": (processor_end - processor) / COUNTED,
        "peak_mib": max(ends.peaks[1:]),
    }


def labelling(setting: str, n: int, toy: bool) -> dict[str, float]:
    """Time the labelling itself, with the larger teacher."""
    import torch

    torch.set_num_threads(1)
    X, y = pictures(setting, n, toy=toy)
    teacher = network("se_resnet20", 1).fit(X.take(np.arange(min(n, 64))), y[: min(n, 64)])
    with tempfile.TemporaryDirectory() as place:
        start = time.process_time()
        label_crops(teacher, X, Path(place) / "store", n_crops=STORED, recipe=CROPS, device="cpu")
        return {"crops_per_second": n * STORED / (time.process_time() - start)}


def stored_bytes(n: int = 1024, n_crops: int = 16) -> dict[tuple[int, int], float]:
    """Return the bytes a crop of stores of k classes and so many kept ones, all files included."""
    found = {}
    for k, top in ((10, 5), (10, 10), (1000, 5), (1000, 10), (21_841, 5)):
        with tempfile.TemporaryDirectory() as place:
            digests = np.random.default_rng(0).integers(0, 256, (n, 32), dtype=np.uint8)
            settings = {
                "classes": range(k),
                "n_crops": n_crops,
                "input_size": (224, 224),
                "top": top,
                "order": np.arange(n)[::-1],
            }
            with CropStoreWriter(place, pictures=digests, **settings) as writer:
                for rows in writer.missing():
                    c = (len(rows), n_crops)
                    ids = np.broadcast_to(np.arange(top), (*c, top))
                    writer.write_top(rows, np.ones((*c, 4), int), np.zeros(c, bool), ids, np.full((*c, top), 1 / top))
            size = sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())
            found[k, top] = size / (n * n_crops)
    return found


def report(done: list[dict[str, Any]], n: int, rounds: int) -> None:
    """Print the tables."""
    import torch

    print(
        f"\n{machine()}, torch {torch.__version__}, 1 thread; {n} pictures, batches of {BATCH}, {rounds} rounds in turn"
    )
    bases = ("plain", "live", "live, larger teacher")
    for unit, words in (("epoch", "Seconds of the clock"), ("processor", "Processor seconds")):
        print(
            f"\n{words}:\n\n| pictures | way | images a second | of plain's | of live's | of the larger teacher's | peak MiB |"
        )
        print("|---|---|---|---|---|---|---|")
        for setting in SETTINGS:
            found = {
                way: [row for row in done if (row["cell"]["setting"], row["cell"]["way"]) == (setting, way)]
                for way in WAYS
            }
            for way, rows in found.items():
                shares = [
                    mean_sd([a[unit] / b[unit] for a, b in zip(rows, found[base], strict=False)], 2) for base in bases
                ]
                speed, peak = mean_sd([n / row[unit] for row in rows], 0), mean_sd([row["peak_mib"] for row in rows], 0)
                print(f"| {setting} | {way} | {speed} | {' | '.join(shares)} | {peak} |")
    print(f"\naims where decoding dominates, stored: at most {LIVE_AIM} of live's time, {PLAIN_AIM} of plain's")


def main() -> None:
    """Measure, and print tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--n", type=int, default=256)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--toy", action="store_true")
    options.add_argument("--report", action="store_true")
    options.add_argument("--out", type=Path, default=HERE / "results" / "crop_labels.jsonl")
    chosen = options.parse_args()
    n, rounds = (64, 1) if chosen.toy else (chosen.n, chosen.rounds)
    cells = [
        {"setting": setting, "way": way, "round": number, "n": n, "toy": chosen.toy}
        for number in range(rounds)
        for setting in SETTINGS
        for way in (WAYS if number % 2 == 0 else WAYS[::-1])
    ]
    if chosen.report:
        wanted = [row for row in read_rows(chosen.out) if row["cell"] in cells]
        report(sorted(wanted, key=lambda row: row["cell"]["round"]), n, rounds)
        return
    done = run_cells(chosen.out, cells, timed)
    report(done, n, rounds)
    made = run_cells(
        chosen.out.with_stem(f"{chosen.out.stem}_labelling"),
        [{"setting": setting, "n": n, "toy": chosen.toy} for setting in SETTINGS],
        partial(_alone, labelling),
    )
    for row in made:
        print(
            f"labelling with the larger teacher, {row['cell']['setting']}: {row['crops_per_second']:.0f} crops a processor second"
        )
    print("\n| classes | kept | bytes a crop |\n|---|---|---|")
    for (k, top), size in stored_bytes().items():
        print(f"| {k} | {top} | {size:.1f} |")


def _alone(work: Any, **cell: Any) -> dict[str, Any]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found: dict[str, Any] = pool.apply(work, kwds=cell)
    return found


if __name__ == "__main__":
    main()
