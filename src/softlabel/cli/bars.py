"""What the watchers of long work have in common: a bar, and an ear for the epochs of networks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_EPOCHS = logging.getLogger("softlabel.epochs")  # where networks that are trained in this process tell of their epochs


def make_bar(console: Console) -> Progress:
    """Return a bar that goes away when it is stopped; its tasks have a field ``left``, the time that is left in words."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
        transient=True,
    )


@contextmanager
def epochs_told_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Hand the line of each epoch on, and to nobody else."""
    listener, level, propagated = _Listener(tell), _EPOCHS.level, _EPOCHS.propagate
    _EPOCHS.addHandler(listener)
    _EPOCHS.setLevel(logging.INFO)
    _EPOCHS.propagate = False  # else whoever has set up logging sees each line twice
    try:
        yield
    finally:
        _EPOCHS.removeHandler(listener)
        _EPOCHS.setLevel(level)
        _EPOCHS.propagate = propagated


def short_epoch(text: str) -> str:
    """Return what a bar has room for of a line about an epoch: "epoch 3/30, training loss 1.2345"."""
    parts = [part.strip() for part in text.partition(";")[0].replace(":", ",", 1).split(",")]
    return ", ".join(part for part in parts if part.startswith(("epoch", "training loss")))


class _Listener(logging.Handler):
    """Hands each line on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record.getMessage())
