"""Averages of a network's weights along its training, by torch's own ``swa_utils``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, update_bn

from softlabel.errors import InputError


class Averaging(Protocol):
    """Watches a training, and says which weights it ends with."""

    def after_step(self, network: nn.Module) -> None: ...

    def after_epoch(self, network: nn.Module, epoch: int) -> None: ...

    def result(self, network: nn.Module, inputs: Callable[[], Iterator[Tensor]]) -> nn.Module:
        """Return the network to use; ``inputs`` gives the training inputs batch by batch, for statistics."""


class NoAveraging:
    """The last weights."""

    def after_step(self, network: nn.Module) -> None:
        pass

    def after_epoch(self, network: nn.Module, epoch: int) -> None:
        pass

    def result(self, network: nn.Module, inputs: Callable[[], Iterator[Tensor]]) -> nn.Module:
        return network


class ExponentialAverage:
    """Exponential moving average of weights and buffers, after each step: a <- d a + (1 - d) w.

    d = min(decay, (1 + t) / (10 + t)) after t steps, so that a short training is not held back by its random start.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay, self._steps = decay, 0
        self._average = AveragedModel(network, avg_fn=self._blended, use_buffers=True)

    def after_step(self, network: nn.Module) -> None:
        self._average.update_parameters(network)
        self._steps += 1

    def _blended(self, averaged: Tensor, current: Tensor, n_averaged: Tensor | int) -> Tensor:
        # The steps are counted here: ``n_averaged`` lies on the device, and to read it for each tensor would make a GPU wait.
        d = min(self._decay, (1 + self._steps) / (10 + self._steps))
        return averaged.lerp(current.to(averaged.dtype), 1 - d) if averaged.is_floating_point() else current

    def after_epoch(self, network: nn.Module, epoch: int) -> None:
        pass

    def result(self, network: nn.Module, inputs: Callable[[], Iterator[Tensor]]) -> nn.Module:
        return self._average.module


class StochasticWeightAverage:
    """Mean of the weights after each epoch from a share ``start`` of the training on (SWA, Izmailov et al. 2018).

    The statistics of batch normalisation are those of no single set of weights, so they are computed anew at the end.
    """

    def __init__(self, network: nn.Module, start: float, epochs: int) -> None:
        self._average = AveragedModel(network)
        self._first = min(int(start * epochs) + 1, epochs)  # at least the last epoch counts

    def after_step(self, network: nn.Module) -> None:
        pass

    def after_epoch(self, network: nn.Module, epoch: int) -> None:
        if epoch >= self._first:
            self._average.update_parameters(network)

    def result(self, network: nn.Module, inputs: Callable[[], Iterator[Tensor]]) -> nn.Module:
        if int(self._average.n_averaged) == 0:  # stopped early, before there was anything to average
            return network
        with torch.no_grad():
            update_bn(inputs(), self._average.module)
        return self._average.module


def make_averaging(name: str | None, network: nn.Module, *, decay: float, start: float, epochs: int) -> Averaging:
    """Return the averaging of a name: None, ``ema`` or ``swa``."""
    if name is None:
        return NoAveraging()
    if name == "ema":
        if not 0 < decay < 1:
            raise InputError(f"ema_decay={decay!r}; give a number between 0 and 1, such as 0.999")
        return ExponentialAverage(network, decay)
    if name == "swa":
        if not 0 <= start < 1:
            raise InputError(f"swa_start={start!r}; give a share of the training, from 0 up to, but not including, 1")
        return StochasticWeightAverage(network, start, epochs)
    raise InputError(f"average={name!r}; give 'ema', 'swa' or None")
