"""Throughput of the training loop against a bare PyTorch loop: same network, data, augmentation and precision, in turn.

    python benchmarks/throughput.py                                  on a CPU, about 8 minutes
    python benchmarks/throughput.py --device cuda --rows 50000 --epochs 3 --pairs 7
    python benchmarks/throughput.py --rows 256 --pairs 1             a trial run

The bare loop is what one would write by hand: pictures in memory (on the device, for a GPU), a shuffled index, crop and flip of
the batch, normalisation, forward, backward, step, schedule; and the epoch's mean loss. Both train the same network from the
same weights on the same rows. A figure above 1 says that ours took less time.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from cells import machine, mean_sd, run_cells
from pictures import made_up
from softlabel.learners.augmentation.augmenter import make_augmenter
from softlabel.learners.networks.build import build_network
from softlabel.learners.training.batches import Normalisation, ShuffledBatches
from softlabel.learners.training.devices import autocast_of
from softlabel.learners.training.input_rows import input_rows
from softlabel.learners.training.labelers import StoredTargets
from softlabel.learners.training.loop import Training, train
from softlabel.learners.training.losses import MeanLoss, cross_entropy
from softlabel.learners.training.optimizers import make_optimizer
from softlabel.learners.training.outputs import Distribution
from softlabel.learners.training.schedules import make_schedule

BATCH, LR = 128, 0.05
AIM = 0.97


def parts(network: str, device: torch.device, steps: int):
    """Return a network on the device, its optimiser and its schedule; the same weights each time."""
    net = build_network(network, (3, 32, 32), 10, seed=0).module.to(device, memory_format=torch.channels_last)
    optimizer = make_optimizer("sgd", net, lr=LR, momentum=0.9, weight_decay=5e-4)
    schedule = make_schedule("one_cycle", optimizer, lr=LR, steps=steps, warmup=0, milestones=(), gamma=1)
    return net, optimizer, schedule


def bare(network: str, X: np.ndarray, targets: np.ndarray, epochs: int, device: torch.device, precision: str) -> None:
    """Train by a loop written by hand."""
    steps = epochs * -(-len(X) // BATCH)
    net, optimizer, schedule = parts(network, device, steps)
    pixels, rows = torch.from_numpy(X).to(device), torch.from_numpy(targets).to(device)
    augment = make_augmenter("crop+flip", (32, 32))
    mean = torch.full((3, 1, 1), 0.5, device=device)
    generator, net = torch.Generator().manual_seed(0), net.train()
    for epoch in range(epochs):
        total = torch.zeros((), device=device)
        order = torch.randperm(len(X), generator=generator)
        for number, index in enumerate(order.split(BATCH)):
            index = index.to(device)
            x = augment(pixels[index].permute(0, 3, 1, 2), epoch * 10_000 + number)[0]
            x = ((x.float() / 255 - mean) / mean).contiguous(memory_format=torch.channels_last)
            with autocast_of(precision, device):
                output = net(x)
            loss = F.cross_entropy(output.float(), rows[index])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.detach()
        float(total)


def ours(network: str, X: np.ndarray, targets: np.ndarray, epochs: int, device: torch.device, precision: str) -> None:
    """Train by the loop of the library, with all that it records."""
    steps = epochs * -(-len(X) // BATCH)
    net, optimizer, schedule = parts(network, device, steps)
    mean = torch.full((3, 1, 1), 0.5, device=device)
    batches = ShuffledBatches(
        input_rows(X, device),
        Normalisation(mean, mean, channels_last=True),
        device,
        BATCH,
        seed=0,
        augment=make_augmenter("crop+flip", (32, 32)),
    )
    labeler = StoredTargets(torch.from_numpy(targets).to(device))
    training = Training(
        net,
        batches,
        labeler,
        MeanLoss(cross_entropy),
        Distribution().row_scores,
        optimizer,
        schedule,
        epochs,
        autocast=lambda: autocast_of(precision, device),
    )
    train(training, lambda epoch, scores: False)


def seconds(loop, *arguments) -> float:
    """Return how long one training takes."""
    device = arguments[4]
    start = time.perf_counter()
    loop(*arguments)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def pair(network: str, precision: str, number: int, rows: int, epochs: int, device: str) -> dict[str, float]:
    """Time both in turn; who goes first changes from pair to pair."""
    pictures = made_up(rows)
    targets = np.eye(10, dtype=np.float32)[pictures.given] * 0.9 + 0.01
    arguments = (network, pictures.X, targets, epochs, torch.device(device), precision)
    with torch.random.fork_rng() if device == "cpu" else contextlib.nullcontext():
        seconds(bare, network, pictures.X[:256], targets[:256], 1, torch.device(device), precision)  # loads, warms up
        order = (bare, ours) if number % 2 == 0 else (ours, bare)
        times = {loop.__name__: seconds(loop, *arguments) for loop in order}
    return {**times, "ratio": times["bare"] / times["ours"], "images_per_second": rows * epochs / times["ours"]}


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--device", default="cpu")
    options.add_argument("--rows", type=int, default=1280)
    options.add_argument("--epochs", type=int, default=1)
    options.add_argument("--pairs", type=int, default=9)
    options.add_argument("--networks", default="small_cnn,se_resnet20")
    options.add_argument("--precisions", default="float32,bf16")
    options.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "throughput.jsonl")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    hardware = machine() if chosen.device == "cpu" else torch.cuda.get_device_name()
    cells = [
        {
            "network": network, "precision": precision, "number": number,
            "rows": chosen.rows, "epochs": chosen.epochs, "device": chosen.device,
        }
        for network in chosen.networks.split(",")
        for precision in chosen.precisions.split(",")
        for number in range(chosen.pairs)
    ]  # fmt: skip
    done = run_cells(chosen.out, cells, pair)
    print(f"\n{hardware}, torch {torch.__version__}, 1 thread, batches of {BATCH}, {chosen.pairs} pairs\n")
    print(
        "| network | precision | bare / ours, median | mean +- sd | images a second | aim 0.97 |\n|---|---|---|---|---|---|"
    )
    for network in chosen.networks.split(","):
        for precision in chosen.precisions.split(","):
            found = [row for row in done if (row["cell"]["network"], row["cell"]["precision"]) == (network, precision)]
            ratios = [row["ratio"] for row in found]
            median = float(np.median(ratios))
            speed = mean_sd([row["images_per_second"] for row in found], 0)
            print(
                f"| {network} | {precision} | {median:.3f} | {mean_sd(ratios)} | {speed} | {'met' if median >= AIM else 'missed'} |"
            )


if __name__ == "__main__":
    main()
