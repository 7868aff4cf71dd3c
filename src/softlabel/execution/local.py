"""Executors of one machine: in this process, or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from numbers import Integral
from typing import Any

import joblib

from softlabel.errors import InputError
from softlabel.execution.executor import Done, Executor, Failure, Resources, Task, attempt, portable


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
    """

    def __init__(self, n_jobs: int) -> None:
        self.n_jobs = n_jobs

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]:
        tasks = list(tasks)
        if len(tasks) < 2:  # nothing to share out: starting processes would only cost
            yield from InProcess().run(function, tasks, resources=resources)
            return
        parallel = joblib.Parallel(
            n_jobs=self.n_jobs,
            backend="loky",
            return_as="generator_unordered",
            batch_size=1,  # a task is a whole fit: batches would only hold results back from the disk
            pre_dispatch="all",
        )
        unfinished = dict(enumerate(tasks))
        try:
            for position, outcome in parallel(
                joblib.delayed(_attempt_at)(position, function, task, resources)
                for position, task in unfinished.items()
            ):
                yield unfinished.pop(position), outcome
        except Exception as error:  # not from a task: of the pool, or of sending something to or fro
            failure = _failure_of_pool(error)
            for task in unfinished.values():
                yield task, failure


def local_executor(n_jobs: int | None) -> Executor:
    """Return the executor for scikit-learn's ``n_jobs``: None and 1 stay in this process, -1 takes every core.

    Raises
    ------
    InputError
        If ``n_jobs`` is 0 or not an integer.
    """
    if n_jobs is None or n_jobs == 1:
        return InProcess()
    if not isinstance(n_jobs, Integral) or n_jobs == 0:
        raise InputError(f"n_jobs={n_jobs!r}; give a number of processes, -1 for one a core, or None for this process")
    return Processes(int(n_jobs))


def _attempt_at(
    position: int, function: Callable[[Task], Any], task: Task, resources: Resources
) -> tuple[int, Done | Failure]:
    """Attempt a task; its number comes back in its place, which tells tasks apart and is cheaper to send."""
    return position, attempt(function, task, resources)[1]


def _failure_of_pool(error: Exception) -> Failure:
    text = " ".join(str(error).split())
    if isinstance(error, BrokenProcessPool):
        told = RuntimeError("the process that fitted it died, perhaps for lack of memory; lower n_jobs")
        return Failure(told, f"{type(error).__name__}: {text}")
    return Failure(portable(error), f"{type(error).__name__}: {text}")
