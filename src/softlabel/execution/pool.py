"""One pool of processes: how it is started and let go, what its tasks find there, and which of them may have broken it."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import joblib

from softlabel.execution.executor import Done, Failure, Resources, Task, attempt
from softlabel.execution.machine import release_memory
from softlabel.execution.slots import claimed_slot


@dataclass(frozen=True)
class Broken:
    """Why a pool ended before its tasks, and the numbers of those that may be the reason."""

    error: Exception
    suspects: tuple[int, ...]


def run_in_pool(
    function: Callable[[Task], Any],
    unfinished: dict[int, Task],
    resources: Resources,
    n_jobs: int,
    devices: Sequence[str] = (),
) -> Generator[tuple[Task, Done | Failure], None, Broken | None]:
    """Run tasks side by side, in any order of completion; each is taken out of ``unfinished`` as its outcome is yielded.

    Returned is None where all were done. Where the pool broke, the suspects are the tasks that had begun and whose outcomes
    were not yet had; where none had begun, those that were handed to the pool (one that cannot be sent, say).
    """
    _let_processes_be_replaced()
    # Threads as a default too, for libraries that a task is the first to load.
    with joblib.parallel_config(backend="loky", inner_max_num_threads=resources.threads):
        parallel = joblib.Parallel(
            n_jobs=n_jobs,
            return_as="generator_unordered",
            batch_size=1,  # a task is a whole fit: batches would only hold results back from the disk
            # What waits in the pool beyond its queue makes its thread fail, with a traceback, where a run is interrupted.
            pre_dispatch="n_jobs + 1",
        )
    handed_out, outcomes = set(), None

    def calls(folder: str) -> Iterator[Any]:
        for position, task in tuple(unfinished.items()):
            handed_out.add(position)
            yield joblib.delayed(_attempt_at)(position, function, task, resources, devices, folder)

    # A folder of its own for each pool: the places that dead processes had claimed would never get free.
    with tempfile.TemporaryDirectory(prefix="softlabel-", ignore_cleanup_errors=True) as folder:
        error: Exception = RuntimeError("the pool of processes ended before its tasks")
        try:
            with _deaf_to_interrupts():
                outcomes = parallel(calls(folder))
            for position, outcome in outcomes:
                yield unfinished.pop(position), outcome
        except Exception as caught:  # not from a task: of the pool, or of sending something to or fro
            error = caught
        finally:
            if outcomes is not None:
                _close(outcomes)
        if not unfinished:
            return None
        begun = tuple(position for position in unfinished if _mark(folder, position).exists())
        return Broken(error, begun or tuple(position for position in unfinished if position in handed_out))


def _let_processes_be_replaced() -> None:
    """Keep silent what loky says where it replaces a process that was idle for long or has grown; no work is lost then.

    It says so in the thread that minds the pool. Where the caller's filters make warnings errors, that thread would end
    there, and whoever waits for results would wait without end.
    """
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given", category=UserWarning)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let the processes started meanwhile never hear a Ctrl-C; this one hears it as soon as they are started.

    A terminal sends Ctrl-C to all processes of a command. This one stops the others; one that is still loading its
    libraries then would first write its own traceback over what this one says. Windows has no such mask.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    _start_trackers()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _close(outcomes: Any) -> None:
    """Let go of tasks whose results nobody waits for any more; whoever stopped knows that they are not done."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore",
            message=".*tasks (which were still being processed|have been successfully executed)",
            category=UserWarning,
        )
        outcomes.close()


def _start_trackers() -> None:
    """Start the processes that watch over shared memory: whoever starts one lets interrupts through again afterwards."""
    import multiprocessing.resource_tracker as of_python

    import joblib.externals.loky.backend.resource_tracker as of_loky

    of_python.ensure_running()
    of_loky.ensure_running()


def _attempt_at(
    position: int,
    function: Callable[[Task], Any],
    task: Task,
    resources: Resources,
    devices: Sequence[str],
    folder: str,
) -> tuple[int, Done | Failure]:
    """Attempt a task; its number comes back in its place, which tells tasks apart and is cheaper to send."""
    _let_tasks_start_processes()
    _let_tasks_grow()
    with suppress(OSError):  # a disk that refuses: then all tasks of the pool are suspected
        _mark(folder, position).touch()
    if not devices:
        return position, attempt(function, task, resources)[1]
    with claimed_slot(folder, len(devices)) as slot:
        device = devices[slot]
        outcome = attempt(function, task, replace(resources, device=device))[1]
        release_memory(device)
    return position, outcome


def _mark(folder: str, position: int) -> Path:
    """Return the file that is there once a task has begun: whoever dies can tell nothing any more, and files stay."""
    return Path(folder) / f"task-{position}"


def _let_tasks_start_processes() -> None:
    """Undo loky's start method in its own process: with it no other ``multiprocessing.Process`` can be started there.

    (It fails with "'Process' object has no attribute 'env'"; the workers of a torch ``DataLoader`` are such processes.)
    """
    if multiprocessing.get_start_method(allow_none=True) == "loky":
        multiprocessing.set_start_method(None, force=True)  # the system's own


def _let_tasks_grow() -> None:
    """Keep loky from replacing a process that has grown by 300 MB since its first task, which it takes for a leak.

    A process that loads torch, or has a larger fit than before, grows so. Each time loky warns, and loads all libraries
    again; under ``-W error`` the warning ends the thread that manages the pool, and the pool waits for ever.
    """
    import joblib.externals.loky.process_executor as loky

    if hasattr(loky, "_USE_PSUTIL"):
        loky._USE_PSUTIL = False
