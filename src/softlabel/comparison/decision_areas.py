"""Decision areas of methods under more and more noise, as a picture (figure 5 of the refinery paper)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from softlabel.comparison.class_colours import COLOURS, faded
from softlabel.comparison.drawing import figure, save
from softlabel.comparison.parts import NO_CORRUPTION
from softlabel.data.toy import PRIORS, toy_posterior
from softlabel.errors import InputError
from softlabel.targets.corrupt import NoisyColumn, parse_corruption

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HALF_WIDTH = 4.0  # the window is the square of this half side about the origin: 99% of the mixture's rows lie in it
GRID = 90  # points a side at which methods are asked
_BOUNDARY_GRID = 200
_PANEL_WIDTH, _PANEL_HEIGHT = 1.75, 2.1  # inches, with what is written below
_NAMES = 1.1  # inches, for the methods' names
_TALLEST = 2.4  # times as high as wide: where all methods below each other were more, they stand in blocks side by side

_WHERE = {"symmetric": "", "pair": ", to the next", "instance": ", where unsure"}


@dataclass(frozen=True)
class Panel:
    """What one method, trained under one corruption, answers all over the window.

    Attributes
    ----------
    method : str
    corruption : str
        ``"none"`` or ``"symmetric:0.3"``.
    grid_predictions : (g * g, 3)
        Answers at ``grid_points(g)``.
    X : (n, 2)
        Training rows.
    codes : (n,)
        Their labels, wrong ones included.
    numbers : mapping of str to (mean, sd or None)
        Written below the panel, in this order.
    """

    method: str
    corruption: str
    grid_predictions: np.ndarray
    X: np.ndarray
    codes: np.ndarray
    numbers: Mapping[str, tuple[float, float | None]] = field(default_factory=dict)


def grid_points(g: int = GRID) -> NDArray[np.float32]:
    """Return the centres of g x g cells of the window, (g * g, 2): rows from bottom to top, each from left to right."""
    centres = ((np.arange(g) + 0.5) / g * 2 - 1) * HALF_WIDTH  # (g,)
    x1, x2 = np.meshgrid(centres, centres)  # (g, g) each
    return np.column_stack([x1.ravel(), x2.ravel()]).astype(np.float32)


def draw_decision_areas(panels: Sequence[Panel], path: str | Path, about: str = "") -> list[Path]:
    """Draw a panel for each method (rows) and corruption (columns).

    An area has the colour of the class that is answered there, the paler the less sure the answer; a black line is the boundary of
    the Bayes rule; points are training rows in the colour of their label. What a method lacks under a corruption stays empty.

    Parameters
    ----------
    panels : sequence of Panel
        Methods and corruptions stand in the order in which they come first.
    path : path
        Where the figure goes; a .png and an .svg are written.
    about : str
        What is shown, in a line or more; it stands below the explanation.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If there is no panel, or an answer is no square grid of three classes.
    StorageError
        If the disk refuses.
    """
    if not panels:
        raise InputError("there is no panel to draw; compute at least one method first")
    for panel in panels:
        _check(panel)
    methods = list(dict.fromkeys(panel.method for panel in panels))
    corruptions = list(dict.fromkeys(panel.corruption for panel in panels))
    by_place = {(panel.method, panel.corruption): panel for panel in panels}
    n_columns = len(corruptions)
    n_blocks, n_rows, width, height = _layout(len(methods), n_columns)
    with figure(width, height, n_rows, n_blocks * n_columns) as (made, axes):
        for place, panel_axes in np.ndenumerate(axes):
            block, column = divmod(place[1], n_columns)
            number = block * n_rows + place[0]
            shown = by_place.get((methods[number], corruptions[column])) if number < len(methods) else None
            if shown is None:
                panel_axes.set_axis_off()
            else:
                _draw_panel(panel_axes, shown)
            if number < len(methods) and column == 0:
                panel_axes.annotate(
                    _name_lines(methods[number]), (-0.06, 0.5), xycoords="axes fraction", ha="right", va="center"
                )
            if place[0] == 0:
                panel_axes.set_title(noise_words(corruptions[column]))
        made.supxlabel("\n".join(part for part in (_EXPLANATION, about) if part), fontsize=8)
        return save(made, path)


_EXPLANATION = (
    "Colour: the class answered, paler where less sure. Black line: the Bayes rule.\n"
    "Points: training rows in the colour of their label, wrong ones included; a hollow one has the label of its area."
)


def _layout(n_methods: int, n_columns: int) -> tuple[int, int, float, float]:
    """Return the number of blocks, the rows of each, and width and height in inches: as few blocks as give a page."""
    for n_blocks in range(1, n_methods + 1):
        n_rows = math.ceil(n_methods / n_blocks)
        width, height = n_blocks * (_NAMES + n_columns * _PANEL_WIDTH), n_rows * _PANEL_HEIGHT + 0.6
        if height <= _TALLEST * width:
            break
    return n_blocks, n_rows, width, height


def noise_words(corruption: str) -> str:
    """Return what was done to the labels, short enough for the head of a column.

    Examples
    --------
    >>> noise_words("none"), noise_words("symmetric:0.3"), noise_words("pair:0.1")
    ('labels as drawn', '30% wrong', '10% wrong, to the next')
    >>> noise_words("instance:0.2")
    '20% wrong, where unsure'
    """
    if corruption == NO_CORRUPTION:
        return "labels as drawn"
    made = parse_corruption(corruption)
    if isinstance(made, NoisyColumn):
        return f"labels of {made.name}"
    return f"{100 * made.share:.3g}% wrong" + _WHERE[made.kind]


def numbers_text(numbers: Mapping[str, tuple[float, float | None]]) -> str:
    """Return numbers in a line each, with their spread where there is one.

    Examples
    --------
    >>> print(numbers_text({"accuracy": (0.8444, 0.0123), "TV": (0.25, None)}))
    accuracy 0.844 ± 0.012
    TV 0.250
    """
    return "\n".join(
        f"{name} {mean:.3f}" + ("" if sd is None else f" ± {sd:.3f}") for name, (mean, sd) in numbers.items()
    )


def frame_window(axes: Axes) -> None:
    """Show the window without ticks, with the boundary of the Bayes rule in it."""
    ticks, gaps = _boundary()
    for gap in gaps:
        axes.contour(ticks, ticks, gap, levels=[0], colors="black", linewidths=0.9)
    axes.set(xlim=(-HALF_WIDTH, HALF_WIDTH), ylim=(-HALF_WIDTH, HALF_WIDTH), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(True)


@cache
def _boundary() -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return ticks (g,) and how far each class is ahead of the best other one (g, g): 0 where the Bayes rule changes its mind."""
    points = grid_points(_BOUNDARY_GRID)
    posterior = toy_posterior(points)  # (g * g, 3)
    ahead = [posterior[:, own] - np.delete(posterior, own, axis=1).max(axis=1) for own in range(len(PRIORS))]
    return points[:_BOUNDARY_GRID, 0].astype(float), [gap.reshape(_BOUNDARY_GRID, -1) for gap in ahead]


def _check(panel: Panel) -> None:
    shape = np.shape(panel.grid_predictions)
    if len(shape) != 2 or shape[1] != len(PRIORS) or shape[0] == 0 or math.isqrt(shape[0]) ** 2 != shape[0]:
        raise InputError(f"answers of {panel.method} have the shape {shape}; give those at grid_points(g), (g * g, 3)")


def _draw_panel(axes: Axes, panel: Panel) -> None:
    g = math.isqrt(len(panel.grid_predictions))
    window = (-HALF_WIDTH, HALF_WIDTH, -HALF_WIDTH, HALF_WIDTH)
    axes.imshow(faded(panel.grid_predictions).reshape(g, g, 3), origin="lower", extent=window, interpolation="nearest")
    frame_window(axes)
    axes.scatter(panel.X[:, 0], panel.X[:, 1], s=5, c=COLOURS[panel.codes], edgecolors="white", linewidths=0.3)
    axes.set_xlabel(numbers_text(panel.numbers), fontsize=7.5, labelpad=3)


def _name_lines(method: str) -> str:
    """Return a method's name, a word a line, and its parameters below."""
    name, _, parameters = method.partition(":")
    return "\n".join([*name.split("_"), *(parameters.split(",") if parameters else [])])
