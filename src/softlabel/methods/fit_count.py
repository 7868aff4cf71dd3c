"""How many learners were fitted, and how long that took: what a method costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class FitCount:
    """Fits that were done while it counted."""

    n_fits: int = 0
    seconds: float = 0.0  # within the fits, and nothing else


_counting: ContextVar[tuple[FitCount, ...]] = ContextVar("counting", default=())


@contextmanager
def fits_counted() -> Iterator[FitCount]:
    """Count the fits of learners that are done in this process until the block ends; those of other processes are not seen."""
    count = FitCount()
    token = _counting.set((*_counting.get(), count))
    try:
        yield count
    finally:
        _counting.reset(token)


@contextmanager
def counting_a_fit() -> Iterator[None]:
    """Be one fit, for whoever counts; one that fails has been none."""
    start = time.perf_counter()
    yield
    for count in _counting.get():
        count.n_fits += 1
        count.seconds += time.perf_counter() - start
