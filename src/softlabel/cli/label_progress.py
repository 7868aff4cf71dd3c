"""The progress of labelling on stderr: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from softlabel.cli.bars import make_bar
from softlabel.cli.wording import time_text

_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def watch_labelling() -> Iterator[LabelWatcher]:
    """Watch one labelling: stop the bar at its end."""
    watcher = LabelWatcher()
    try:
        yield watcher
    finally:
        watcher.stop()


class LabelWatcher:
    """Draws how many pictures are labelled, and estimates how long the rest takes.

    Parameters
    ----------
    clock : callable
        Seconds from any start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._began: tuple[float, int] | None = None  # when, and how many were labelled then
        self._last_line = clock()

    def labelled(self, n_labelled: int, n: int) -> None:
        """Take in how many of n pictures are labelled by now; the first call says where it begins."""
        if self._began is None:
            self._began = (self._clock(), n_labelled)
            before = f"; {n_labelled} of them already done" if n_labelled else ""
            if n_labelled < n:
                self._say(f"plan: crops of {n} pictures to label{before}")
                if self._console.is_terminal:
                    self._bar = make_bar(self._console)
                    self._task = self._bar.add_task("pictures", total=n, completed=n_labelled, left="")
                    self._bar.start()
            return
        since, first = self._began
        left = time_text((self._clock() - since) / (n_labelled - first) * (n - n_labelled))
        if self._bar is not None:
            self._bar.update(self._task, completed=n_labelled, left=f"about {left} left")
        elif n_labelled == n or self._clock() - self._last_line > _SECONDS_BETWEEN_LINES:
            self._say(f"{n_labelled} of {n} pictures labelled" + ("" if n_labelled == n else f"; about {left} left"))

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _say(self, text: str) -> None:
        self._last_line = self._clock()
        self._console.print(text, markup=False)
