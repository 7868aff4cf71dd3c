"""Executors of one machine: in this process, or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import joblib

from softlabel.errors import InputError
from softlabel.execution.executor import Done, Executor, Failure, Resources, Task, attempt


class InProcess:
    """Runs one task after the other, in this process, in the order given."""

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]:
        for task in tasks:
            yield attempt(function, task, resources)


class Processes:
    """Runs tasks in ``n_jobs`` processes through joblib (loky); large arrays are shared by memory map, not copied.

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
        yield from parallel(joblib.delayed(attempt)(function, task, resources) for task in tasks)


def local_executor(n_jobs: int | None) -> Executor:
    """Return the executor for scikit-learn's ``n_jobs``: None and 1 stay in this process, -1 takes every core.

    Raises
    ------
    InputError
        If ``n_jobs`` is 0 or not an integer.
    """
    if n_jobs is None or n_jobs == 1:
        return InProcess()
    if not isinstance(n_jobs, int) or n_jobs == 0:
        raise InputError(f"n_jobs={n_jobs!r}; give a number of processes, -1 for one a core, or None for this process")
    return Processes(n_jobs)
