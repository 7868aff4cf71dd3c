"""Progress on stderr: a bar on a terminal, lines elsewhere; the plan first."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from softlabel.cli.wording import count, score_text
from softlabel.methods.cross_fit import Unit
from softlabel.run.config import RefineConfig
from softlabel.run.plan import Plan

_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def watch(config: RefineConfig) -> Iterator[Watcher]:
    """Watch one run: start and stop the bar around it."""
    watcher = Watcher(config)
    try:
        yield watcher
    finally:
        watcher.stop()


class Watcher:
    """Draws what a run reports, and estimates how long the rest takes from the fits done so far."""

    def __init__(self, config: RefineConfig) -> None:
        self._config = config
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._plan: Plan | None = None
        self._fits, self._started, self._last_line = 0, time.monotonic(), time.monotonic()

    def planned(self, plan: Plan) -> None:
        """State the plan."""
        self._plan, self._started = plan, time.monotonic()
        rarest, commonest = min(plan.classes.values()), max(plan.classes.values())
        sizes = f"{rarest}" if rarest == commonest else f"{rarest} to {commonest}"
        features = f"{plan.n_features} features" if plan.n_features else "features of any kind"
        self._say(f"plan: {plan.n_rows} rows, {features}, {len(plan.classes)} classes of {sizes} rows")
        if plan.n_corrupted:
            self._say(f"      {plan.n_corrupted} labels made wrong on purpose ({self._config.corrupt})")
        if plan.n_guard:
            self._say(f"      {plan.n_guard} rows in the guard: never refined, they score each round")
        self._say(
            f"      {count(plan.n_rounds, 'round')} x {plan.n_folds} folds x {count(len(plan.members), 'estimator')} "
            f"({', '.join(plan.members)}) and the final fit: {plan.n_fits} fits"
            + (f", {plan.n_done} of them already done" if plan.n_done else "")
            + (f"; {self._config.jobs} jobs" if self._config.jobs != 1 else "")
        )
        if self._console.is_terminal and plan.n_missing > 0:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}"),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("fits", total=plan.n_missing, left="")
            self._bar.start()

    def fitted(self, unit: Unit | None, seconds: float) -> None:
        """Count one fit."""
        self._fits += 1
        left = self._time_left()
        if self._bar is not None:
            description = "final fit" if unit is None else f"round {unit.round}, fold {unit.fold}"
            self._bar.update(self._task, advance=1, description=description, left=left)
        elif self._fits == 1 or time.monotonic() - self._last_line > _SECONDS_BETWEEN_LINES:
            where = "final fit" if unit is None else f"round {unit.round}, member {unit.member}, fold {unit.fold}"
            self._say(f"{where}: {seconds:.1f} s; {left}")

    def round_done(self, entry: dict[str, Any]) -> None:
        """Say what a round brought."""
        moved = f"{entry['moved']} labels moved"
        if "recovery" in entry:
            moved += f" ({entry['recovery']['n_corrected']} of {entry['recovery']['n_wrong']} wrong ones corrected)"
        scores = [f"out of fold {score_text(entry, 'oof_accuracy')}"]
        scores += [f"on true labels {score_text(entry, 'true_oof_accuracy')}"] if "true_oof_accuracy" in entry else []
        scores += [
            f"{name} {entry[f'{name}_accuracy']:.3f}" for name in ("guard", "test") if f"{name}_accuracy" in entry
        ]
        self._say(f"round {entry['round']}: {moved}; accuracy {', '.join(scores)}")

    def complained(self, category: str, text: str) -> None:
        """Say what a learner warned of, the first time."""
        self._say(f"      a learner warns: {category}: {' '.join(text.split())}")

    def stage(self, text: str) -> None:
        """Say what is being done between fits."""
        if self._bar is not None:
            self._bar.update(self._task, description=text)
        else:
            self._say(text)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _time_left(self) -> str:
        if self._plan is None:
            return ""
        missing = max(self._plan.n_missing - self._fits, 0)
        seconds = (time.monotonic() - self._started) / self._fits * missing
        return f"{missing} fits left, about {_readable(seconds)}"

    def _say(self, text: str) -> None:
        self._last_line = time.monotonic()
        self._console.print(text, markup=False)


def _readable(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
