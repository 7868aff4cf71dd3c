"""Executors that are told how many processes there are: this one, or several."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import joblib

from softlabel.execution.executor import Done, Failure, Resources, Task, attempt, portable
from softlabel.execution.machine import release_memory
from softlabel.execution.slots import claimed_slot


class InProcess:
    """Runs one task after the other, in this process, in the order given."""

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]:
        for task in tasks:
            yield attempt(function, task, resources)


class Processes:
    """Runs tasks in ``n_jobs`` processes through joblib (loky); large arrays are shared by memory map, not copied.

    Where a process dies (out of memory, say), the tasks that were not finished fail, and those that were are kept.

    Parameters
    ----------
    n_jobs : int
        As joblib counts: 2 is two processes, -1 one for each core.
    devices : sequence of str
        The device of each process, ``n_jobs`` of them (one may stand several times), which their tasks find in
        ``current_resources``; by default none.

    Warns
    -----
    UserWarning
        Once, where the processes want more cores than there are.
    """

    def __init__(self, n_jobs: int, devices: Sequence[str] = ()) -> None:
        self.n_jobs = n_jobs
        self.devices = tuple(devices)
        self._warned = False

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]:
        tasks = list(tasks)
        if len(tasks) < 2:  # nothing to share out: starting processes would only cost
            here = replace(resources, device=self.devices[0]) if self.devices else resources
            yield from InProcess().run(function, tasks, resources=here)
            return
        self._warn_of_too_many(len(tasks), resources.threads)
        _let_processes_be_replaced()
        # Threads as a default too, for libraries that a task is the first to load.
        with joblib.parallel_config(backend="loky", inner_max_num_threads=resources.threads):
            parallel = joblib.Parallel(
                n_jobs=self.n_jobs,
                return_as="generator_unordered",
                batch_size=1,  # a task is a whole fit: batches would only hold results back from the disk
                pre_dispatch="all",
            )
        unfinished = dict(enumerate(tasks))
        with _slot_folder(self.devices) as folder:
            try:
                with _deaf_to_interrupts():
                    outcomes = parallel(
                        joblib.delayed(_attempt_at)(position, function, task, resources, self.devices, folder)
                        for position, task in unfinished.items()
                    )
                for position, outcome in outcomes:
                    yield unfinished.pop(position), outcome
            except Exception as error:  # not from a task: of the pool, or of sending something to or fro
                failure = _failure_of_pool(error)
                for task in unfinished.values():
                    yield task, failure

    def _warn_of_too_many(self, n_tasks: int, threads: int) -> None:
        n_processes = min(joblib.effective_n_jobs(self.n_jobs), n_tasks)
        cores = joblib.cpu_count()
        if n_processes * threads > cores and not self._warned:
            self._warned = True
            warnings.warn(
                f"{n_processes} processes with {threads} thread{'s' if threads > 1 else ''} each on {cores} core"
                f"{'s' if cores > 1 else ''}: they wait for each other; lower the jobs (n_jobs='auto' fits them)",
                UserWarning,
                stacklevel=2,
            )


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


def _start_trackers() -> None:
    """Start the processes that watch over shared memory: whoever starts one lets interrupts through again afterwards."""
    import multiprocessing.resource_tracker as of_python

    import joblib.externals.loky.backend.resource_tracker as of_loky

    of_python.ensure_running()
    of_loky.ensure_running()


@contextmanager
def _slot_folder(devices: Sequence[str]) -> Iterator[str]:
    """Give a folder in which processes claim their places; none is made where places do not matter."""
    if not devices:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="softlabel-", ignore_cleanup_errors=True) as folder:
        yield folder


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
    if not devices:
        return position, attempt(function, task, resources)[1]
    with claimed_slot(folder, len(devices)) as slot:
        device = devices[slot]
        outcome = attempt(function, task, replace(resources, device=device))[1]
        release_memory(device)
    return position, outcome


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


def _failure_of_pool(error: Exception) -> Failure:
    text = " ".join(str(error).split())
    if isinstance(error, BrokenProcessPool):
        told = RuntimeError("the process that fitted it died, perhaps for lack of memory; lower n_jobs")
        return Failure(told, f"{type(error).__name__}: {text}")
    return Failure(portable(error), f"{type(error).__name__}: {text}")
