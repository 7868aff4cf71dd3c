"""Adversarial jitter: each batch comes with a copy that was moved to where student and teacher disagree more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn

from softlabel.learners.augmentation.view import View
from softlabel.learners.training.batch_statistics import statistics_kept
from softlabel.learners.training.loop import Batch, Batches

_SMALLEST = 1e-12  # probability that a logarithm is taken of


class SoftAnswers(Protocol):
    """Who labels: asked for soft rows through which gradients pass."""

    def answers(self, index: Tensor, x: Tensor) -> Tensor:
        """Return target rows (b, k) of a batch; gradients reach ``x``."""


@dataclass(frozen=True)
class JitteredBatches:
    """Batches of twice the size: the examples x, and behind them x + eta dKL/dx.

    ``KL = sum_i KL(q(x_i) || p(x_i))`` with q the teacher's rows and p the softmax of the student as it stands at this step: the sum, so
    that no example's step depends on how many stand beside it, but for batch normalisation, whose statistics are the batch's. Both
    rows depend on x, so that the gradient passes through both networks. x is in the student's scale: pixels of mean 0 and
    deviation 1. Label Refinery, section 3.1, equation 3; there, as here, one step of ascent. The student's running statistics do not
    move by this.
    """

    batches: Batches
    network: nn.Module  # the student, as it trains
    labeler: SoftAnswers
    eta: float

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, each doubled."""
        for batch in self.batches.epoch(epoch):
            answers = partial(self.labeler.answers, batch.index)
            moved = jittered(batch.x, self.network, answers, self.eta)
            weight = None if batch.weight is None else torch.cat([batch.weight, batch.weight])
            index = torch.cat([batch.index, batch.index])
            yield Batch(index, torch.cat([batch.x, moved]), _twice(batch.view), weight, batch.share)


def jittered(x: Tensor, network: nn.Module, answers: Callable[[Tensor], Tensor], eta: float) -> Tensor:
    """Return x + eta dKL/dx, (b, ...), for a student and the soft rows of its teacher."""
    moving = x.detach().clone().requires_grad_(True)
    with statistics_kept(network), torch.enable_grad():
        said = torch.log_softmax(network(moving).float(), dim=1)  # (b, k)
        labels = answers(moving)  # (b, k)
        logs = labels.clamp(min=_SMALLEST).log()  # a label of 0 has an infinite slope
        divergence = (labels * (logs - said)).sum()
        (slope,) = torch.autograd.grad(divergence, moving)
    return (x + eta * slope).detach()


def _twice(view: View) -> View:
    """Return the view of a batch that stands twice below itself; partners of the copies are copies."""

    def doubled(values: Tensor | None) -> Tensor | None:
        return None if values is None else torch.cat([values, values])

    partner = None if view.partner is None else torch.cat([view.partner, view.partner + len(view.partner)])
    return View(partner=partner, share=doubled(view.share), boxes=doubled(view.boxes), flipped=doubled(view.flipped))
