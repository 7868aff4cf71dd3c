"""The progress of a comparison on stderr: a bar on a terminal, lines elsewhere; the plan first."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from softlabel.cli.bars import epochs_told_to, make_bar, short_epoch
from softlabel.cli.task_words import words_for
from softlabel.cli.wording import count, time_text
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.left_out import grouped_reasons
from softlabel.comparison.parts import NO_CORRUPTION
from softlabel.comparison.progress import Plan

_BETWEEN_CELLS, _BETWEEN_EPOCHS = 1.0, 10.0  # seconds between two lines
_FEATURES_WIDTH = 100  # characters
_KNOWN_SHARE, _KNOWN_CELLS = 0.05, 5  # of the cells done, and not fewer than these: then all are taken to be like them
_UNKNOWN = "time left: -"


@contextmanager
def watch_comparison(config: CompareConfig) -> Iterator[CellWatcher]:
    """Watch one comparison: start and stop the bar around it, and listen to the epochs of networks."""
    watcher = CellWatcher(config)
    try:
        with epochs_told_to(watcher.epoch):
            yield watcher
    finally:
        watcher.stop()


class CellWatcher:
    """Draws what a comparison reports, and estimates how long the rest takes.

    A cell that is still to come takes as long as those of its method did on average, or as all did where none of its method is
    done yet. How many are computed at the same time is seen from what was done in the time that has passed. The first cell of a
    process loads libraries, so that its time counts for nothing but a bound of its method's. Nothing is estimated before a cell of
    each method, or a share of all cells, is done.

    Parameters
    ----------
    config : CompareConfig
    clock : callable
        Seconds from any start.
    """

    def __init__(self, config: CompareConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._clock = config, clock
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._plan: Plan | None = None
        self._times: dict[str, list[float]] = defaultdict(list)  # method -> seconds of each cell done in this call
        self._seen: Counter[str] = Counter()  # method -> cells that came back in this call, failed ones among them
        self._complaints: set[tuple[str, str]] = set()
        self._bounds: dict[str, float] = {}  # method -> seconds of a cell that was the first of a process
        self._n_first = _processes(config.jobs)  # cells to come that are the first of a process
        self._started, self._last_line = clock(), clock()

    def planned(self, plan: Plan) -> None:
        """State the plan."""
        self._plan, self._started = plan, self._clock()
        for line in _plan_lines(plan):
            self._say(line)
        if self._console.is_terminal and plan.n_cells > plan.n_done:
            self._bar = make_bar(self._console)
            self._task = self._bar.add_task("cells", total=plan.n_cells, completed=plan.n_done, left="")
            self._bar.start()

    def cell_done(self, cell: Cell, result: CellResult) -> None:
        """Say what a cell brought."""
        self._count(cell, result.seconds)
        for category, text in dict.fromkeys(result.warnings):
            if (category, text) not in self._complaints:
                self._complaints.add((category, text))
                self._say(f"      {cell.method} warns: {category}: {' '.join(text.split())}")
        left = self._time_left()
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=str(cell), left=left)
        elif self._number == 1 or self._n_left == 0 or self._line_is_due(_BETWEEN_CELLS):
            told = [f"{count(result.n_fits, 'fit')}", f"{result.seconds:.1f} s"]
            words = words_for(None if self._plan is None else self._plan.task)
            if words.score in result.scores:
                told.insert(0, f"{words.score.replace('_', ' ')} {result.scores[words.score]:.3f}")
            self._say(f"{self._where(cell)}: {', '.join(told)}{f'; {left}' if left else ''}")

    def failed(self, cell: Cell, text: str) -> None:
        """Say that a cell failed, and why."""
        self._count(cell, None)
        if self._bar is not None:
            self._bar.update(self._task, advance=1, left=self._time_left())
        self._say(f"{self._where(cell)} failed: {text}")

    def epoch(self, text: str) -> None:
        """Say how an epoch of a network that is being trained in this process went."""
        if self._bar is not None:
            self._bar.update(self._task, description=short_epoch(text))
        elif self._line_is_due(_BETWEEN_EPOCHS):
            of_all = "" if self._plan is None else f"cell {self._number + 1} of {self._plan.n_cells}, "
            self._say(f"{of_all}{text}")

    def stage(self, text: str) -> None:
        """Say what is being done between cells."""
        if self._bar is not None:
            self._bar.update(self._task, description=text)
        else:
            self._say(text)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @property
    def _number(self) -> int:
        """Cells that are done or failed, those of earlier calls among them."""
        return sum(self._seen.values()) + (0 if self._plan is None else self._plan.n_done)

    @property
    def _n_left(self) -> int:
        return 0 if self._plan is None else max(self._plan.n_cells - self._number, 0)

    def _where(self, cell: Cell) -> str:
        return str(cell) if self._plan is None else f"{self._number} of {self._plan.n_cells}: {cell}"

    def _count(self, cell: Cell, seconds: float | None) -> None:
        """Count a cell, and its time where it has one that says something."""
        self._seen[cell.method] += 1
        if self._n_first > 0:
            self._n_first -= 1
            self._started = self._clock()  # what the times are measured against begins with the cells that count
            if seconds is not None:
                self._bounds[cell.method] = min(seconds, self._bounds.get(cell.method, seconds))
        elif seconds is not None:
            self._times[cell.method].append(seconds)

    def _time_left(self) -> str:
        """Return "about 4 min left"; "" where nothing is left, and that it is not known yet where so little is done."""
        if self._plan is None or not self._n_left:
            return ""
        times = [seconds for several in self._times.values() for seconds in several]
        to_come = Counter(cell.method for cell in self._plan.missing) - self._seen
        done = sum(self._seen.values())
        enough = done >= max(_KNOWN_SHARE * self._plan.n_cells, _KNOWN_CELLS)
        if not times or not (enough or to_come.keys() <= self._seen.keys()):
            return _UNKNOWN
        mean = sum(times) / len(times)
        work = sum(n * self._seconds_of(method, mean) for method, n in to_come.items())
        at_once = sum(times) / max(self._clock() - self._started, 1e-9)  # cells that share the time
        return f"about {time_text(work / at_once if at_once > 0 else 0.0)} left"

    def _seconds_of(self, method: str, mean: float) -> float:
        """Return how long a cell of a method takes, as far as that is known."""
        times = self._times.get(method)
        return sum(times) / len(times) if times else min(mean, self._bounds.get(method, mean))

    def _line_is_due(self, seconds: float) -> bool:
        return self._clock() - self._last_line >= seconds

    def _say(self, text: str) -> None:
        self._last_line = self._clock()
        self._console.print(text, markup=False)


def _plan_lines(plan: Plan) -> list[str]:
    words = words_for(plan.task)
    scored = (
        f"{count(plan.n_train, 'row')} to train on, {plan.n_test} to score with, drawn anew by each seed"
        if plan.drawn
        else f"{count(plan.n_rows, 'row')}, {plan.n_test} others to score with"
    )
    lines = [f"plan: {scored}; {len(plan.task.classes)} {words.classes}; {plan.estimator}"]
    if plan.features:
        lines.append(f"      features: {_listed(plan.features)} ({len(plan.features)} in all)")
    sizes = [count(len(plan.methods), "method")]
    if plan.corruptions != (NO_CORRUPTION,):
        sizes.append(f"{count(len(plan.corruptions), 'corruption')} ({', '.join(plan.corruptions)})")
    sizes.append(count(len(plan.seeds), "seed"))
    jobs = "" if plan.jobs == 1 else "; jobs as they fit" if plan.jobs == "auto" else f"; {plan.jobs} jobs"
    done = f", {plan.n_done} of them already done" if plan.n_done else ""
    lines.append(f"      {' x '.join(sizes)}: {count(plan.n_cells, 'cell')}{done}{jobs}")
    lines.append(f"      {', '.join(plan.methods)}")
    if plan.added:
        lines.append(f"      added, for every comparison has them: {', '.join(plan.added)}")
    lines += [f"      left out: {line}" for line in grouped_reasons(plan.skipped)]
    return lines + [f"softlabel: warning: {caution}" for caution in plan.cautions]


def _listed(names: tuple[str, ...]) -> str:
    """Return names joined by commas, as many as a line has room for, and how many more there are."""
    shown = 1
    while shown < len(names) and len(", ".join(names[: shown + 1])) <= _FEATURES_WIDTH:
        shown += 1
    more = f", ... and {len(names) - shown} more" if shown < len(names) else ""
    return ", ".join(names[:shown]) + more


def _processes(jobs: int | str) -> int:
    """Return how many processes compute cells, as far as that can be told here."""
    return jobs if isinstance(jobs, int) and jobs > 0 else os.cpu_count() or 1
