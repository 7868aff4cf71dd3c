"""The toy study: a comparison on three Gaussians in the plane, where it can be seen what every method answers, and what is true.

Source: Fang, Yang and Ni, "Stochastic Label Refinery: Toward Better Target Label Distribution", appendix A, figures 5 and 6.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from softlabel.comparison.cell_work import Experiment, compute_cell
from softlabel.comparison.cells import Cell
from softlabel.comparison.comparison import asked_for, compare_rows
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.decision_areas import grid_points
from softlabel.comparison.parts import NO_CORRUPTION, Parts
from softlabel.comparison.progress import Progress, Silent
from softlabel.comparison.results import Results
from softlabel.comparison.toy_config import toy_config, toy_data
from softlabel.comparison.toy_figures import draw_areas, draw_targets, write_rounds
from softlabel.comparison.toy_files import ToyFiles
from softlabel.comparison.toy_rounds import NOISE, refine_by_round
from softlabel.comparison.toy_rows import ToyRows
from softlabel.execution.executor import Failure, Resources
from softlabel.execution.local import local_executor
from softlabel.run.data_reading import DataRead
from softlabel.run.units import TimeLimitReached
from softlabel.store.comparison_store import ComparisonPaths
from softlabel.store.lock import RunLock

Task = TypeVar("Task")


def run_toy(
    config: CompareConfig, progress: Progress | None = None, *, curves: bool = False, rows: ToyRows | None = None
) -> Results:
    """Compare methods on fresh draws of the toy mixture, and draw what they answer.

    Beyond what every comparison has, each cell tells ``posterior_tv``: the mean total variation between its answers for the fresh points
    and the true posterior. Beside the tables stand ``decision_areas`` (methods by corruptions, the areas of the first seed),
    ``targets_by_round`` (targets over the rounds of the refinery as mixed colours) and their numbers. All of it is resumed like
    the cells.

    Parameters
    ----------
    config : CompareConfig
        Its source is ``toy``; what it leaves open is that of ``toy_config``.
    progress : Progress or None
    curves : bool
        As for ``run_comparison``.
    rows : ToyRows or None
        How many rows each seed draws; 300, and 2000 fresh points.

    Raises
    ------
    InputError, MissingExtraError
        For methods or options that cannot be used.
    RunConflictError
        If the folder holds a comparison of other data or settings.
    TimeLimitReached
        After ``config.time_limit`` seconds.
    """
    progress, rows, started = progress or Silent(), rows or ToyRows(), time.monotonic()
    config = toy_config(config)
    data = toy_data(config, rows)
    results = compare_rows(config, data, rows, progress, curves=curves)
    work = _Work(config, ToyFiles(config.folder), progress, started)
    with RunLock(ComparisonPaths(config.folder).lock):
        work.keep_areas(asked_for(config, data, rows)[1], rows, results)
        draw_areas(config.folder, results=results)
        noise = shown_noise(config.corrupt)
        work.keep_targets(data, rows, noise, results.seeds)
        write_rounds(config.folder, noise, results.seeds)
        draw_targets(config.folder, noise, results.seeds)
    return results


def shown_noise(corruptions: tuple[str, ...]) -> str:
    """Return the corruption whose targets are shown round by round: 30% as in the paper, else the first that makes labels wrong.

    Examples
    --------
    >>> shown_noise(("none", "symmetric:0.1", "symmetric:0.3")), shown_noise(("none", "pair:0.2"))
    ('symmetric:0.3', 'pair:0.2')
    """
    wrong = [corruption for corruption in corruptions if corruption != NO_CORRUPTION]
    return NOISE if NOISE in wrong or not wrong else wrong[0]


def answers_on_grid(cell: Cell, *, experiment: Experiment, rows: ToyRows) -> np.ndarray:
    """Return what the method of a cell answers all over the window, (g * g, 3): it is fitted again, as it was for the cell."""
    asked = _AskedOnGrid(n=rows.n, n_fresh=1)
    compute_cell(cell, experiment=replace(experiment, rows=asked, curves=False))
    return asked.answers[0]


@dataclass(frozen=True)
class _AskedOnGrid(ToyRows):
    """The same rows, where a fitted method is asked for its answers all over the window."""

    answers: list[np.ndarray] = field(default_factory=list)

    def extras(self, fitted: Any, parts: Parts, seed: int) -> dict[str, float]:
        self.answers.append(self.task.known(np.asarray(fitted.predict_targets(grid_points()))))
        return {}


@dataclass(frozen=True)
class _Work:
    """Fits what is not stored yet, on as many processes as the comparison, and stores each result when it is whole."""

    config: CompareConfig
    files: ToyFiles
    progress: Progress
    started: float

    def keep_areas(self, experiment: Experiment, rows: ToyRows, results: Results) -> None:
        """Store the answers all over the window of every cell of the first seed."""
        cells = [cell for cell in results.cells if cell.seed == self.config.seed and self.files.areas(cell) is None]
        work = partial(answers_on_grid, experiment=experiment, rows=rows)
        for cell, answers in self._done(f"decision areas of seed {self.config.seed}", work, cells):
            self.files.put_areas(cell, answers)

    def keep_targets(self, data: DataRead, rows: ToyRows, noise: str, seeds: tuple[int, ...]) -> None:
        """Store the targets of every round of every seed."""
        missing = [seed for seed in seeds if self.files.targets(noise, seed) is None]
        work = partial(
            refine_by_round, n=rows.n, noise=noise, estimator=data.estimators[0], threads=self.config.threads
        )
        for seed, refined in self._done(f"targets by round, {noise}", work, missing):
            self.files.put_targets(noise, seed, refined.targets)

    def _done(self, what: str, work: Callable[[Task], Any], tasks: Sequence[Task]) -> Iterator[tuple[Task, Any]]:
        """Yield each task with what came of it, as soon as it is there; tell of every tenth of them."""
        executor, limit, n = local_executor(self.config.jobs, self.config.device), self.config.time_limit, len(tasks)
        if not n:
            return
        self.progress.stage(f"{what}: {n} to compute")
        outcomes = executor.run(work, tasks, resources=Resources(self.config.threads))
        for number, (task, outcome) in enumerate(outcomes, start=1):
            if isinstance(outcome, Failure):
                raise outcome.error
            yield task, outcome.value
            if 10 * number // n > 10 * (number - 1) // n:
                self.progress.stage(f"{what}: {number} of {n}")
            if limit is not None and time.monotonic() - self.started > limit:
                raise TimeLimitReached(f"the time limit of {limit:g} s is reached; the same command goes on from here")
