"""Training and validation loss by epoch, a panel a method: the paper's figure 3, from stored results."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from softlabel.comparison.cells import Cell
from softlabel.comparison.drawing import BLUE, GREY, ORANGE, figure, remove_empty, save, stem_of
from softlabel.comparison.results import Results
from softlabel.comparison.score_words import labels_text
from softlabel.comparison.stored_results import as_results
from softlabel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_IN_A_ROW = 4
_LEGEND_WIDTH = 60  # characters
_TRAIN, _WATCHED = "train_loss", "validation_loss"
# What the curves of a method are not, though the table's scores are: those of its final model.
_BEFORE = {"swa": "before averaging", "temperature": "before scaling"}
_LOOKS: dict[str, tuple[str, Any]] = {_TRAIN: (BLUE, "-"), _WATCHED: (ORANGE, "--")}
_TITLE_WIDTH = 32  # letters that a panel has room for


def has_losses(results: Results, corruption: str) -> bool:
    """Return whether any method tells of its epochs under a corruption."""
    return any(len(loss_by_epoch(results, corruption, method, _TRAIN)) for method in results.methods)


def draw_losses(
    results: Results | str | Path,
    path: str | Path,
    *,
    corruption: str | None = None,
    methods: tuple[str, ...] | None = None,
) -> list[Path]:
    """Draw training and validation loss of the final fits by epoch, a panel a method, those of the baseline behind each in grey.

    Each panel has a scale of its own, so that one method whose loss runs away does not flatten the others; what is grey is the same.
    Lines are means over the seeds, bands one standard deviation to either side. Training losses of two methods are not to be compared:
    each is taken against the method's own targets, and soft ones cannot be fitted to a loss of 0. Validation losses are all cross
    entropies (or the like for other kinds of labels) of test rows against labels as wrong as the given ones; without such rows (see
    ``curves``) there is no such line. That of an inner split (``inner_loss``: of early stopping, say) is never drawn: it is taken against
    the method's own targets too.

    Losses are those of the training: of the weights before they are averaged, and of answers before they are scaled. Methods whose
    losses are those of the baseline, number by number, have no panel, unless they are named.

    Parameters
    ----------
    results : Results, or path
        Of a comparison, or the folder in which one is stored.
    path : path
        Where the figure goes; a .png and an .svg are written.
    corruption : str, optional
        By default the first that has losses.
    methods : tuple of str, optional
        By default all that tell of their epochs, and tell something else than the baseline.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If no method tells of its epochs, or one that was named does not. If the path ends in anything but .png or .svg.
    """
    stem_of(path)  # refused before anything is drawn
    found = as_results(results)
    where = (
        corruption if corruption is not None else next((c for c in found.corruptions if has_losses(found, c)), "none")
    )
    told = [method for method in found.methods if len(loss_by_epoch(found, where, method, _TRAIN))]
    silent = [method for method in methods or () if method not in told]
    if silent or not told:
        lacking = f"{silent[0]} has no losses" if silent else "no method has losses"
        known = f"those that have: {', '.join(told)}" if told else "networks tell of them (--estimator torch_mlp, say)"
        raise InputError(f"{lacking} by epoch under {where}; {known}")
    alike = [] if methods else [method for method in told if _like_baseline(found, where, method)]
    shown = list(methods or [method for method in told if method not in alike])
    columns = min(_IN_A_ROW, len(shown))
    rows = ceil(len(shown) / columns)
    watched = any(len(loss_by_epoch(found, where, method, _WATCHED)) for method in {*shown, found.baseline})
    from matplotlib.ticker import MaxNLocator

    with figure(2.4 * columns + 0.4, 1.85 * rows + 0.9, rows, columns, sharex=True) as (made, axes):
        for panel, method in zip(remove_empty(axes, len(shown)), shown, strict=True):
            if method != found.baseline and found.baseline in told:
                for name, (_, line) in _LOOKS.items():
                    _line(panel, loss_by_epoch(found, where, found.baseline, name), GREY, line, band=False, width=0.9)
            for name, (colour, line) in _LOOKS.items():
                _line(panel, loss_by_epoch(found, where, method, name), colour, line, band=True, width=1.5)
            panel.set_title(_title(method), loc="left")
            panel.locator_params(axis="y", nbins=5)
            panel.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
            panel.tick_params(labelbottom=True)
        made.supxlabel("epoch", fontsize=9)
        made.supylabel("loss", fontsize=9)
        beside = found.baseline in told and set(shown) != {found.baseline}
        _legend(made, found, where, watched=watched, beside=beside, alike=alike)
        return save(made, path)


def loss_by_epoch(results: Results, corruption: str, method: str, name: str) -> NDArray[np.float64]:
    """Return a loss by seed and epoch, (seeds, epochs): NaN after the last epoch of a training that ended early.

    Seeds without this loss have no row.
    """
    curves = []
    for seed in results.seeds:
        result = results.cells.get(Cell(corruption, seed, method))
        curve = [row.get(name, np.nan) for row in result.epochs] if result else []
        if np.isfinite(curve).any():
            curves.append(curve)
    longest = max(map(len, curves), default=0)
    return np.array([[*curve, *[np.nan] * (longest - len(curve))] for curve in curves]).reshape(len(curves), longest)


def _line(panel: Axes, losses: NDArray[np.float64], colour: str, line: str, *, band: bool, width: float) -> None:
    if not len(losses):
        return
    # An epoch that not all seeds reached is left out: its mean would be that of other seeds.
    known = np.isfinite(losses).all(axis=0)  # (epochs,)
    epochs = 1 + np.flatnonzero(known)
    mean, sd = losses[:, known].mean(axis=0), losses[:, known].std(axis=0, ddof=1) if len(losses) > 1 else None
    panel.plot(epochs, mean, line, color=colour, linewidth=width, marker="." if len(epochs) == 1 else "")
    if band and sd is not None:
        panel.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)


def _like_baseline(results: Results, corruption: str, method: str) -> bool:
    """Return whether a panel would show the baseline's curves once more, and says nothing of its own."""
    if method == results.baseline or _name(method) in _BEFORE:
        return False
    pairs = [[loss_by_epoch(results, corruption, one, name) for one in (method, results.baseline)] for name in _LOOKS]
    return all(np.array_equal(ours, theirs, equal_nan=True) for ours, theirs in pairs)


def _name(method: str) -> str:
    return method.partition(":")[0]


def _title(method: str) -> str:
    told = f"{method} ({_BEFORE[_name(method)]})" if _name(method) in _BEFORE else method
    # Parameters that do not fit beside the name stand below it, a line each.
    return told if len(told) <= _TITLE_WIDTH else told.replace(":", "\n")


def _legend(made: Any, results: Results, corruption: str, *, watched: bool, beside: bool, alike: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    words = {
        _TRAIN: "training rows, against the targets of the method",
        _WATCHED: f"rows that train nothing, against {'their labels' if corruption == 'none' else 'labels made wrong alike'}",
    }
    shown = _LOOKS if watched else {_TRAIN: _LOOKS[_TRAIN]}
    handles = [Line2D([], [], color=c, linestyle=line, label=words[name]) for name, (c, line) in shown.items()]
    if beside:
        handles.append(Line2D([], [], color=GREY, linewidth=0.9, label=f"{results.baseline}, for comparison"))
    if alike:
        told = textwrap.fill(f"the same as {results.baseline}, and left out: {', '.join(alike)}", _LEGEND_WIDTH)
        handles.append(Line2D([], [], linestyle="", label=told))
    n = len(results.seeds)
    title = f"{labels_text(corruption, results.task.kind)}; mean{' ± sd' if n > 1 else ''} of {n} {'seed' if n == 1 else 'seeds'}"
    made.legend(handles=handles, loc="outside upper left", ncols=1, title=title, title_fontsize=9, alignment="left")
