"""Where a training runs, how many threads it takes, and what to say when the memory does not suffice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from softlabel.errors import FitError, InputError
from softlabel.execution.executor import current_resources

# The CPU has no error class for it, nor have the libraries of a GPU.
_OUT_OF_MEMORY = (
    "can't allocate memory",
    "not enough memory",
    "CUDNN_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def choose_device(device: str) -> torch.device:
    """Return the device of a name; ``auto`` is the one that the executor gave, else CUDA, else Apple's, else the CPU.

    Raises
    ------
    InputError
        If the name is unknown, or there is no such device here.
    """
    given = current_resources()
    if device == "auto" and given is not None and given.device is not None:
        device = given.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError):
        chosen = torch.device("meta")
    if chosen.type not in ("cpu", "cuda", "mps"):
        raise InputError(f"device={device!r}; give auto, cpu, cuda, cuda:N or mps")
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device={device!r}, but torch finds no CUDA device here; give auto or cpu")
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise InputError(f"device={device!r}, but there are {torch.cuda.device_count()} CUDA devices, counted from 0")
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise InputError(f"device={device!r}, but torch finds no Apple GPU here; give auto or cpu")
    if chosen.type == "cuda" and chosen.index is None:
        chosen = torch.device("cuda", torch.cuda.current_device())
    return chosen


@contextmanager
def bounded_threads(threads: int | None = None) -> Iterator[None]:
    """Take as many threads as are asked for, or as the executor allows; outside an executor torch's own setting stands."""
    allowed, before = current_resources(), torch.get_num_threads()
    threads = allowed.threads if threads is None and allowed is not None else threads
    if threads in (None, before):
        yield
        return
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def autocast_of(precision: str, device: torch.device) -> AbstractContextManager:
    """Return the context in which a network computes: bf16 where asked for, weights and sums in float32."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


@contextmanager
def memory_errors_told(device: torch.device, batch_size: int) -> Iterator[None]:
    """Turn an out-of-memory error into one that says what to lower."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise _out_of_memory(device, batch_size) from error
    except MemoryError as error:
        raise _out_of_memory(device, batch_size) from error
    except RuntimeError as error:
        if any(words in str(error) for words in _OUT_OF_MEMORY):
            raise _out_of_memory(device, batch_size) from error
        raise


def _out_of_memory(device: torch.device, batch_size: int) -> FitError:
    also = "" if device.type == "cpu" else ", take precision='bf16'"
    return FitError(
        f"out of memory on {device} with batches of {batch_size}; lower batch_size (to {max(batch_size // 2, 1)}, say), "
        f"the size of the images or the fits at the same time (jobs){also}"
    )
