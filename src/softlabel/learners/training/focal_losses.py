"""The focal loss of each row of a batch, against target rows (``learners.losses.Focal`` has formulas and source)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

_SMALLEST = 1e-8  # base of a power: at 0 the slope of x^gamma would be infinite for a gamma below 1


@dataclass(frozen=True)
class FocalRows:
    """-sum_c q_c (1 - p_c)^gamma log p_c of outputs and target rows (b, k): (b,), p = softmax(output)."""

    gamma: float

    def __call__(self, output: Tensor, targets: Tensor) -> Tensor:
        logs = torch.log_softmax(output, dim=1)  # (b, k)
        rest = -torch.expm1(logs)  # 1 - p, exact where p is almost 1
        return -(targets * rest.clamp(min=_SMALLEST) ** self.gamma * logs).sum(dim=1)


@dataclass(frozen=True)
class BinaryFocalRows:
    """Mean over entries of -q (1 - p)^gamma log p - (1 - q) p^gamma log(1 - p), p = sigmoid(output): (b,)."""

    gamma: float

    def __call__(self, output: Tensor, targets: Tensor) -> Tensor:
        p, rest = torch.sigmoid(output).clamp(min=_SMALLEST), torch.sigmoid(-output).clamp(min=_SMALLEST)
        there, missing = rest**self.gamma * F.logsigmoid(output), p**self.gamma * F.logsigmoid(-output)
        return -(targets * there + (1 - targets) * missing).mean(dim=1)
