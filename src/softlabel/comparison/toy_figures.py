"""The figures of the toy study, drawn again at any time from what it stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from softlabel.comparison.cells import Cell
from softlabel.comparison.colour_targets import ColourPanel, draw_colour_targets
from softlabel.comparison.decision_areas import Panel, draw_decision_areas, grid_points
from softlabel.comparison.intervals import spread
from softlabel.comparison.results import Results
from softlabel.comparison.score_words import labels_text
from softlabel.comparison.stored_results import as_results
from softlabel.comparison.toy_files import ToyFiles
from softlabel.comparison.toy_rounds import RefinedToy
from softlabel.comparison.toy_rows import ToyRows, distance_to_posterior, has_noisy_posterior, noisy_posterior
from softlabel.data.toy import toy_posterior
from softlabel.errors import InputError
from softlabel.store.atomic import write_text

if TYPE_CHECKING:
    import pandas as pd

IDEAL = "ideal_learner"  # the name of the row that shows the posterior of the labels, wrong ones included
ACCURACY, TO_POSTERIOR, RIGHT = "accuracy", "TV to posterior", "labels right"


def draw_areas(folder: str | Path, path: str | Path | None = None, *, results: Results | None = None) -> list[Path]:
    """Draw the decision areas of every method under every corruption (figure 5 of the refinery paper).

    The areas are those of the first seed, the numbers below are means over all seeds: accuracy on fresh points, and the mean total
    variation between the answers there and the true posterior. The first row is what a learner without faults makes of endlessly
    many such labels: it cannot know that some are wrong. Instance noise has no such panel: which rows it moves depends on the others.

    Parameters
    ----------
    folder : path
        Of a toy study.
    path : path or None
        Where the figure goes; None: ``decision_areas`` in the folder. A .png and an .svg are written.
    results : Results or None
        Those of the folder, where they are at hand.

    Raises
    ------
    InputError
        If the folder holds no toy study.
    """
    files, found = ToyFiles(folder), as_results(folder if results is None else results)
    if "rows" not in found.about or not found.seeds:
        raise InputError(f"{folder} holds no toy study; give the folder that `softlabel compare toy` wrote")
    rows, seed = ToyRows(n=found.about["rows"]), found.seeds[0]
    ideal = [
        _ideal(rows, corruption, found.seeds) for corruption in found.corruptions if has_noisy_posterior(corruption)
    ]
    panels = list(ideal)
    for method in found.methods:
        for corruption in found.corruptions:
            answers = files.areas(Cell(corruption, seed, method))
            if answers is not None:
                parts = rows.parts(seed, corruption)
                panels.append(Panel(method, corruption, answers, parts.X, parts.y, _numbers(found, corruption, method)))
    if len(panels) == len(ideal):
        raise InputError(f"{folder} holds no decision areas; start `softlabel compare toy` there again")
    about = (
        f"Areas and points are those of seed {seed}, numbers mean ± standard deviation over {len(found.seeds)} seeds."
    )
    return draw_decision_areas(panels, files.areas_figure if path is None else path, about)


def draw_targets(folder: str | Path, noise: str, seeds: Sequence[int], path: str | Path | None = None) -> list[Path]:
    """Draw the targets of every round as mixed colours (figure 6 of the refinery paper).

    The points are those of the first seed, the numbers below are means over all seeds: the share of rows whose target speaks for the
    class that they were drawn from, and the mean total variation between target and true posterior. The last panel is the posterior.

    Parameters
    ----------
    folder : path
        Of a toy study.
    noise : str
        The corruption.
    seeds : sequence of int
        What there is of them is drawn.
    path : path or None
        Where the figure goes; None: ``targets_by_round`` in the folder. A .png and an .svg are written.

    Raises
    ------
    InputError
        If the folder holds no targets of any of the seeds.
    """
    files = ToyFiles(folder)
    refined = stored_rounds(folder, noise, seeds)
    shown = next(iter(refined.values()))
    right = np.array([one.shares_right for one in refined.values()])  # (seeds, n_rounds + 1)
    away = np.array([one.distances for one in refined.values()])  # (seeds, n_rounds + 1)
    panels = [
        ColourPanel(
            "given" if number == 0 else f"round {number}",
            shown.X,
            targets,
            {RIGHT: _mean_and_sd(right[:, number]), TO_POSTERIOR: _mean_and_sd(away[:, number])},
        )
        for number, targets in enumerate(shown.targets)
    ]
    bayes = [(toy_posterior(one.X).argmax(axis=1) == one.y_true).mean() for one in refined.values()]  # (seeds,)
    panels.append(ColourPanel("true posterior", shown.X, toy_posterior(shown.X), {RIGHT: _mean_and_sd(bayes)}))
    about = (
        f"Stochastic Label Refinery, momentum .75; {labels_text(noise)}.\nPoints are those of seed {next(iter(refined))}, numbers mean ± "
        f"standard deviation over {len(refined)} seed{'s' if len(refined) > 1 else ''}."
    )
    return draw_colour_targets(panels, files.targets_figure if path is None else path, about)


def stored_rounds(folder: str | Path, noise: str, seeds: Sequence[int]) -> dict[int, RefinedToy]:
    """Return the refinements that are stored, by seed.

    Raises
    ------
    InputError
        If there is none.
    """
    files = ToyFiles(folder)
    found = {seed: files.targets(noise, seed) for seed in seeds}
    refined = {
        seed: RefinedToy.drawn_again(seed, noise, targets) for seed, targets in found.items() if targets is not None
    }
    if not refined:
        raise InputError(f"{folder} holds no targets by round under {noise}; start `softlabel compare toy` there again")
    return refined


def rounds_table(refined: Mapping[int, RefinedToy]) -> pd.DataFrame:
    """Return one row for each seed and round: ``seed``, ``round`` (0: as given), ``share_right``, ``posterior_tv``."""
    import pandas as pd

    parts = [
        pd.DataFrame(
            {
                "seed": seed,
                "round": range(len(one.targets)),
                "share_right": one.shares_right,
                "posterior_tv": one.distances,
            }
        )
        for seed, one in refined.items()
    ]
    return pd.concat(parts, ignore_index=True)


def write_rounds(folder: str | Path, noise: str, seeds: Sequence[int]) -> None:
    """Write ``rounds_table`` of what is stored to ``targets_by_round.csv`` in the folder."""
    table = rounds_table(stored_rounds(folder, noise, seeds))
    write_text(ToyFiles(folder).targets_table, table.to_csv(index=False, lineterminator="\n"))


def _ideal(rows: ToyRows, corruption: str, seeds: Sequence[int]) -> Panel:
    """Return the posterior of the labels as they are under a corruption; its numbers on the fresh points of all seeds."""
    drawn = [rows.parts(seed, corruption) for seed in seeds]
    right, away = [], []
    for parts in drawn:
        answers = noisy_posterior(toy_posterior(parts.X_test), corruption)  # (v, 3)
        right.append((answers.argmax(axis=1) == parts.y_test).mean())
        away.append(distance_to_posterior(parts.X_test, answers))
    answers = noisy_posterior(toy_posterior(grid_points()), corruption)  # (g * g, 3)
    numbers = {ACCURACY: _mean_and_sd(right), TO_POSTERIOR: _mean_and_sd(away)}
    return Panel(IDEAL, corruption, answers, drawn[0].X, drawn[0].y, numbers)


def _numbers(results: Results, corruption: str, method: str) -> dict[str, tuple[float, float | None]]:
    told = {ACCURACY: "accuracy", TO_POSTERIOR: "posterior_tv"}
    found = {words: results.spread(corruption, method, name) for words, name in told.items()}
    return {words: (one.mean, one.sd) for words, one in found.items() if one is not None}


def _mean_and_sd(values: Sequence[float] | np.ndarray) -> tuple[float, float | None]:
    found = spread([float(value) for value in values])
    return found.mean, found.sd
