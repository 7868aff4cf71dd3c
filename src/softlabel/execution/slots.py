"""Places that processes take and give back: which of them runs on which device.

A pool hands any task to any of its processes, so what belongs to a place (a device) cannot be told to a task beforehand. Each
process claims a place for the time of a task by making a file that must not be there yet, which one process only can do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PASSES = 1000  # over all places, 10 ms apart, before a place is taken without a claim
_PAUSE = 0.01
_kept: int | None = None  # the place that this process had last


@contextmanager
def claimed_slot(folder: str | Path, count: int) -> Iterator[int]:
    """Give the number of a place, 0 to ``count`` - 1, that no other process has while the block runs.

    A process gets its former place back where that is free: to begin on another device costs time and memory there.

    Parameters
    ----------
    folder : path
        The same for all processes of one pool, empty at first. Nothing is left in it.
    count : int
        Places, as many as there are processes. Where none gets free (a process was killed with its claim), one is
        given twice rather than waited for without end: a place decides where a task runs and never what it returns.
    """
    global _kept
    folder = Path(folder)
    first = os.getpid() if _kept is None else _kept  # processes that are new begin to look at different places
    order = [(first + step) % count for step in range(count)]
    slot, claim = _claim(folder, order)
    _kept = slot
    try:
        yield slot
    finally:
        if claim is not None:
            with suppress(OSError):
                claim.unlink()


def _claim(folder: Path, order: list[int]) -> tuple[int, Path | None]:
    for _ in range(_PASSES):
        for slot in order:
            path = folder / str(slot)
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                continue
            except OSError:  # the folder is gone: the pool is being ended, or the disk refuses
                return order[0], None
            return slot, path
        time.sleep(_PAUSE)
    return order[0], None
