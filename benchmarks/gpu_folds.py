"""Five folds on one GPU: packed against one after the other; and one round of SLR on CIFAR-10, with the share of time it computes.

    python benchmarks/gpu_folds.py --plan                       what there is to do
    python benchmarks/gpu_folds.py --device cuda                about 15 minutes on an H200-class GPU (an estimate)
    python benchmarks/gpu_folds.py --toy                        the same steps on a CPU, a minute

Each cell is written down when it is done, so a script that is stopped goes on. ``packed`` is the placement that the library
chooses by itself (``--jobs auto``): the first fit alone, then as many at the same time as memory and cores allow. The share of time
the device computes is sampled from the driver, five times a second, while the round runs.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path

import numpy as np
import torch

from cells import mean_sd, run_cells
from pictures import cifar10, made_up
from softlabel import StochasticLabelRefinery, TorchClassifier

AIM = 1.6


class Busy:
    """Samples the share of time in which the device computes."""

    def __init__(self, device: str) -> None:
        self._on = device.startswith("cuda")
        self._shares: list[float] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Busy:
        if self._on:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()

    def _watch(self) -> None:
        while not self._end.wait(0.2):
            try:
                self._shares.append(torch.cuda.utilization() / 100)
            except (
                Exception
            ) as error:  # without the driver's library there is nothing to sample, and the rest still counts
                print(f"the device's use cannot be sampled: {error}")
                return

    @property
    def mean(self) -> float | None:
        return float(np.mean(self._shares)) if self._shares else None


def one_round(network: str, way: str, number: int, rows: int, epochs: int, device: str, toy: bool) -> dict[str, object]:
    """Run one round of five folds and the final fit; return its seconds."""
    pictures = made_up(rows) if toy else cifar10("worse", rows)
    estimator = TorchClassifier(
        network,
        epochs=epochs,
        batch_size=128,
        augment="crop+flip",
        precision="bf16",
        device="auto" if device == "cuda" else device,
    )
    refinery = StochasticLabelRefinery(
        estimator,
        n_rounds=1,
        cv=5,
        final_targets="refined",
        random_state=number,
        n_jobs="auto" if way == "packed" else None,
    )
    with Busy(device) as busy:
        start = time.perf_counter()
        refinery.fit(pictures.X, pictures.given)
        seconds = time.perf_counter() - start
    right = float((refinery.suggested_labels_ == pictures.true).mean())
    return {"all_seconds": seconds, "busy": busy.mean, "suggestions_right": right}


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--device", default="cuda")
    options.add_argument("--networks", default="se_resnet20,se_resnet56")
    options.add_argument("--rows", type=int, default=50_000)
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--toy", action="store_true")
    options.add_argument("--plan", action="store_true")
    options.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "gpu_folds.jsonl")
    chosen = options.parse_args()
    if chosen.toy:
        chosen.device, chosen.networks, chosen.rows, chosen.epochs, chosen.pairs = "cpu", "small_cnn", 200, 1, 1
    cells = [
        {
            "network": network, "way": way, "number": number, "rows": chosen.rows, "epochs": chosen.epochs,
            "device": chosen.device, "toy": chosen.toy,
        }
        for network in chosen.networks.split(",")
        for number in range(chosen.pairs)
        for way in (("packed", "sequential") if number % 2 else ("sequential", "packed"))
    ]  # fmt: skip
    if chosen.plan:
        print("\n".join(f"{cell['network']}, {cell['way']}, pair {cell['number']}: 6 fits" for cell in cells))
        return
    done = run_cells(chosen.out, cells, one_round)
    where = torch.cuda.get_device_name() if chosen.device.startswith("cuda") else "a CPU, a trial run"
    print(f"\n{where}, torch {torch.__version__}, {chosen.rows} pictures, {chosen.epochs} epochs a fit\n")
    print(
        "| network | sequential, s | packed, s | times faster | device busy, sequential / packed | aim 1.6 |\n|---|---|---|---|---|---|"
    )
    for network in chosen.networks.split(","):
        mine = {
            way: [row for row in done if (row["cell"]["network"], row["cell"]["way"]) == (network, way)]
            for way in ("sequential", "packed")
        }
        for rows in mine.values():
            rows.sort(key=lambda row: row["cell"]["number"])
        seconds = {way: [row["all_seconds"] for row in rows] for way, rows in mine.items()}
        ratios = [a / b for a, b in zip(seconds["sequential"], seconds["packed"], strict=True)]
        busy = " / ".join(mean_sd([row["busy"] for row in rows], 2) for rows in mine.values())
        print(
            f"| {network} | {mean_sd(seconds['sequential'], 1)} | {mean_sd(seconds['packed'], 1)} | {mean_sd(ratios, 2)} | {busy} | "
            f"{'met' if np.median(ratios) >= AIM else 'missed'} |"
        )


if __name__ == "__main__":
    main()
