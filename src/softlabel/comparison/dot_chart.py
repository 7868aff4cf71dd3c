"""The table as a figure: how far each method is from the baseline, with the interval of its paired difference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from softlabel.comparison.drawing import BLUE, GREY, ORANGE, PALE, figure, save, stem_of, worth_drawing
from softlabel.comparison.intervals import Difference
from softlabel.comparison.results import Results
from softlabel.comparison.score_words import heading, labels_text, widest_difference
from softlabel.comparison.scoring import higher_is_better
from softlabel.comparison.short_table import compared_names
from softlabel.comparison.stored_results import as_results
from softlabel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = 3  # the main score, and two beside it
# what is known of a difference -> form, edge, filling: told apart by form and filling as well as by colour
_LOOKS = {
    "better": ("o", BLUE, BLUE),
    "worse": ("s", ORANGE, ORANGE),
    "tie": ("o", GREY, "white"),
    "same": ("^", GREY, "white"),
    "same, better": ("^", BLUE, BLUE),
    "same, worse": ("^", ORANGE, ORANGE),
    "identical": ("x", GREY, "white"),
    "one seed": ("D", GREY, "white"),
}
_WORDS = {
    "better": "better",
    "worse": "worse",
    "tie": "undecided",
    "same": "same in every seed: no interval",
    "same, better": "same in every seed, better",
    "same, worse": "same in every seed, worse",
    "identical": "identical",
    "one seed": "one seed: no interval",
}
_WITH_INTERVAL = ("better", "worse", "tie")


def has_differences(results: Results) -> bool:
    """Return whether any method shares a seed with the baseline, so that there is something to draw."""
    score = results.task.main_score
    return any(results.difference(c, method, score) for c in results.corruptions for method in results.methods)


def draw_table(results: Results | str | Path, path: str | Path, *, scores: tuple[str, ...] | None = None) -> list[Path]:
    """Draw the paired differences of all methods to the baseline, a row of panels a corruption, a column a score.

    Each panel has a scale of its own, for wrong labels make differences many times as large. The better side is to the right in every
    panel: scores of which less is better run backwards. An interval that is much wider than the differences (of two seeds, say) ends in an
    arrow where the axis ends; see ``worth_drawing``.

    Parameters
    ----------
    results : Results, or path
        Of a comparison, or the folder in which one is stored.
    path : path
        Where the figure goes; a .png and an .svg are written.
    scores : tuple of str, optional
        Which scores; by default the main one and the first two beside it (NLL and ECE, for classes).

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If there is nothing to compare: no method beside the baseline has a seed in common with it. If the path ends in anything
        but .png or .svg.
    """
    stem_of(path)  # refused before anything is drawn
    found = as_results(results)
    names = list(scores) if scores else compared_names(found)[:_PANELS]
    methods = [method for method in found.methods if method != found.baseline]
    gaps = {
        (corruption, method, name): found.difference(corruption, method, name)
        for corruption in found.corruptions
        for method in methods
        for name in names
    }
    if not any(gap is not None for gap in gaps.values()):
        raise InputError(
            f"no method has a seed in common with {found.baseline}; there are differences to draw once two methods are done"
        )
    rows, columns = len(found.corruptions), len(names)
    height = rows * (0.85 + 0.21 * len(methods)) + 0.5
    width = 1.2 + 0.065 * max(len(method) for method in methods) + 2.5 * columns
    with figure(width, height, rows, columns, sharey=True) as (made, axes):
        for row, corruption in enumerate(found.corruptions):
            for column, name in enumerate(names):
                panel = axes[row, column]
                drawn = {place: gaps[corruption, method, name] for place, method in enumerate(methods)}
                known = {place: gap for place, gap in drawn.items() if gap is not None}
                for place, gap in known.items():
                    _dot(panel, place, gap)
                _dress(panel, methods, name, found.baseline)
                _clip(panel, known, name)
            axes[row, 0].set_title(labels_text(corruption, found.task.kind), loc="left", fontweight="bold")
        _legend(made, found, {_look(gap) for gap in gaps.values() if gap is not None})
        return save(made, path)


def _look(gap: Difference) -> str:
    if gap.identical and gap.n > 1:
        return "identical"
    if gap.without_spread:
        return "same" if gap.verdict == "tie" else f"same, {gap.verdict}"
    return gap.verdict


def _dot(panel: Axes, place: int, gap: Difference) -> None:
    form, edge, filling = _LOOKS[_look(gap)]
    if gap.low is not None and gap.high is not None:
        panel.plot([gap.low, gap.high], [place, place], color=edge, linewidth=1.4, zorder=2)
    panel.plot(gap.mean, place, form, color=edge, markerfacecolor=filling, markersize=5, zorder=3)


def _clip(panel: Axes, gaps: dict[int, Difference], name: str) -> None:
    """End the axis where intervals say nothing any more, and give those that go on an arrow."""
    ends = {place: (gap.low, gap.high) for place, gap in gaps.items() if gap.low is not None and gap.high is not None}
    halves = {place: (last - first) / 2 for place, (first, last) in ends.items()}
    reach = worth_drawing([(gap.mean, halves.get(place, 0.0)) for place, gap in gaps.items()], widest_difference(name))
    reached = [0.0, *(gap.mean for gap in gaps.values()), *(end for pair in ends.values() for end in pair)]
    low, high = max(min(reached), -reach), min(max(reached), reach)
    if (low, high) == (min(reached), max(reached)):
        return
    turned = panel.xaxis_inverted()
    for place, (first, last) in ends.items():
        colour = _LOOKS[_look(gaps[place])][1]
        # A mark points where it points on the paper, whichever way the axis runs.
        if first < low:
            panel.plot(low, place, ">" if turned else "<", color=colour, markersize=5, clip_on=False, zorder=3)
        if last > high:
            panel.plot(high, place, "<" if turned else ">", color=colour, markersize=5, clip_on=False, zorder=3)
    pad = 0.05 * (high - low)  # for the dots of a side that is whole
    low, high = low - pad * (low == min(reached)), high + pad * (high == max(reached))
    panel.set_xlim((high, low) if turned else (low, high))


def _dress(panel: Axes, methods: list[str], name: str, baseline: str) -> None:
    panel.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    panel.set_yticks(range(len(methods)), methods)
    panel.set_ylim(len(methods) - 0.4, -0.6)  # the first method on top
    panel.tick_params(axis="y", length=0, pad=6)  # room for an arrow
    panel.grid(axis="y", color=PALE, linewidth=0.5)
    panel.set_axisbelow(True)
    panel.locator_params(axis="x", nbins=5, min_n_ticks=3)
    panel.ticklabel_format(axis="x", style="plain", useOffset=False)
    if not higher_is_better(name):
        panel.invert_xaxis()
    panel.set_xlabel(f"{heading(name)} less {baseline}'s   (better →)")


def _legend(made: Figure, results: Results, looks: set[str]) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for look, (form, edge, filling) in _LOOKS.items():
        if look in looks:
            line: Literal["-", ""] = "-" if look in _WITH_INTERVAL else ""
            handles.append(
                Line2D(
                    [],
                    [],
                    linestyle=line,
                    marker=form,
                    color=edge,
                    markerfacecolor=filling,
                    markersize=5,
                    label=_WORDS[look],
                )
            )
    n = len(results.seeds)
    told = f"{100 * results.level:.3g}% intervals of paired differences, {n} seeds" if n > 1 else None
    made.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 5), title=told, title_fontsize=9)
