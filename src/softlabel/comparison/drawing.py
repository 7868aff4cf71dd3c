"""How figures look and how they reach the disk: one font size, colours that everybody can tell apart, no state of pyplot."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from softlabel.errors import InputError
from softlabel.store.atomic import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart with any kind of colour vision, and printed in grey.
BLUE, ORANGE, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
GREY, PALE = "#767676", "#D9D9D9"
INK = "#333333"
# Colour and marker of lines that stand beside each other, in this order.
LOOKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (SKY, "v"), (GREY, "x"))
_DOTS_PER_INCH = 150
_ENDINGS = (".png", ".svg")
_STYLE: Any = {  # typed by matplotlib as a dictionary of its own few hundred names
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.labelsize": 9.0,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "axes.labelcolor": INK,
    "legend.frameon": False,
    "svg.hashsalt": "softlabel",  # names inside the file are then the same each time
}


@contextmanager
def figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> Iterator[tuple[Figure, Any]]:
    """Give a figure of ``width`` by ``height`` inches and its axes (rows, columns), in the style of this package.

    ``options`` go to matplotlib's ``Figure.subplots``. Save it inside the block: the style holds there only.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        made = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(made)
        yield made, made.subplots(rows, columns, squeeze=False, **options)


def save(made: Figure, path: str | Path) -> list[Path]:
    """Write a figure as .png and as .svg beside it, each whole or not at all; return both paths.

    An ending .png or .svg of ``path`` may be left out. Equal figures give equal files under one version of matplotlib.

    Raises
    ------
    InputError
        If the path has another ending. What begins with a digit is none: "losses-symmetric-0.2".
    StorageError
        If the disk refuses.
    """
    stem = stem_of(path)
    written = []
    for ending, metadata in zip(_ENDINGS, ({"Software": None}, {"Date": None, "Creator": None}), strict=True):
        buffer = io.BytesIO()
        made.savefig(buffer, format=ending[1:], dpi=_DOTS_PER_INCH, metadata=metadata)
        place = stem.with_name(stem.name + ending)
        write_bytes(place, buffer.getvalue())
        written.append(place)
    return written


def stem_of(path: str | Path) -> Path:
    """Return the path of a figure without its ending; an ``InputError`` where that is none of .png and .svg."""
    found = Path(path)
    if found.suffix.lower() in _ENDINGS:
        return found.with_suffix("")
    if re.fullmatch(r"\.[A-Za-z]\w*", found.suffix):
        raise InputError(
            f"{found} ends in {found.suffix}; figures are written as .png and .svg: give one of these endings, or none"
        )
    return found


def worth_drawing(bars: Iterable[tuple[float, float]], widest: float | None = None) -> float:
    """Return how far from 0 an axis of differences has to reach: intervals of very few seeds end where no score can be.

    That is 4 times the largest mean, or twice the median half width if that is more, but no further than ``widest``.
    Infinite where there is nothing to go by.

    Parameters
    ----------
    bars : iterable of (mean, half width)
        Half width 0 where there is no interval.
    widest : float, optional
        The largest difference that there can be.

    Examples
    --------
    >>> worth_drawing([(-0.25, 3.177), (0.25, 3.177)], widest=1.0), worth_drawing([(0.01, 0.03), (0.02, 0.05), (0.01, 0.9)])
    (1.0, 0.1)
    """
    known = list(bars)
    halves = [half for _, half in known if half > 0]
    far = max([4 * abs(mean) for mean, _ in known] + ([2 * median(halves)] if halves else []), default=0.0)
    return min(far or math.inf, math.inf if widest is None else widest)


def remove_empty(axes: Any, used: int) -> list[Axes]:
    """Take the panels after the first ``used`` out of a grid of axes, and return the used ones, row by row."""
    panels = list(axes.flat)
    for panel in panels[used:]:
        panel.remove()
    return panels[:used]
