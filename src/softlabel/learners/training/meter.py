"""What an epoch measured. Numbers stay on the device until they are asked for: reading each would make a GPU wait."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from softlabel.errors import FitError

_CHECK_EVERY = 50  # batches between two looks at the losses on a GPU; on a CPU a look costs nothing


@dataclass(frozen=True)
class EpochScores:
    """Training scores of one epoch: the mean over its examples, as they were seen (augmented, before each step)."""

    loss: float
    score: float  # the mean of what each row was told to be worth: accuracy, or mean absolute error
    lr: float  # of the last step
    n_rows: int


class EpochLosses:
    """Collects an epoch's losses, and stops a training whose loss is no number any more."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch
        self._losses: list[Tensor] = []
        self._scores: list[Tensor] = []
        self._sizes: list[int] = []
        self._rates: list[float] = []
        self._checked = 0

    def add(self, loss: Tensor, scores: Tensor, lr: float) -> None:
        """Take in one batch: its loss (scalar), the score of each row (b,), and the learning rate of its step."""
        self._losses.append(loss)
        self._scores.append(scores.sum())
        self._sizes.append(len(scores))
        self._rates.append(lr)
        if loss.device.type == "cpu" or len(self._losses) - self._checked >= _CHECK_EVERY:
            self._check()

    def scores(self) -> EpochScores:
        """Return the means over the rows of the epoch."""
        self._check()
        sizes = torch.tensor(self._sizes, dtype=torch.float64)  # (batches,)
        losses = torch.stack(self._losses).double().cpu()
        n_rows = int(sizes.sum())
        score = float(torch.stack(self._scores).sum()) / n_rows
        return EpochScores(float((losses * sizes).sum()) / n_rows, score, self._rates[-1], n_rows)

    def _check(self) -> None:
        unseen = torch.stack(self._losses[self._checked :]) if self._checked < len(self._losses) else torch.zeros(0)
        bad = torch.nonzero(~torch.isfinite(unseen.float().cpu())).flatten()  # positions
        if len(bad):
            batch = self._checked + int(bad[0])
            raise FitError(
                f"the loss is {float(self._losses[batch])} in epoch {self._epoch}, batch {batch + 1}, at learning rate "
                f"{self._rates[batch]:.3g}; give a smaller lr, clip_norm=1, or look for extreme values in the data"
            )
        self._checked = len(self._losses)
