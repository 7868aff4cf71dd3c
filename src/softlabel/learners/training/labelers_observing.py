"""Labelers that learn from what the student answers. Each is told of a batch before it is asked for the targets of that batch."""

from __future__ import annotations

import torch
from torch import Tensor

from softlabel.learners.augmentation.view import View
from softlabel.learners.training.outputs import outputs_of_kind


class OnlineSmoothingLabeler:
    """Blends each given row with the soft label of its class (``learners.labelers.OnlineSmoothing`` has the formula).

    Parameters
    ----------
    targets : (n, k) tensor
    share : float
        Of the given row.
    """

    def __init__(self, targets: Tensor, share: float) -> None:
        k = targets.shape[1]
        self._given, self._share = targets, share
        self._codes = targets.argmax(dim=1)  # (n,)
        self._smooth = torch.full((k, k), 1 / k, device=targets.device)  # the soft label of each class, a row each
        self._epoch = 1
        self._forget()

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """Count the answers that are right."""
        if epoch != self._epoch:
            some = (self._counts > 0)[:, None]  # (k, 1)
            self._smooth = torch.where(some, self._sums / self._counts.clamp(min=1)[:, None], self._smooth)
            self._epoch = epoch
            self._forget()
        codes = self._codes[index.to(self._codes.device)]  # (b,)
        right = output.argmax(dim=1) == codes  # (b,)
        member = torch.nn.functional.one_hot(codes, len(self._smooth)).to(output.dtype) * right[:, None]  # (b, k)
        # A product, not a scattered sum, whose order a GPU does not keep.
        self._sums += member.T @ torch.softmax(output, dim=1)
        self._counts += member.sum(dim=0)

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return the target rows (b, k) of a batch."""
        return self._rows(index.to(self._given.device))

    def final_targets(self) -> Tensor:
        """Return the target row (n, k) of each row in the last epoch."""
        return self._rows(torch.arange(len(self._given), device=self._given.device))

    def _rows(self, index: Tensor) -> Tensor:
        return self._share * self._given[index] + (1 - self._share) * self._smooth[self._codes[index]]

    def _forget(self) -> None:
        self._sums = torch.zeros_like(self._smooth)  # (k, k) of the answers to rows of each class that are right
        self._counts = torch.zeros_like(self._smooth[0])  # (k,)


class SelfAdaptiveLabeler:
    """Moves target rows towards the answers, and says how far each row is to be trusted (``learners.labelers.SelfAdaptive``).

    Parameters
    ----------
    targets : (n, m) tensor
        It is not changed.
    kind : str
        Of the target rows.
    waits : float
        Epochs that are trained on the rows as they are.
    momentum : float
        Weight of the old row.
    """

    def __init__(self, targets: Tensor, kind: str, waits: float, momentum: float) -> None:
        self._rows = targets.clone()
        self._kind, self._waits, self._momentum = kind, waits, momentum
        self._outputs = outputs_of_kind(kind)

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """Move the rows of a batch, once it is time."""
        if epoch > self._waits:
            index = index.to(self._rows.device)
            said = self._outputs.predictions(output)  # (b, m)
            self._rows[index] = self._momentum * self._rows[index] + (1 - self._momentum) * said

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return the target rows (b, m) of a batch; from the first that moved, with their trust beside them: (b, m + 1)."""
        rows = self._rows[index.to(self._rows.device)]  # (b, m)
        if epoch <= self._waits or self._kind == "scalar":
            return rows
        of_one = self._kind == "distribution"
        trust = (
            rows.amax(dim=1, keepdim=True) if of_one else torch.maximum(rows, 1 - rows).mean(dim=1, keepdim=True)
        )  # (b, 1)
        return torch.cat([rows, trust], dim=1)

    def final_targets(self) -> Tensor:
        """Return the rows (n, m) as they were moved last."""
        return self._rows


class ProgressiveLabeler:
    """Blends each given row with what was answered to it in the last epoch (``learners.labelers.Progressive``).

    Parameters
    ----------
    targets : (n, m) tensor
    kind : str
        Of the target rows.
    share : float
        Of the answers, in the last of all epochs.
    epochs : int
    """

    def __init__(self, targets: Tensor, kind: str, share: float, epochs: int) -> None:
        self._given, self._share, self._epochs = targets, share, epochs
        self._outputs = outputs_of_kind(kind)
        self._last, self._now = (
            torch.empty_like(targets),
            torch.empty_like(targets),
        )  # answers of the last epoch, of this one
        self._epoch = 1

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """Keep the answers for the next epoch."""
        if epoch != self._epoch:
            self._last, self._now = self._now, self._last
            self._epoch = epoch
        self._now[index.to(self._now.device)] = self._outputs.predictions(output)

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return the target rows (b, m) of a batch."""
        return self._rows(index.to(self._given.device), epoch)

    def final_targets(self) -> Tensor:
        """Return the target row (n, m) of each row in the last epoch."""
        return self._rows(torch.arange(len(self._given), device=self._given.device), self._epoch)

    def _rows(self, index: Tensor, epoch: int) -> Tensor:
        if epoch == 1:  # nothing was answered yet
            return self._given[index]
        a = self._share * epoch / self._epochs
        return (1 - a) * self._given[index] + a * self._last[index]
