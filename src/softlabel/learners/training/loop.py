"""The training loop. It knows nothing of labels: a labeler says what each augmented example is worth, batches come augmented.

Read this first; every other file of this folder is something that is passed in here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from softlabel.learners.augmentation.view import View
from softlabel.learners.training.averaging import Averaging, NoAveraging
from softlabel.learners.training.meter import EpochLosses, EpochScores
from softlabel.learners.training.processes import OneProcess, Processes
from softlabel.learners.training.schedules import Schedule


@dataclass(frozen=True)
class Batch:
    """Examples as the network sees them."""

    index: Tensor  # (b,) int64 on the CPU: which training rows these are
    x: Tensor  # (b, ...) float, augmented, on the device
    view: View  # what was done to them
    weight: Tensor | None = None  # (b,) weights of the rows
    share: float = 1.0  # of the whole batch's weight, times the processes that share the batch


class Batches(Protocol):
    """All rows once an epoch, in an order of its own each time."""

    def epoch(self, epoch: int) -> Iterator[Batch]: ...


class Labeler(Protocol):
    """Decides the target of each augmented example while a student trains.

    ``index`` (b,) says which rows, ``view`` what was done to them, ``x`` (b, ...) what the student sees. Each batch is observed first,
    so that its targets may take the present answers in; epochs count from 1.

    A labeler that also has ``final_targets()`` tells with it, when the training has ended, the target row of each row, (n, m).
    """

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """Take notice of what the student answers, (b, m) without gradient, before the step; most labelers do not care."""

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return target rows (b, m) on the device of ``x``; further columns are for a loss that reads them."""


class Loss(Protocol):
    """Sees the whole batch, so that it may choose among its rows."""

    def __call__(self, output: Tensor, targets: Tensor, weight: Tensor | None) -> Tensor:
        """Return the loss of a batch, a scalar, from outputs (b, m), target rows (b, m) and row weights (b,)."""


@dataclass(frozen=True)
class Training:
    """All that one training needs, ready to run."""

    network: nn.Module
    batches: Batches
    labeler: Labeler
    loss: Loss
    row_scores: Callable[[Tensor, Tensor], Tensor]  # of outputs and target rows (b, m): (b,), to be watched and no more
    optimizer: Optimizer
    schedule: Schedule
    epochs: int
    clip_norm: float | None = None
    autocast: Callable[[], AbstractContextManager] = nullcontext
    averaging: Averaging = field(default_factory=NoAveraging)
    processes: Processes = field(default_factory=OneProcess)


def train(training: Training, after_epoch: Callable[[int, EpochScores], bool]) -> None:
    """Train the network in place.

    Parameters
    ----------
    training : Training
    after_epoch : callable
        Told the epoch, from 1, and its training scores; returns True to end the training there.

    Raises
    ------
    FitError
        If the loss is no finite number: names epoch, batch and learning rate.
    """
    parts, network = training, training.processes.wrap(training.network)
    for epoch in range(1, parts.epochs + 1):
        parts.network.train()
        losses = EpochLosses(epoch)
        for batch in parts.batches.epoch(epoch):
            with parts.autocast():
                output = network(batch.x)  # (b, m)
            output = output.float()  # a loss in 8 bits of mantissa loses small gradients
            answered = output.detach()  # (b, m)
            parts.labeler.observe(batch.index, answered, epoch)
            targets = parts.labeler.targets(batch.index, batch.view, batch.x, epoch)  # (b, m), or more columns
            loss = parts.loss(output, targets, batch.weight)
            parts.optimizer.zero_grad(set_to_none=True)
            parts.processes.backward(loss * batch.share if batch.share != 1.0 else loss)
            if parts.clip_norm is not None:
                nn.utils.clip_grad_norm_(parts.network.parameters(), parts.clip_norm)
            found = parts.row_scores(answered, targets[:, : answered.shape[1]])  # (b,)
            losses.add(loss.detach(), found, parts.optimizer.param_groups[0]["lr"])
            parts.optimizer.step()
            parts.schedule.step()
            parts.averaging.after_step(parts.network)
        parts.averaging.after_epoch(parts.network, epoch)
        if after_epoch(epoch, losses.scores()):
            break
