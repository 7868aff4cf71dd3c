"""What the machine has: cores, accelerators, and how much memory a fit took of one."""

from __future__ import annotations

import importlib
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import joblib

CONTEXT_BYTES = 600 * 2**20  # what CUDA itself takes in each process (some 500 MiB on recent cards), beside the tensors


class DeviceMemory(NamedTuple):
    """Memory of one device, in bytes."""

    taken: int  # at most, by fits of this process since the last reset; 0: none ran there
    free: int  # for further processes


@dataclass(frozen=True)
class Machine:
    """What there is to place fits on. The clock and the memory are functions, so that decisions can be tested without them."""

    cores: int
    devices: tuple[str, ...]  # as torch names them; empty without accelerators
    clock: Callable[[], float]  # seconds
    reset_memory: Callable[[], None]  # begin to measure anew
    memory: Callable[[str], DeviceMemory]


def this_machine(device: str | None = None) -> Machine:
    """Return what this machine has.

    Parameters
    ----------
    device : str or None
        The device that was asked for: with "cpu" there are no accelerators, with "cuda:1" there is this one. With "auto"
        or None there are all that torch finds.
    """
    return Machine(joblib.cpu_count(), accelerators(device), time.perf_counter, _reset_memory, _memory)


def accelerators(device: str | None = None) -> tuple[str, ...]:
    """Return the names of the accelerators that may be used; torch is imported only where there seem to be any."""
    if device is not None and device != "auto":
        return () if device == "cpu" else ("cuda:0",) if device == "cuda" else (device,)
    torch = _torch_if_useful()
    if torch is None:
        return ()
    if torch.cuda.is_available():
        return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))
    return ("mps",) if torch.backends.mps.is_available() else ()


def release_memory(device: str | None) -> None:
    """Give memory that torch keeps for later back to a device, so that other processes find it."""
    torch = sys.modules.get("torch")
    if torch is not None and device is not None and device.startswith("cuda") and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _torch_if_useful() -> Any:
    if "torch" in sys.modules:
        return sys.modules["torch"]
    driver = any(Path("/dev").glob("nvidia[0-9]*")) or shutil.which("nvidia-smi") is not None
    if (driver or sys.platform == "darwin") and find_spec("torch") is not None:
        return importlib.import_module("torch")
    return None


def _reset_memory() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
        for number in range(torch.cuda.device_count()):
            torch.cuda.reset_peak_memory_stats(number)


def _memory(device: str) -> DeviceMemory:
    torch = sys.modules.get("torch")
    if torch is None:
        return DeviceMemory(0, 0)
    if device == "mps":  # one processor and one memory shared by all: a second fit at the same time gains nothing
        taken = torch.mps.driver_allocated_memory()
        return DeviceMemory(taken, taken)
    if not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return DeviceMemory(0, 0)
    taken = torch.cuda.max_memory_reserved(device)
    if taken == 0:
        return DeviceMemory(0, torch.cuda.mem_get_info(device)[0])
    torch.cuda.empty_cache()  # else what this process keeps for later would count as taken
    return DeviceMemory(taken + CONTEXT_BYTES, torch.cuda.mem_get_info(device)[0])
