"""Seeds as addresses for torch, whose layers and transforms know one global generator only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def address(*parts: int) -> int:
    """Return the seed of an address (seed, purpose, epoch, batch, ...): any change of a part gives another seed."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))


@contextmanager
def isolated(seed: int, device: torch.device) -> Iterator[None]:
    """Give torch's global generators a seed, and put their state back at the end.

    Dropout and the like draw from them and take no other; so the caller's own draws are left as if nothing had happened.
    """
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)  # not torch.manual_seed, which seeds devices that are not put back
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        elif device.type == "mps":
            torch.mps.manual_seed(seed)
        yield
