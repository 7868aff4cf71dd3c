"""The contract between the methods and whatever runs their fits."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from threadpoolctl import threadpool_limits

Task = TypeVar("Task")


@dataclass(frozen=True)
class Resources:
    """What one task may use.

    Attributes
    ----------
    threads : int
        Threads of linear algebra and OpenMP per fit. They change the order of sums and so the last bits of a result:
        they are part of a run's configuration, equal under every executor.
    """

    threads: int = 1


@dataclass(frozen=True)
class Done:
    """What a task returned, and the warnings it raised on its way."""

    value: Any
    warnings: tuple[tuple[type[Warning], str], ...] = field(default=())


@dataclass(frozen=True)
class Failure:
    """What a task raised: the error itself and its traceback as text (it may have happened in another process)."""

    error: Exception
    traceback: str


class Executor(Protocol):
    """Runs a picklable function over tasks.

    ``run`` yields (task, ``Done`` or ``Failure``) in any order of completion; the caller orders by task. A failing task never stops
    the others. Whoever stops iterating stops the work.
    """

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]: ...


def attempt(function: Callable[[Task], Any], task: Task, resources: Resources) -> tuple[Task, Done | Failure]:
    """Run one task where it is: bounded threads, warnings collected, an error returned rather than raised."""
    try:
        with warnings.catch_warnings(record=True) as caught, threadpool_limits(resources.threads):
            warnings.simplefilter("always")
            value = function(task)
    except Exception as error:  # whatever a learner raises is the caller's to report, with its address
        return task, Failure(error, traceback.format_exc())
    distinct = dict.fromkeys((warning.category, str(warning.message)) for warning in caught)
    return task, Done(value, tuple(distinct))
