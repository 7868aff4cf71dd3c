"""Batch normalisation by the mean and variance of the batch at hand, without a trace in the running statistics."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

LEAST_STATISTICS = 8  # rows that mean and variance of a batch are taken from, at the least


def labelling_copy(network: nn.Module, mode: str) -> nn.Module:
    """Return a copy of a network that labels: no weight and no statistic of it moves, and none of the network itself.

    With ``mode="train"`` its batch normalisation takes mean and variance of the batch at hand, as when it was trained (Label Refinery,
    section 3); dropout and the like stay off, so that a label is no matter of chance. With "eval" it takes those that it learned.
    """
    teacher: nn.Module = copy.deepcopy(network).requires_grad_(False).eval()
    if mode == "train":
        for module in _normalising(teacher):
            module.training = True  # train() would reach what stands within it too: dropout, say
            module.momentum = 0.0  # running statistics stay as they are
    return teacher


@contextmanager
def statistics_kept(network: nn.Module) -> Iterator[None]:
    """Let a network that trains be asked once more without moving its running statistics."""
    layers = _normalising(network)
    before = [
        (layer.momentum, None if layer.num_batches_tracked is None else layer.num_batches_tracked.clone())
        for layer in layers
    ]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, (momentum, count) in zip(layers, before, strict=True):
            layer.momentum = momentum
            if count is not None and layer.num_batches_tracked is not None:
                layer.num_batches_tracked.copy_(count)


def _normalising(network: nn.Module) -> list[_BatchNorm]:
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]
