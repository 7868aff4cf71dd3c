"""Seeds as addresses for torch, whose layers and transforms know one global generator only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from softlabel.learners.own_generators import own_generators


def address(*parts: int) -> int:
    """Return the seed of an address (seed, purpose, epoch, batch, ...): any change of a part gives another seed."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))


@contextmanager
def isolated(seed: int, device: torch.device) -> Iterator[None]:
    """Give torch's global generators a seed, and put their state back at the end.

    Dropout and the like draw from them and take no other; so the caller's own draws are left as if nothing had happened.
    """
    with own_generators(seed, [device] if device.type == "cuda" else []):
        if device.type == "mps":
            torch.mps.manual_seed(seed)
        yield
