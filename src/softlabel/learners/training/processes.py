"""One training in one process, or shared by several (one a GPU, or several machines) through accelerate."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any, Protocol

import torch
import torch.distributed as dist
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
        begun_here = not dist.is_initialized()
        self._accelerator = Accelerator(cpu=device.type == "cpu")
        self.rank, self.world = self._accelerator.process_index, self._accelerator.num_processes
        self.device: torch.device = self._accelerator.device
        if begun_here and dist.is_initialized():
            atexit.register(leave)

    def wrap(self, network: nn.Module) -> nn.Module:
        wrapped: nn.Module = self._accelerator.prepare_model(network)
        return wrapped

    def backward(self, loss: Tensor) -> None:
        self._accelerator.backward(loss)

    def agree(self, network: nn.Module) -> None:
        for values in (*network.parameters(), *network.buffers()):
            dist.broadcast(values.data, src=0)

    def of_first(self, value: float) -> float:
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.broadcast(shared, src=0)
        return float(shared)


def leave() -> None:
    """Leave the group of processes, at the end of one that entered it.

    Threads of the group that are still there when the interpreter goes would abort the process (gloo: "terminate called without an active
    exception"), after all of its work was done. After an error the others may wait for this process, and an orderly leave for them.
    """
    if dist.is_initialized() and not hasattr(sys, "last_value"):
        dist.destroy_process_group()


def launched_together() -> bool:
    """Return whether this process is one of several that were launched for one training."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def processes_for(device: torch.device) -> Any:
    """Return those that share the training on a device."""
    return Accelerated(device) if launched_together() else OneProcess()
