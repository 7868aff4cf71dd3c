"""One training in one process, or shared by several (one a GPU, or several machines) through accelerate."""

from __future__ import annotations

import os
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from softlabel.errors import MissingExtraError


class Processes(Protocol):
    """Who takes part in a training, and how their gradients meet."""

    rank: int
    world: int

    def wrap(self, network: nn.Module) -> nn.Module: ...

    def backward(self, loss: Tensor) -> None: ...

    def agree(self, network: nn.Module) -> None:
        """Give all processes the weights and buffers of the first."""

    def of_first(self, value: float) -> float:
        """Return the first process's value, so that all decide alike."""


class OneProcess:
    """This process alone."""

    rank, world = 0, 1

    def wrap(self, network: nn.Module) -> nn.Module:
        return network

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def agree(self, network: nn.Module) -> None:
        pass

    def of_first(self, value: float) -> float:
        return value


class Accelerated:
    """The processes that ``accelerate launch`` or ``torchrun`` started: each takes its part of every batch.

    Gradients are averaged, so that a step is that of the whole batch in one process, to rounding; batch normalisation sees
    the part of its own process.
    """

    def __init__(self, device: torch.device) -> None:
        try:
            from accelerate import Accelerator
        except ImportError as error:
            raise MissingExtraError("accelerate", "torch") from error
        self._accelerator = Accelerator(cpu=device.type == "cpu")
        self.rank, self.world = self._accelerator.process_index, self._accelerator.num_processes
        self.device: torch.device = self._accelerator.device

    def wrap(self, network: nn.Module) -> nn.Module:
        wrapped: nn.Module = self._accelerator.prepare_model(network)
        return wrapped

    def backward(self, loss: Tensor) -> None:
        self._accelerator.backward(loss)

    def agree(self, network: nn.Module) -> None:
        import torch.distributed as dist

        for values in (*network.parameters(), *network.buffers()):
            dist.broadcast(values.data, src=0)

    def of_first(self, value: float) -> float:
        import torch.distributed as dist

        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.broadcast(shared, src=0)
        return float(shared)


def launched_together() -> bool:
    """Return whether this process is one of several that were launched for one training."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def processes_for(device: torch.device) -> Any:
    """Return those that share the training on a device."""
    return Accelerated(device) if launched_together() else OneProcess()
