"""What the toy study keeps beside its cells: answers all over the window, and targets round by round.

::

    toy/areas/slr-1a2b3c4d/symmetric-0.3/seed-0.npy   (g * g, 3) float32: answers at ``grid_points(g)``
    toy/targets/symmetric-0.3/seed-0.npy              (n_rounds + 1, n, 3) float32
    decision_areas.png  targets_by_round.png  targets_by_round.csv
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from softlabel.comparison.cells import Cell
from softlabel.store.arrays import read_array
from softlabel.store.atomic import write_array
from softlabel.store.comparison_store import ComparisonPaths

_ADVICE = "delete it and start the same command again: it is computed anew"


class ToyFiles:
    """Reads and writes them; does not lock."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._cells = ComparisonPaths(root)

    @property
    def areas_figure(self) -> Path:
        """Decision areas, methods by corruptions."""
        return self.root / "decision_areas.png"

    @property
    def targets_figure(self) -> Path:
        """Targets as mixed colours, round by round."""
        return self.root / "targets_by_round.png"

    @property
    def targets_table(self) -> Path:
        """Share of labels right and distance to the posterior, a row a seed and round."""
        return self.root / "targets_by_round.csv"

    def areas(self, cell: Cell) -> np.ndarray | None:
        """Return the answers of a cell's method all over the window; None where they were not computed."""
        return _read(self._areas(cell))

    def put_areas(self, cell: Cell, answers: np.ndarray) -> None:
        """Store the answers of a cell's method."""
        write_array(self._areas(cell), answers.astype(np.float32))

    def targets(self, corruption: str, seed: int) -> np.ndarray | None:
        """Return the targets of all rounds; None where they were not computed."""
        return _read(self._targets(corruption, seed))

    def put_targets(self, corruption: str, seed: int, targets: np.ndarray) -> None:
        """Store the targets of all rounds."""
        write_array(self._targets(corruption, seed), targets)

    def _areas(self, cell: Cell) -> Path:
        place = self._cells.cell(cell.corruption, cell.seed, cell.method).relative_to(self._cells.cells)
        return self.root / "toy" / "areas" / place.with_suffix(".npy")

    def _targets(self, corruption: str, seed: int) -> Path:
        method_and_place = self._cells.cell(corruption, seed, "targets").relative_to(self._cells.cells)
        return self.root / "toy" / method_and_place.with_suffix(".npy")


def _read(path: Path) -> np.ndarray | None:
    return read_array(path, advice=_ADVICE) if path.exists() else None
