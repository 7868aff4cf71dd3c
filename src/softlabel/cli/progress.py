"""Progress on stderr: a bar on a terminal, lines elsewhere; the plan first."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.progress import Progress

from softlabel.cli.bars import epochs_told_to, make_bar, short_epoch
from softlabel.cli.task_words import classes_text, words_for
from softlabel.cli.wording import choice_line, count, counted, distance_text, rows_text, score_text, time_text
from softlabel.methods.choice import Choice
from softlabel.methods.units import Unit
from softlabel.run.config import RefineConfig
from softlabel.run.plan import Plan

_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def watch(config: RefineConfig) -> Iterator[Watcher]:
    """Watch one run: start and stop the bar around it, and listen to the epochs of networks."""
    watcher = Watcher(config)
    try:
        with epochs_told_to(watcher.epoch):
            yield watcher
    finally:
        watcher.stop()


class Watcher:
    """Draws what a run reports, and estimates how long the rest takes from the fits done so far.

    Parameters
    ----------
    config : RefineConfig
    clock : callable
        Seconds from any start.
    """

    def __init__(self, config: RefineConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._clock = config, clock
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._plan: Plan | None = None
        self._fits, self._started, self._last_line = 0, clock(), clock()  # _started: when the first fit began

    def planned(self, plan: Plan) -> None:
        """State the plan."""
        self._plan, self._started = plan, self._clock()
        rows = rows_text(plan.n_rows, plan.n_features, plan.image_shape, texts=self._config.text is not None)
        self._say(f"plan: {rows}, {classes_text(plan.task, plan.classes, plan.n_rows)}")
        if plan.n_corrupted:
            what = counted(plan.n_corrupted, words_for(plan.task).wrong)
            how = "wrong" if self._config.noisy_columns else "made wrong on purpose"
            self._say(f"      {what} {how} ({self._config.corrupt})")
        if plan.n_guard:
            rest = "it scores" if plan.n_guard == 1 else "they score"
            self._say(f"      {count(plan.n_guard, 'row')} in the guard: never refined, {rest} each round")
        if plan.n_evidence:
            self._say(f"      at most {count(plan.n_evidence, 'fit')} to choose how, on rows that no round sees")
        self._say(
            f"      {_work_text(plan)}: {count(plan.n_fits, 'fit')}"
            + (f", {plan.n_done} of them already done" if plan.n_done else "")
            + self._jobs_text()
        )
        if self._console.is_terminal and plan.n_missing > 0:
            self._bar = make_bar(self._console)
            self._task = self._bar.add_task("fits", total=plan.n_missing, left="")
            self._bar.start()

    def fitted(self, unit: Unit | None, seconds: float) -> None:
        """Count one fit."""
        self._fits += 1
        left = self._time_left(seconds)
        if self._bar is not None:
            description = self._where(unit, short=True)
            self._bar.update(self._task, advance=1, description=description, left=left)
        elif self._fits == 1 or self._line_is_due():
            took = f"{seconds:.1f} s; " if seconds > 0 else ""
            self._say(f"{self._where(unit)}: {took}{left}")

    def chose(self, choice: Choice, plan: Plan) -> None:
        """Say what was chosen, and count anew what is left."""
        if self._plan is not None:
            self._plan = replace(self._plan, n_fits=plan.n_missing + self._fits + self._plan.n_done)
            if self._bar is not None:
                self._bar.update(self._task, total=self._plan.n_missing)
        self._say(choice_line(choice.record()))

    def epoch(self, text: str) -> None:
        """Say how an epoch of the fit that is going on went."""
        total = "" if self._plan is None else f" of {self._plan.n_missing}"
        if self._bar is not None:
            self._bar.update(self._task, description=f"fit {self._fits + 1}, {short_epoch(text)}")
        elif self._line_is_due():
            self._say(f"fit {self._fits + 1}{total}, {text}")

    def round_done(self, entry: dict[str, Any]) -> None:
        """Say what a round brought."""
        words = words_for(None if self._plan is None else self._plan.task)
        score, name_of_score = words.score, words.short if words.short.isalpha() else words.long
        moved = f"{counted(entry['moved'], words.labels)} moved"
        if "recovery" in entry:
            moved += f" ({entry['recovery']['n_corrected']} of {entry['recovery']['n_wrong']} wrong ones corrected)"
        told = [("out of fold", f"oof_{score}"), ("on true labels", f"true_oof_{score}")]
        told += [(name, f"{name}_{score}") for name in ("guard", "test")]
        scores = [
            f"{where} {score_text(entry, name)}" for where, name in told if name in entry or where == "out of fold"
        ]
        self._say(f"round {entry['round']}: {moved}; {name_of_score} {', '.join(scores)}{distance_text(entry)}")

    def generation_done(self, entry: dict[str, Any]) -> None:
        """Say what a generation says of the rows."""
        words = words_for(None if self._plan is None else self._plan.task)
        names = {
            "oof": "out of fold",
            "in_sample": "on its own rows",
            "true": "on true labels",
            "test": "on the test rows",
        }
        told = [
            f"{where} {score_text(entry, f'{name}_{words.score}')}"
            for name, where in names.items()
            if f"{name}_{words.score}" in entry
        ]
        entropy = f"; entropy {entry['entropy']:.3f}" if "entropy" in entry else ""
        self._say(f"generation {entry['generation']}: {words.long} {', '.join(told)}{entropy}")

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

    def _where(self, unit: Unit | None, *, short: bool = False) -> str:
        return _where(unit, short=short, generations=self._config.method != "slr")

    def _jobs_text(self) -> str:
        jobs = self._config.jobs
        return "" if jobs == 1 else "; jobs as they fit" if jobs == "auto" else f"; {jobs} jobs"

    def _time_left(self, seconds: float) -> str:
        """Say how long the rest takes, by all fits since the first one, of these seconds, began: processes had to start before it."""
        if self._fits == 1 and seconds > 0:  # 0: that is not known
            self._started = self._clock() - seconds
        if self._plan is None:
            return ""
        missing = max(self._plan.n_missing - self._fits, 0)
        each = (self._clock() - self._started) / self._fits
        if self._fits == 1 and isinstance(self._config.jobs, int):
            each /= self._config.jobs  # the others that began with it are not done yet
        return f"{count(missing, 'fit')} left, about {time_text(each * missing)}"

    def _line_is_due(self) -> bool:
        return self._clock() - self._last_line > _SECONDS_BETWEEN_LINES

    def _say(self, text: str) -> None:
        self._last_line = self._clock()
        self._console.print(text, markup=False)


def _work_text(plan: Plan) -> str:
    """Say what there is to do."""
    if plan.work is not None:
        return plan.work
    return (
        f"{count(plan.n_rounds, 'round')} x {plan.n_folds} folds x {count(len(plan.members), 'estimator')} "
        f"({', '.join(plan.members)}) and the final fit"
    )


def _where(unit: Unit | None, *, short: bool = False, generations: bool = False) -> str:
    """Say what a fit was for: the end, a choice, or a fold of a round."""
    if unit is None:
        return "final fit"
    if unit.round == 0:
        return "choosing"
    if generations:
        return f"generation {unit.round}" + (f", fold {unit.fold}" if unit.member else "")
    return f"round {unit.round}, {'' if short else f'member {unit.member}, '}fold {unit.fold}"
