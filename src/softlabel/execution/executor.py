"""The contract between the methods and whatever runs their fits."""

from __future__ import annotations

import pickle
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
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
    device : str or None
        Where a learner that computes on an accelerator should do so ("cuda:1"); None leaves the choice to it. It is a
        matter of placement, not of configuration: an executor sets it.
    kind : str
        What is fitted, where fits of one run differ: an executor that measures fits takes each kind for itself.
    """

    threads: int = 1
    device: str | None = None
    kind: str = ""


_current: ContextVar[Resources | None] = ContextVar("softlabel_resources", default=None)


def current_resources() -> Resources | None:
    """Return what the task that is running may use; None outside of any executor.

    For learners that share out threads and devices by other means than the libraries bounded by ``attempt``.
    """
    return _current.get()


def inherited(resources: Resources) -> Resources:
    """Return what a task within the running one may use: its own threads, and the outer task's device where it has none."""
    outer = _current.get()
    if outer is None or resources.device is not None:
        return resources
    return replace(resources, device=outer.device)


@dataclass(frozen=True)
class Done:
    """What a task returned, and the warnings it raised on its way."""

    value: Any
    warnings: tuple[tuple[type[Warning], str], ...] = field(default=())


@dataclass(frozen=True)
class Failure:
    """What a task raised: the error itself and its traceback as text (it may have happened in another process).

    An error that does not survive pickling is replaced by one that does, under every executor alike: see ``portable``.
    """

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
        with warnings.catch_warnings(record=True) as caught, within(resources):
            warnings.simplefilter("always")
            value = function(task)
    except Exception as error:  # whatever a learner raises is the caller's to report, with its address
        return task, Failure(portable(error), traceback.format_exc())
    distinct = dict.fromkeys((warning.category, str(warning.message)) for warning in caught)
    return task, Done(value, tuple(distinct))


@contextmanager
def within(resources: Resources) -> Iterator[None]:
    """Bound the threads of linear algebra, OpenMP and torch, and tell the task its resources; all is put back at the end."""
    torch = sys.modules.get("torch")  # not imported for this: a task that imports it first asks current_resources
    torch_threads = torch.get_num_threads() if torch is not None else 0
    token = _current.set(inherited(resources))
    try:
        with threadpool_limits(resources.threads):
            if torch is not None:
                torch.set_num_threads(resources.threads)
            yield
    finally:
        _current.reset(token)
        if torch is not None:
            torch.set_num_threads(torch_threads)


def portable(error: Exception) -> Exception:
    """Return an error that can be sent from one process to another.

    Many errors of other packages cannot: pickle rebuilds an error from ``error.args``, which fails, or changes the
    message, where ``__init__`` takes something else. Unpickled in the pool's own thread, such an error would end the whole
    pool and lose the work of all the others. In its place comes a RuntimeError (TypeError, if it was one) that names its
    type and has its text.
    """
    text = _text(error)
    try:
        again = pickle.loads(pickle.dumps(error))
        if type(again) is type(error) and _text(again) == text:
            return error
    except Exception:  # whatever the error's own methods raise
        pass
    kind = TypeError if isinstance(error, TypeError) else RuntimeError
    return kind(f"{type(error).__name__}: {text}")


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:
        return "(its message cannot be had)"
