"""What a comparison tells whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from softlabel.comparison.cells import Cell, CellResult
from softlabel.tasks import Task


@dataclass(frozen=True)
class Plan:
    """The size of the work, known before the first fit."""

    n_rows: int
    n_train: int  # of the first seed; where rows are drawn, those of others differ by a few
    n_test: int  # likewise
    drawn: bool  # whether each seed splits its test rows off; else they are of a test set
    features: tuple[str, ...]  # names of the columns that are features, of a table; () of anything else
    cautions: tuple[str, ...]  # what to know of the rows before believing a table
    task: Task
    estimator: str
    methods: tuple[str, ...]
    added: tuple[str, ...]  # methods that nobody asked for: the cheap rivals are always there
    skipped: dict[str, str]  # method -> why it cannot be run here
    corruptions: tuple[str, ...]
    seeds: tuple[int, ...]
    n_cells: int
    n_done: int  # of them, those that are stored already
    missing: tuple[Cell, ...]  # the others, in the order in which they are computed
    jobs: int | str


class Progress(Protocol):
    """Watches a comparison. The command line draws bars or writes lines; by default nobody looks."""

    def planned(self, plan: Plan) -> None: ...

    def cell_done(self, cell: Cell, result: CellResult) -> None: ...

    def failed(self, cell: Cell, text: str) -> None: ...

    def stage(self, text: str) -> None: ...


class Silent:
    """Watches and says nothing."""

    def planned(self, plan: Plan) -> None:
        pass

    def cell_done(self, cell: Cell, result: CellResult) -> None:
        pass

    def failed(self, cell: Cell, text: str) -> None:
        pass

    def stage(self, text: str) -> None:
        pass
