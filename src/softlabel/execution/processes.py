"""Executors that are told how many processes there are: this one, or several."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

import joblib

from softlabel.execution.executor import Done, Failure, Resources, Task, attempt, inherited, portable
from softlabel.execution.pool import Broken, run_in_pool


class InProcess:
    """Runs one task after the other, in this process, in the order given."""

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]:
        for task in tasks:
            yield attempt(function, task, resources)


class Processes:
    """Runs tasks in ``n_jobs`` processes through joblib (loky); large arrays are shared by memory map, not copied.

    Where a process dies (out of memory, say), joblib ends them all. The tasks that had begun and not ended are then begun
    once more, one at a time; the one with which a process dies again fails, and what is left goes on as before. The same holds
    for a task or a result that cannot be sent.

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
        tasks, resources = list(tasks), inherited(resources)  # other processes do not know the task around this one
        if len(tasks) < 2:  # nothing to share out: starting processes would only cost
            here = replace(resources, device=self.devices[0]) if self.devices else resources
            yield from InProcess().run(function, tasks, resources=here)
            return
        self._warn_of_too_many(len(tasks), resources.threads)
        unfinished = dict(enumerate(tasks))
        while unfinished:
            broken = yield from run_in_pool(function, unfinished, resources, self.n_jobs, self.devices)
            if broken is None:
                return
            for position in broken.suspects or tuple(unfinished):  # one at least is settled: this comes to an end
                yield from self._alone(function, unfinished.pop(position), resources, broken)

    def _alone(
        self, function: Callable[[Task], Any], task: Task, resources: Resources, broken: Broken
    ) -> Iterator[tuple[Task, Done | Failure]]:
        """Run a task that may have broken a pool, with nothing beside it that it could take along."""
        if not broken.suspects:  # no task had anything to do with it, so it would break again
            yield task, _failure_of_pool(broken.error)
            return
        # Two processes, one of them idle: with n_jobs=1 joblib starts none, and the task would end this one.
        again = yield from run_in_pool(function, {0: task}, resources, 2, self.devices)
        if again is not None:
            yield task, _failure_of_pool(again.error)

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


def _failure_of_pool(error: Exception) -> Failure:
    text = " ".join(str(error).split())
    if isinstance(error, BrokenProcessPool):
        told = RuntimeError("the process that fitted it died, perhaps for lack of memory; lower n_jobs")
        return Failure(told, f"{type(error).__name__}: {text}")
    return Failure(portable(error), f"{type(error).__name__}: {text}")
