"""Many small networks of one shape, trained in one batch: a layer's weights are one array, a network's share of it one slice.

Networks share nothing but the calls: each has its own rows, targets and first weights, and its own best epoch. A stack of one
is ``nn.Sequential`` trained alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn


class StackedMLP(nn.Module):
    """g multi-layer perceptrons with ReLU.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden units of each layer, outputs: (2, 64, 64, 64, 64, 64, 3).
    seeds : sequence of int (g,)
        One a network. The first weights are uniform on +-1/sqrt(inputs), which is what ``nn.Linear`` draws; the same seed draws the same.
    """

    def __init__(self, sizes: Sequence[int], seeds: Sequence[int]) -> None:
        super().__init__()
        drawn = [_first_weights(sizes, seed) for seed in seeds]
        layers = range(len(sizes) - 1)
        self.weights = nn.ParameterList(
            torch.stack([one[layer][0] for one in drawn]) for layer in layers
        )  # (g, in, out)
        self.biases = nn.ParameterList(torch.stack([one[layer][1] for one in drawn]) for layer in layers)  # (g, 1, out)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (g, n, k) of rows (g, n, d), or of rows (n, d) that all networks share."""
        if x.ndim == 2:
            x = x.expand(self.weights[0].shape[0], -1, -1)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.baddbmm(bias, x, weight)
            if layer < len(self.weights) - 1:
                x = torch.relu(x)
        return x

    def alone(self, network: int) -> nn.Sequential:
        """Return a copy of one network as plain layers."""
        layers: list[nn.Module] = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            layer = nn.Linear(weight.shape[1], weight.shape[2])
            with torch.no_grad():
                layer.weight.copy_(weight[network].T)
                layer.bias.copy_(bias[network, 0])
            layers += [layer, nn.ReLU()]
        return nn.Sequential(*layers[:-1])


@dataclass(frozen=True)
class Trained:
    """A stack as it was in each network's best epoch, or in the last of all."""

    networks: StackedMLP
    loss: Tensor  # (g,) the validation loss of each, then
    epoch: Tensor  # (g,) int: when that was, from 1


def train_stack(
    networks: StackedMLP,
    x: Tensor,
    targets: Tensor,
    x_validation: Tensor,
    y_validation: Tensor,
    *,
    epochs: int,
    lr: float,
    keep_best: bool = True,
) -> Trained:
    """Train all networks on all of their rows at once, by Adam, and keep of each the weights of its best epoch.

    Parameters
    ----------
    networks : StackedMLP of g networks; their first weights are overwritten
    x : (n, d), or (g, n, d)
    targets : (g, n, k)
        Rows that sum to 1; the loss is cross entropy.
    x_validation : (v, d), or (g, v, d)
    y_validation : (v,) int
        Given labels; the validation loss is their mean negative log likelihood.
    epochs : int
        Steps, too: an epoch is one batch.
    lr : float
    keep_best : bool
        Whether the epoch with the least validation loss is kept, a network each its own; else the last one.
    """
    optimizer = torch.optim.Adam(networks.parameters(), lr=lr)
    g = targets.shape[0]
    best = [value.detach().clone() for value in networks.parameters()]
    least = torch.full((g,), math.inf, device=targets.device)
    when = torch.zeros(g, dtype=torch.int64, device=targets.device)
    for epoch in range(1, epochs + 1):
        optimizer.zero_grad()
        losses = -(targets * torch.log_softmax(networks(x), dim=2)).sum(dim=2).mean(dim=1)  # (g,)
        losses.sum().backward()  # of the sum each network's gradient is its own
        optimizer.step()
        if not keep_best and epoch < epochs:
            continue
        with torch.no_grad():
            loss = validation_loss(networks(x_validation), y_validation)  # (g,)
            better = loss < least
            least, when = torch.where(better, loss, least), torch.where(better, epoch, when)
            for kept, value in zip(best, networks.parameters(), strict=True):
                kept[better] = value[better]
    with torch.no_grad():
        for kept, value in zip(best, networks.parameters(), strict=True):
            value.copy_(kept)
    return Trained(networks, least, when)


def validation_loss(logits: Tensor, y: Tensor) -> Tensor:
    """Return the mean negative log likelihood (g,) of labels (v,) under logits (g, v, k)."""
    logs = torch.log_softmax(logits, dim=2)  # (g, v, k)
    return -logs[:, torch.arange(len(y), device=y.device), y].mean(dim=1)


def _first_weights(sizes: Sequence[int], seed: int) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    drawn = []
    for inputs, outputs in pairwise(sizes):
        bound = 1 / math.sqrt(inputs)
        weight = torch.empty(inputs, outputs).uniform_(-bound, bound, generator=generator)
        drawn.append((weight, torch.empty(1, outputs).uniform_(-bound, bound, generator=generator)))
    return drawn
