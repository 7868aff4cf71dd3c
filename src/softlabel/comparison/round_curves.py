"""The main score against how often labels were refined: the paper's figure 4b, from stored results."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softlabel.comparison.drawing import (
    GREY,
    LOOKS,
    figure,
    remove_empty,
    save,
    stem_of,
    worth_drawing,
)
from softlabel.comparison.method_specs import parse_method
from softlabel.comparison.registry import METHODS, method_class
from softlabel.comparison.results import Results
from softlabel.comparison.score_words import heading, labels_text, widest_difference
from softlabel.comparison.stored_results import as_results
from softlabel.errors import InputError, SoftlabelError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Parameter, and its value of no refinement.
_COUNTED = {
    "slr": ("n_rounds", 0),
    "label_refinery": ("n_generations", 1),
    "self_training": ("n_generations", 1),
}
_IN_A_ROW = 3


@dataclass(frozen=True)
class Family:
    """Methods that differ in the number of their rounds only.

    Attributes
    ----------
    name : str
        What they share: "slr", or "slr:momentum=0.5".
    methods : dict of int to str
        Number of refinements -> label of the method.
    """

    name: str
    methods: Mapping[int, str]


@dataclass(frozen=True)
class _Bar:
    """A point as it is drawn, with half the width of its interval."""

    x: float
    y: float
    half: float
    colour: str


def families(methods: tuple[str, ...]) -> list[Family]:
    """Return the methods that refine labels round by round, those that differ in the number of rounds together.

    A generation of self-training more is a refinement more; the first one learns from the given labels. Methods that choose
    their number of rounds themselves have none.

    Examples
    --------
    >>> families(("plain", "slr:n_rounds=1", "slr:n_rounds=4"))
    [Family(name='slr', methods={1: 'slr:n_rounds=1', 4: 'slr:n_rounds=4'})]
    """
    found: dict[str, dict[int, str]] = {}
    for label in methods:
        place = _place(label)
        if place is not None:
            name, count = place
            found.setdefault(name, {})[count] = label
    return [Family(name, dict(sorted(found[name].items()))) for name in sorted(found, key=_order)]


def has_rounds(results: Results) -> bool:
    """Return whether some method was asked for with several numbers of rounds."""
    return any(len(family.methods) > 1 for family in families(results.methods))


def draw_rounds(results: Results | str | Path, path: str | Path) -> list[Path]:
    """Draw the main score against the number of refinements, a panel a corruption, a line for each method that refines.

    Points are the baseline's mean plus the mean paired difference to it, which is the method's own mean where all its seeds are done.
    Bars are the intervals of that difference, so that one which leaves out the dashed line of the baseline is decided; where they are
    much wider than the differences (two seeds), they end in an arrow where the axis ends. The
    baseline itself stands at 0 refinements where it is the plain method.

    Parameters
    ----------
    results : Results, or path
        Of a comparison, or the folder in which one is stored.
    path : path
        Where the figure goes; a .png and an .svg are written.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If no method was asked for with several numbers of rounds. If the path ends in anything but .png or .svg.
    """
    stem_of(path)  # refused before anything is drawn
    found = as_results(results)
    lines = families(found.methods)
    if not has_rounds(found):
        raise InputError(
            "no method was compared with several numbers of rounds; ask for some, say "
            "--methods slr:n_rounds=1:final_targets=refined,slr:n_rounds=2:final_targets=refined,slr:n_rounds=4:final_targets=refined"
        )
    from matplotlib.ticker import MaxNLocator

    columns = min(_IN_A_ROW, len(found.corruptions))
    rows = math.ceil(len(found.corruptions) / columns)
    with figure(2.9 * columns + 0.4, 2.5 * rows + 0.8, rows, columns, sharex=True) as (made, axes):
        for panel, corruption in zip(remove_empty(axes, len(found.corruptions)), found.corruptions, strict=True):
            base = found.spread(corruption, found.baseline, found.task.main_score)
            if base is not None:
                bars = [
                    _line(panel, found, corruption, family, order, len(lines), base.mean)
                    for order, family in enumerate(lines)
                ]
                panel.axhline(base.mean, color=GREY, linewidth=1, linestyle="--", zorder=1)
                _clip(panel, [bar for several in bars for bar in several], base.mean, found.task.main_score)
            panel.set_title(labels_text(corruption, found.task.kind), loc="left")
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))
            panel.tick_params(labelbottom=True)
            panel.set_xlabel("refinements of the labels")
        axes[0, 0].set_ylabel(heading(found.task.main_score))
        _legend(made, found, lines)
        return save(made, path)


def _line(
    panel: Axes, results: Results, corruption: str, family: Family, order: int, n_lines: int, base: float
) -> list[_Bar]:
    points = []
    if results.baseline == "plain":
        points.append((0, base, 0.0))
    for count, method in family.methods.items():
        gap = results.difference(corruption, method, results.task.main_score)
        if gap is not None:
            points.append((count, base + gap.mean, 0.0 if gap.high is None else gap.high - gap.mean))
    colour, form = LOOKS[order % len(LOOKS)]
    x = [
        count + 0.06 * (order - (n_lines - 1) / 2) * (count > 0) for count, _, _ in points
    ]  # bars stand beside each other
    panel.plot(x, [y for _, y, _ in points], color=colour, marker=form, markersize=4.5, linewidth=1.4)
    panel.errorbar(
        x, [y for _, y, _ in points], [half for *_, half in points], color=colour, fmt="none", elinewidth=1.1
    )
    return [_Bar(place, y, half, colour) for place, (_, y, half) in zip(x, points, strict=True)]


def _clip(panel: Axes, bars: list[_Bar], base: float, score: str) -> None:
    """End the axis where intervals say nothing any more, and give those that go on an arrow."""
    widest = widest_difference(score)
    reach = worth_drawing([(bar.y - base, bar.half) for bar in bars], widest)
    reached = [base, *(bar.y - bar.half for bar in bars), *(bar.y + bar.half for bar in bars)]
    # No score is above 1 where two of them differ by no more than 1, and by no more than 2 from -1 on.
    bottom, top = (-math.inf, math.inf) if widest is None else (1 - widest, 1.0)
    low, high = max(min(reached), base - reach, bottom), min(max(reached), base + reach, top)
    if (low, high) == (min(reached), max(reached)):
        return
    for bar in bars:
        for beyond, end, form in ((bar.y - bar.half < low, low, "v"), (bar.y + bar.half > high, high, "^")):
            if beyond:
                panel.plot(bar.x, end, form, color=bar.colour, markersize=4, clip_on=False, zorder=3)
    pad = 0.05 * (high - low)  # for the points of a side that is whole
    panel.set_ylim(low - pad * (low == min(reached)), high + pad * (high == max(reached)))


def _legend(made: Any, results: Results, lines: list[Family]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=LOOKS[i % len(LOOKS)][0], marker=LOOKS[i % len(LOOKS)][1], label=family.name)
        for i, family in enumerate(lines)
    ]
    handles.append(Line2D([], [], color=GREY, linestyle="--", label=results.baseline))
    n = len(results.seeds)
    title = f"bars: {100 * results.level:.3g}% intervals of the paired difference to {results.baseline}, {n} seeds"
    made.legend(
        handles=handles,
        loc="outside upper left",
        ncols=4,
        alignment="left",
        title=title if n > 1 else None,
        title_fontsize=9,
    )


def _order(family: str) -> int:
    return list(_COUNTED).index(family.partition(":")[0])


def _place(label: str) -> tuple[str, int] | None:
    """Return the family of a method, and how often it refines; None for one that does not count its rounds."""
    try:
        spec = parse_method(label)
    except SoftlabelError:  # a method of the caller's own may be called anything
        return None
    if spec.name not in _COUNTED or spec.name not in METHODS:
        return None
    parameter, none = _COUNTED[spec.name]
    if parameter in spec.grid:
        return None
    default = inspect.signature(method_class(spec.name).__init__).parameters[parameter].default
    count = METHODS[spec.name].options.get(parameter, default) if parameter not in spec.given else spec.given[parameter]
    settings = [part for part in spec.label.split(":")[1:] if part.partition("=")[0] != parameter]
    return (":".join([spec.name, *settings]), int(count) - none) if isinstance(count, int) else None
