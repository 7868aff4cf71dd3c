"""The table that people read: a line a method, with what the seeds decide, and what the marks mean."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from softlabel.comparison.cells import RECOVERY_SHARES, Cell
from softlabel.comparison.grids import markdown_grid, text_grid
from softlabel.comparison.intervals import Difference, Spread, standard_errors
from softlabel.comparison.left_out import grouped_reasons
from softlabel.comparison.score_words import (
    amount_text,
    beside_main,
    heading,
    labels_text,
    number_text,
    short_heading,
)
from softlabel.comparison.scoring import higher_is_better
from softlabel.tasks.task import Task

Naming = Callable[[str], str]  # what a number is called
_WIDTH = 120  # of notes, where the width of the terminal is not known
_SHOWN_COSTS = ("n_fits", "seconds")


class Statistics(Protocol):
    """What the table asks of results; see ``Results``."""

    @property
    def failures(self) -> Mapping[Cell, str]: ...
    @property
    def skipped(self) -> Mapping[str, str]: ...
    @property
    def task(self) -> Task: ...
    @property
    def baseline(self) -> str: ...
    @property
    def level(self) -> float: ...
    @property
    def methods(self) -> tuple[str, ...]: ...
    @property
    def corruptions(self) -> tuple[str, ...]: ...
    @property
    def seeds(self) -> tuple[int, ...]: ...
    @property
    def names(self) -> tuple[str, ...]: ...

    def spread(self, corruption: str, method: str, name: str) -> Spread | None: ...
    def difference(self, corruption: str, method: str, name: str) -> Difference | None: ...
    def decidable(self, names: Sequence[str]) -> int: ...
    def ahead_of_all(self, corruption: str) -> str | None: ...
    def n_done(self, corruption: str, method: str) -> int: ...


def short_text(results: Statistics, width: int | None = None) -> str:
    """Return the tables and their notes for a terminal whose lines have ``width`` characters."""
    parts = []
    for corruption in results.corruptions:
        headings, rows = _headings(results, corruption, short_heading), _rows(results, corruption)
        parts.append(
            "\n".join([_title(results, corruption), text_grid(headings, rows, width), *_ahead(results, corruption)])
        )
    notes = [_folded(note, width or _WIDTH) for note in _notes(results, short_heading)]
    return "\n\n".join([*parts, *notes]) + "\n"


def short_markdown(results: Statistics) -> str:
    """Return the same as Markdown."""
    parts = []
    for corruption in results.corruptions:
        table = markdown_grid(_headings(results, corruption, heading), _rows(results, corruption))
        parts.append("\n\n".join([f"## {_title(results, corruption)}", table, *_ahead(results, corruption)]))
    return "\n\n".join([*parts, *(_markdown_note(note) for note in _notes(results, heading))]) + "\n"


def compared_names(results: Statistics) -> list[str]:
    """Return the scores that the table shows: the main one, then those beside it, as far as there are any."""
    wanted = (results.task.main_score, *beside_main(results.task.kind), "posterior_tv")
    return [name for name in dict.fromkeys(wanted) if name in results.names]


def _headings(results: Statistics, corruption: str, called: Naming) -> list[str]:
    main, *others = compared_names(results) or [results.task.main_score]
    seeds = ["seeds"] if _any_missing(results, corruption) else []
    last = [*_recovery(results, corruption), *(name for name in _SHOWN_COSTS if name in results.names)]
    difference = f"{called(main)} less {results.baseline}'s"
    return ["method", *seeds, called(main), difference, *(called(name) for name in (*others, *last))]


def _rows(results: Statistics, corruption: str) -> list[list[str]]:
    main, *others = compared_names(results) or [results.task.main_score]
    rows = []
    for method in results.methods:
        seeds = (
            [f"{results.n_done(corruption, method)} of {len(results.seeds)}"]
            if _any_missing(results, corruption)
            else []
        )
        found, gap = results.spread(corruption, method, main), results.difference(corruption, method, main)
        cells = [method, *seeds, _mean_sd(found), gap.text() if gap else ""]
        cells += [_marked(results, corruption, method, name) for name in others]
        cells += [_share(results.spread(corruption, method, name)) for name in _recovery(results, corruption)]
        costs = [results.spread(corruption, method, name) for name in _SHOWN_COSTS if name in results.names]
        rows.append([*cells, *(amount_text(_mean(cost)) for cost in costs)])
    return rows


def _title(results: Statistics, corruption: str) -> str:
    n = len(results.seeds)
    return f"{labels_text(corruption, results.task.kind)}, {n} {'seed' if n == 1 else 'seeds'}"


def _ahead(results: Statistics, corruption: str) -> list[str]:
    best = results.ahead_of_all(corruption)
    return [] if best is None else [f"{best} is ahead of every other method, each by an interval that leaves out 0"]


def _notes(results: Statistics, called: Naming) -> list[str]:
    notes = []
    if len(results.seeds) > 1:
        percent = f"{100 * results.level:.3g}%"
        notes.append(
            f"± is the standard deviation over seeds. Differences are paired by seed, with their {percent} interval (Student's t): "
            f"+ better and - worse than {results.baseline}; = undecided, a tie for all that these seeds can tell."
        )
        notes += _interval_notes(results)
        notes += _column_notes(results, called)
        count = results.decidable(compared_names(results))
        if count:
            notes.append(
                f"{count} {'difference was' if count == 1 else 'differences were'} judged here, each by itself: if no method changed "
                f"anything, some {(1 - results.level) * count:.1f} of them would still be marked + or - by chance."
            )
    elif results.seeds:
        notes.append("One seed has no spread and decides nothing; --seeds 5 gives intervals.")
        notes += _column_notes(results, called)
    listed = [f"failed: {cell}: {reason}" for cell, reason in results.failures.items()]
    listed += [f"left out: {line}" for line in grouped_reasons(results.skipped)]
    return [*notes, "\n".join(listed)] if listed else notes


def _interval_notes(results: Statistics) -> list[str]:
    """Return what is to be known of intervals that are missing or very wide, where there are such."""
    notes = []
    gaps = [
        results.difference(c, method, results.task.main_score)
        for c in results.corruptions
        for method in results.methods
    ]
    if any(gap is not None and gap.without_spread for gap in gaps):
        notes.append("No interval: the difference is the same in every seed.")
    n = len(results.seeds)
    if n < 3:
        reach = standard_errors(n, results.level)
        notes.append(
            f"Intervals of {n} seeds reach {reach:.1f} standard errors to either side; give --seeds 5 or more."
        )
    return notes


def _column_notes(results: Statistics, called: Naming) -> list[str]:
    """Return what the columns shown are, as far as their headings do not say it."""
    notes = []
    less = [name for name in compared_names(results) if not higher_is_better(name)]
    if less:
        words = [
            called(name) if called(name) == heading(name) else f"{called(name)} ({heading(name)})" for name in less
        ]
        notes.append(f"Less is better for {', '.join(words)}.")
    if any(_recovery(results, corruption) for corruption in results.corruptions):
        right, left = (called(name) for name in RECOVERY_SHARES)
        things = "entries" if results.task.kind == "independent" else "labels"
        notes.append(
            f"{right}: {things} made wrong for which the method suggests the true one; {left}: right ones that it leaves"
        )
    return notes


def _folded(note: str, width: int) -> str:
    """Break the lines of a sentence; those of a list stay as they are, to be copied whole."""
    return note if _is_list(note) else textwrap.fill(note, max(width, 20))


def _is_list(note: str) -> bool:
    return note.startswith(("failed:", "left out:"))


def _markdown_note(note: str) -> str:
    """Lines of a list of failures stay lines."""
    return "\n".join(f"- {line}" for line in note.split("\n")) if _is_list(note) else note


def _any_missing(results: Statistics, corruption: str) -> bool:
    return any(results.n_done(corruption, method) < len(results.seeds) for method in results.methods)


def _recovery(results: Statistics, corruption: str) -> list[str]:
    """Where no label was made wrong there is nothing to correct."""
    return [
        name for name in RECOVERY_SHARES if any(results.spread(corruption, method, name) for method in results.methods)
    ]


def _mean_sd(found: Spread | None) -> str:
    if found is None or found.sd is None:
        return number_text(_mean(found))
    return f"{number_text(found.mean)} ± {number_text(found.sd)}"


def _marked(results: Statistics, corruption: str, method: str, name: str) -> str:
    found, gap = results.spread(corruption, method, name), results.difference(corruption, method, name)
    # A column of marks lines up where every cell has a place for one.
    return f"{number_text(_mean(found))} {gap.mark if gap and gap.mark else ' '}"


def _mean(found: Spread | None) -> float | None:
    return None if found is None else found.mean


def _share(found: Spread | None) -> str:
    return "-" if found is None else f"{100 * found.mean:.1f}%"
