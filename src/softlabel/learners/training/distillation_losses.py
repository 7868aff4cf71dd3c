"""The loss of each row of a batch to its given row and to a teacher's (``learners.losses.DistillationLoss``: formulas, source)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from softlabel.learners.training.loss_choice import row_losses
from softlabel.learners.training.losses import (
    RowLosses,
    binary_cross_entropy,
    binary_entropy,
    kl_divergence,
    smooth_l1,
)


@dataclass(frozen=True)
class DistilledRows:
    """(1 - share) given + share T^2 taught, of outputs (b, m) and rows (b, 2m)."""

    given: RowLosses
    taught: RowLosses  # of outputs / T and the teacher's rows
    share: float
    temperature: float = 1.0

    def __call__(self, output: Tensor, targets: Tensor) -> Tensor:
        m = output.shape[1]
        given, teacher = targets[:, :m], targets[:, m:]
        taught = self.temperature**2 * self.taught(output, teacher)
        return (1 - self.share) * self.given(output, given) + self.share * taught


@dataclass(frozen=True)
class SoftenedDivergence:
    """KL(t' || softmax(output / T)), t' = t^(1/T) / sum t^(1/T) of the teacher's rows t: softmax(z / T) of its logits z."""

    temperature: float

    def __call__(self, output: Tensor, teacher: Tensor) -> Tensor:
        if self.temperature != 1:
            teacher = torch.softmax(teacher.log() / self.temperature, dim=1)
        return kl_divergence(output / self.temperature, teacher)


@dataclass(frozen=True)
class SoftenedBinaryDivergence:
    """The mean over entries of the KL divergence of sigmoid(output / T) from sigmoid(z / T), z the logit of the teacher's entry."""

    temperature: float

    def __call__(self, output: Tensor, teacher: Tensor) -> Tensor:
        if self.temperature != 1:
            teacher = torch.sigmoid((teacher.log() - (1 - teacher).log()) / self.temperature)
        return binary_cross_entropy(output / self.temperature, teacher) - binary_entropy(teacher)


def distilled_rows(loss: Any, kind: str, share: float, temperature: float) -> DistilledRows:
    """Return the loss of rows of a kind; ``loss`` is that to the given rows."""
    taught: dict[str, RowLosses] = {
        "distribution": SoftenedDivergence(temperature),
        "independent": SoftenedBinaryDivergence(temperature),
        "scalar": smooth_l1,
    }
    return DistilledRows(row_losses(loss, kind), taught[kind], share, temperature)
