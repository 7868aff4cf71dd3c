"""Accuracy of classes on training and validation rows, generation by generation: figures 4 to 6 of Label Refinery."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.comparison.drawing import BLUE, GREY, INK, LOOKS, ORANGE, figure, remove_empty, save, stem_of
from softlabel.errors import InputError
from softlabel.metrics.class_profile import binned_profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Profiles = Mapping[
    str, tuple[ArrayLike, ArrayLike]
]  # name of a generation -> accuracies (k,) on training, validation rows

_IN_A_ROW = 3
_FINE_FROM = 100  # classes; fewer would leave most bins of a fine histogram empty


def draw_profile(profiles: Profiles, path: str | Path, *, n_bins: int = 10) -> list[Path]:
    """Draw validation against training accuracy of classes: figure 4 of Label Refinery (Bagherinezhad et al. 2018).

    A point is a bin of classes of similar training accuracy (:func:`~softlabel.metrics.class_profile.binned_profile`), its bar the
    standard deviation of their validation accuracies. Dashed: the two are equal; the further below, the more was learned by heart.

    Parameters
    ----------
    profiles : mapping of names to pairs of array-like (k,)
        Accuracy of each class on training and on validation rows, for each generation or model.
    path : path
        Where the figure goes; a .png and an .svg are written.
    n_bins : int, default=10

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If there is no profile, or one has no class with both accuracies. If the path ends in anything but .png or .svg.
    """
    stem_of(path)  # refused before anything is drawn
    _refuse_none(profiles)
    binned = {name: binned_profile(*pair, n_bins=n_bins) for name, pair in profiles.items()}
    with figure(5.2, 3.9) as (made, axes):
        panel = axes[0, 0]
        for order, (name, profile) in enumerate(binned.items()):
            colour, form = LOOKS[order % len(LOOKS)]
            panel.errorbar(
                profile.train,
                profile.validation,
                profile.deviation,
                color=colour,
                marker=form,
                markersize=4.5,
                linewidth=1.2,
                elinewidth=0.9,
                capsize=2,
                label=name,
                zorder=3,
            )
        reached = np.concatenate(
            [[p.train.min(), p.train.max(), *(p.validation - p.deviation)] for p in binned.values()]
        )
        low = max(0.0, math.floor(10 * reached.min()) / 10)
        panel.plot([low, 1], [low, 1], color=GREY, linewidth=1, linestyle="--", zorder=1, label="equal")
        panel.set_xlim(low, 1.02)
        panel.set_ylim(low, 1.02)
        panel.set_xlabel("training accuracy of classes, mean of a bin")
        panel.set_ylabel("validation accuracy")
        made.legend(
            loc="outside right upper", title="bars: standard deviation\nover the classes of a bin", alignment="left"
        )
        return save(made, path)


def draw_accuracy_distributions(profiles: Profiles, path: str | Path) -> list[Path]:
    """Draw how the accuracies of classes are distributed, a panel a generation: figures 5 and 6 of Label Refinery.

    Filled: validation rows; outlined: training rows. Where the two lie apart, training rows were learned by heart. The mean of each is a
    dashed line.

    Parameters
    ----------
    profiles, path
        As :func:`draw_profile` takes them. A class that is NaN is left out.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        As :func:`draw_profile`.
    """
    stem_of(path)
    _refuse_none(profiles)
    columns = min(_IN_A_ROW, len(profiles))
    rows = math.ceil(len(profiles) / columns)
    with figure(
        2.6 * columns + 0.5, 2.1 * rows + (0.7 if columns > 2 else 1.0), rows, columns, sharex=True, sharey=True
    ) as (made, axes):
        for panel, (name, pair) in zip(remove_empty(axes, len(profiles)), profiles.items(), strict=True):
            train, validation = (_known(name, accuracies) for accuracies in pair)
            edges = np.linspace(0, 1, 21 if len(validation) >= _FINE_FROM else 11)
            panel.stairs(_percent(validation, edges), edges, fill=True, color=ORANGE, alpha=0.45)
            panel.stairs(_percent(train, edges), edges, color=BLUE, linewidth=1.4)
            for accuracies, colour in ((validation, ORANGE), (train, BLUE)):
                panel.axvline(accuracies.mean(), color=colour, linewidth=1, linestyle="--")
            panel.set_title(f"{name}: {train.mean():.2f}, {validation.mean():.2f}", loc="left")
            panel.set_xlim(-0.01, 1.01)
            panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", ".5", "", "1"])
            panel.tick_params(labelbottom=True)
            panel.set_xlabel("accuracy of a class")
        for line in axes:
            line[0].set_ylabel("% of classes")
        _legend(made, columns)
        return save(made, path)


def _legend(made: Figure, columns: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color=BLUE, label="training rows"),
        Patch(facecolor=ORANGE, alpha=0.45, label="validation rows"),
        Line2D([], [], color=INK, linewidth=1, linestyle="--", label="means, which the titles give in this order"),
    ]
    made.legend(handles=handles, loc="outside upper left", ncols=3 if columns > 2 else 1)


def _percent(accuracies: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of classes in each bin of a histogram, in percent."""
    return 100 * np.histogram(accuracies, edges)[0] / len(accuracies)


def _known(name: str, accuracies: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(accuracies, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        raise InputError(f"{name} has no class with an accuracy; give rows of at least one class")
    return values


def _refuse_none(profiles: Profiles) -> None:
    if not profiles:
        raise InputError("there is no profile to draw; give the accuracies of at least one generation")
