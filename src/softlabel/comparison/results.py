"""All results of a comparison: who did how well, and which differences the seeds decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.intervals import Difference, Spread, paired_difference, spread
from softlabel.comparison.scoring import has_direction, higher_is_better
from softlabel.comparison.short_table import short_markdown, short_text
from softlabel.errors import InputError
from softlabel.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

COSTS = ("n_fits", "seconds", "fit_seconds")  # numbers that nothing is better or worse for


@dataclass(frozen=True)
class Results:
    """What every method brought under every corruption with every seed.

    Parameters
    ----------
    cells : mapping of Cell to CellResult
        What is done.
    failures : mapping of Cell to str
        What failed, with the reason in one line.
    skipped : mapping of str to str
        Methods that cannot take this task or learner, with the reason.
    task : Task
        It names the main score.
    baseline : str
        The method that differences are taken to.
    level : float
        Of the confidence intervals, above 0 and below 1.
    methods, corruptions, seeds : tuple
        What was asked for, in the order given; what is left empty is taken from the cells, in their order.
    about : mapping
        What the numbers were measured on (source, rows, hardware, versions): plain values by name.

    Examples
    --------
    >>> from softlabel.tasks import Multiclass
    >>> found = {("plain", 0): 0.80, ("plain", 1): 0.82, ("slr", 0): 0.85, ("slr", 1): 0.88}
    >>> cells = {Cell("none", seed, name): CellResult({"accuracy": value}) for (name, seed), value in found.items()}
    >>> results = Results(cells, {}, {}, Multiclass(["a", "b"]))
    >>> results.difference("none", "slr", "accuracy").text()
    '+0.055 [-0.009, +0.119] ='
    """

    cells: Mapping[Cell, CellResult]
    failures: Mapping[Cell, str]
    skipped: Mapping[str, str]
    task: Task
    baseline: str = "plain"
    level: float = 0.95
    methods: tuple[str, ...] = ()
    corruptions: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise InputError(
                f"level is {self.level!r}; give the confidence of intervals, above 0 and below 1 (0.95, say)"
            )
        tried = (*self.cells, *self.failures)
        for name, found in (
            ("methods", dict.fromkeys(cell.method for cell in tried)),
            ("corruptions", dict.fromkeys(cell.corruption for cell in tried)),
            ("seeds", dict.fromkeys(sorted(cell.seed for cell in tried))),
        ):
            if not getattr(self, name):
                object.__setattr__(self, name, tuple(found))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All numbers that any cell has, in the order of a cell: the main score first, costs last."""
        known = dict.fromkeys(name for numbers in self._numbers.values() for name in numbers)
        main = [self.task.main_score] if self.task.main_score in known else []
        return tuple(
            dict.fromkeys([*main, *(name for name in known if name not in COSTS), *(c for c in COSTS if c in known)])
        )

    def values(self, corruption: str, method: str, name: str) -> dict[int, float]:
        """Return a number by seed, for the seeds that have it."""
        found = {seed: self._numbers.get(Cell(corruption, seed, method), {}).get(name) for seed in self.seeds}
        return {seed: value for seed, value in found.items() if value is not None}

    def spread(self, corruption: str, method: str, name: str) -> Spread | None:
        """Return mean and standard deviation of a number over the seeds; None where no seed has it."""
        found = self.values(corruption, method, name)
        return spread(list(found.values()), self.level) if found else None

    def difference(self, corruption: str, method: str, name: str, to: str | None = None) -> Difference | None:
        """Return how far a method's number is from that of another, the baseline by default.

        Only seeds that both have are compared. None where there is no such seed, for costs, for the method itself, and for
        numbers of which it is not known which way they are better.
        """
        other = self.baseline if to is None else to
        if method == other or name in COSTS or not has_direction(name):
            return None
        ours, theirs = self.values(corruption, method, name), self.values(corruption, other, name)
        both = [seed for seed in ours if seed in theirs]
        if not both:
            return None
        pairs = [ours[seed] for seed in both], [theirs[seed] for seed in both]
        return paired_difference(*pairs, self.level, higher_is_better=higher_is_better(name))

    def ahead_of_all(self, corruption: str) -> str | None:
        """Return the method whose main score is better than that of every other one, each by its interval; None if none is."""
        score = self.task.main_score
        rivals = [method for method in self.methods if self.values(corruption, method, score)]
        for method in rivals:
            gaps = [self.difference(corruption, method, score, to=other) for other in rivals if other != method]
            if gaps and all(gap is not None and gap.verdict == "better" for gap in gaps):
                return method
        return None

    def n_done(self, corruption: str, method: str) -> int:
        """Return how many seeds are done."""
        return sum(Cell(corruption, seed, method) in self.cells for seed in self.seeds)

    def n_failed(self, corruption: str, method: str) -> int:
        """Return how many seeds failed."""
        return sum(Cell(corruption, seed, method) in self.failures for seed in self.seeds)

    def decidable(self, names: Iterable[str]) -> int:
        """Return how many differences to the baseline of these numbers are judged, those that are identical aside."""
        gaps = (self.difference(*where, name) for where in self._rows() for name in names)
        return sum(gap is not None and gap.n > 1 and not gap.identical for gap in gaps)

    def table(self) -> pd.DataFrame:
        """Return one row for each corruption and method, in the order given.

        Columns: ``corruption``, ``method``, ``n`` (seeds done), ``failed``; for each number of the cells (``names``) its mean over the
        seeds under its own name, ``..._sd`` and ``..._n``; for each of which it is known which way it is better ``..._difference``
        to the baseline with ``..._low``, ``..._high``, ``..._pairs`` and ``..._verdict`` (better, worse, tie, one seed). What
        there is none of is missing: the baseline's own differences, ends of an interval of one seed.
        """
        import pandas as pd

        return pd.DataFrame([self._table_row(*where) for where in self._rows()])

    def text(self, width: int | None = None) -> str:
        """Return the short table for a terminal: a line a method, marks for what is decided, and what they mean.

        Parameters
        ----------
        width : int, optional
            Characters of a line; columns that do not fit follow below. None: as wide as it takes.
        """
        return short_text(self, width)

    def markdown(self) -> str:
        """Return the short table as Markdown."""
        return short_markdown(self)

    def _rows(self) -> list[tuple[str, str]]:
        return [(corruption, method) for corruption in self.corruptions for method in self.methods]

    def _table_row(self, corruption: str, method: str) -> dict[str, Any]:
        row: dict[str, Any] = {"corruption": corruption, "method": method}
        row |= {"n": self.n_done(corruption, method), "failed": self.n_failed(corruption, method)}
        for name in self.names:
            found, gap = self.spread(corruption, method, name), self.difference(corruption, method, name)
            row |= {name: found and found.mean, f"{name}_sd": found and found.sd, f"{name}_n": found.n if found else 0}
            if name in COSTS or not has_direction(name):
                continue
            row |= {
                f"{name}_difference": gap and gap.mean,
                f"{name}_low": gap and gap.low,
                f"{name}_high": gap and gap.high,
            }
            row |= {f"{name}_pairs": gap.n if gap else 0, f"{name}_verdict": gap and gap.verdict}
        return row

    @cached_property
    def _numbers(self) -> dict[Cell, dict[str, float]]:
        return {cell: result.numbers() for cell, result in self.cells.items()}
