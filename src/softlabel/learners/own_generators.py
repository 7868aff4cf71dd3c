"""Torch's global generators, seeded for a while: layers and their first weights draw from them and take no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch


@contextmanager
def own_generators(seed: int, gpus: Sequence[int | torch.device] = ()) -> Iterator[None]:
    """Seed the global generators of the CPU and of some CUDA devices, and put their state back at the end.

    The caller's own draws are then left as if nothing had happened. Not ``torch.manual_seed``, which also seeds devices
    that are not put back.
    """
    with torch.random.fork_rng(devices=list(gpus)):
        torch.default_generator.manual_seed(seed)
        for gpu in gpus:
            with torch.cuda.device(gpu):
                torch.cuda.manual_seed(seed)
        yield
