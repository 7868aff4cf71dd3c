"""Targets as mixed colours, round by round, as a picture (figure 6 of the refinery paper)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from softlabel.comparison.class_colours import mixed
from softlabel.comparison.decision_areas import frame_window, numbers_text
from softlabel.comparison.drawing import INK, figure, remove_empty, save
from softlabel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANEL_WIDTH, _PANEL_HEIGHT = 2.1, 2.6  # inches, with what is written above and below
_COLUMNS = 5
_KEY = 0.8  # inches: the height of the triangle of colours
_CORNERS = np.array([[0.5, 1.0], [0.0, 0.0], [1.0, 0.0]])  # (3, 2) of the triangle, as the classes lie in the plane
_FINE = 160  # pixels a side of the triangle


@dataclass(frozen=True)
class ColourPanel:
    """The targets of all rows at one time.

    Attributes
    ----------
    title : str
    X : (n, 2)
    rows : (n, 3)
        Targets.
    numbers : mapping of str to (mean, sd or None)
        Written below the panel, in this order.
    """

    title: str
    X: np.ndarray
    rows: np.ndarray
    numbers: Mapping[str, tuple[float, float | None]] = field(default_factory=dict)


def draw_colour_targets(panels: Sequence[ColourPanel], path: str | Path, about: str = "") -> list[Path]:
    """Draw a panel for each round: every row a point, its colour those of the classes mixed as its target mixes them.

    A line is the boundary of the Bayes rule, and a triangle explains the colours.

    Parameters
    ----------
    panels : sequence of ColourPanel
        In the order of reading.
    path : path
        Where the figure goes; a .png and an .svg are written.
    about : str
        What is shown, in a line or more; it stands beside the triangle.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If there is no panel, or targets are not of three classes.
    StorageError
        If the disk refuses.
    """
    if not panels:
        raise InputError("there is no panel to draw; give the targets of at least one round")
    colours = [mixed(panel.rows) for panel in panels]  # (n, 3) each
    n_columns = min(_COLUMNS, len(panels))
    n_rows = math.ceil(len(panels) / n_columns)
    width, height = max(n_columns, 2) * _PANEL_WIDTH, n_rows * _PANEL_HEIGHT + _KEY + 0.7
    with figure(width, height, n_rows, n_columns) as (made, axes):
        for panel_axes, panel, points in zip(remove_empty(axes, len(panels)), panels, colours, strict=True):
            _draw_panel(panel_axes, panel, points)
        key = (_KEY + 0.6) / height  # the share of the height that the triangle and its words take
        made.set_layout_engine("constrained", rect=(0, key, 1, 1 - key))
        triangle = made.add_axes((0.65 / width, 0.2 / height, _KEY / 0.87 / width, _KEY / height))
        triangle.set_in_layout(False)
        _draw_triangle(triangle)
        made.text(2.3 / width, (0.2 + _KEY / 2) / height, _EXPLANATION, fontsize=8, va="center")
        made.text(5.2 / width, (0.2 + _KEY / 2) / height, about, fontsize=8, va="center")
        return save(made, path)


_EXPLANATION = """A point is a training row.
Its colour mixes those of the classes
as its target mixes the classes.
Black line: the Bayes rule."""


def _draw_panel(axes: Axes, panel: ColourPanel, colours: NDArray[np.float64]) -> None:
    frame_window(axes)
    axes.scatter(panel.X[:, 0], panel.X[:, 1], s=15, c=colours, edgecolors=INK, linewidths=0.25, zorder=3)
    axes.set_title(panel.title)
    axes.set_xlabel(numbers_text(panel.numbers), fontsize=8, labelpad=3)


def _draw_triangle(axes: Axes) -> None:
    """Draw the colour of every distribution over the three classes, and name the corners."""
    centres = (np.arange(_FINE) + 0.5) / _FINE
    x, y = np.meshgrid(centres, centres)
    points = np.column_stack([x.ravel(), y.ravel(), np.ones(x.size)])  # (p, 3)
    shares = points @ np.linalg.inv(np.column_stack([_CORNERS, np.ones(len(_CORNERS))]))  # (p, 3) barycentric
    inside = (shares >= 0).all(axis=1)
    pixels = np.zeros((len(points), 4))  # sRGB and opacity
    pixels[inside] = np.column_stack([mixed(shares[inside]), np.ones(inside.sum())])
    axes.imshow(pixels.reshape(_FINE, _FINE, 4), origin="lower", extent=(0, 1, 0, 1), aspect="auto")
    aside = ((0, 3, "center", "bottom"), (-4, 0, "right", "bottom"), (4, 0, "left", "bottom"))
    for number, (dx, dy, ha, va) in enumerate(aside):
        axes.annotate(
            f"class {number}", _CORNERS[number], (dx, dy), textcoords="offset points", ha=ha, va=va, fontsize=7.5
        )
    axes.set_axis_off()
