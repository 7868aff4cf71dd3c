"""Random draws of one batch, which depend on its seed alone: not on the process, the device or who drew before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def generator(seed: int) -> torch.Generator:
    """Return a generator of the CPU, whatever the device of the batch: the same seed then draws the same everywhere."""
    return torch.Generator().manual_seed(seed)


def image_seeds(seed: int, n: int) -> list[int]:
    """Return a seed (63 bits) for each of n images of a batch."""
    words = np.random.SeedSequence(seed).generate_state(n, np.uint64)  # (n,)
    return (words >> np.uint64(1)).tolist()


def step_seeds(seed: int) -> tuple[int, int, int]:
    """Return seeds (63 bits) of a batch's geometry, boxes and images, so that one more step in a recipe changes no other's draws."""
    geometry, boxes, images = (int(word) >> 1 for word in np.random.SeedSequence(seed).generate_state(3, np.uint64))
    return geometry, boxes, images


@contextmanager
def borrowed_generator(device: torch.device) -> Iterator[torch.Generator]:
    """Lend torch's global generator of the CPU, to be seeded before each image; its state is put back at the end.

    torchvision's transforms draw from it and take no other. On a GPU the device's own generator is put back as well,
    since a transform of the user's may draw there.
    """
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield torch.default_generator
