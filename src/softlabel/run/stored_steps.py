"""What the rounds or generations of a run directory left: targets, predictions, scores, models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.errors import RunError
from softlabel.methods.units import Unit
from softlabel.run.units import kept_model
from softlabel.store.paths import GenerationPaths
from softlabel.store.round_files import RoundFiles
from softlabel.store.run_store import RunStore


class StoredSteps:
    """Reads the steps of a run: rounds, or generations where teachers labelled for students."""

    path: Path
    record: dict[str, Any]
    _store: RunStore
    _trust: Sequence[str]

    def targets(self, round: int | None = None) -> np.ndarray:
        """Return the targets (n, m) after a round: 0 the given ones, None the last that is whole.

        Of a run of generations those that a generation learned, of rows as they are stored.
        """
        files, what = self._steps()
        whole = files.rounds()
        round = (whole[-1] if whole else 0) if round is None else round
        if round == 0:
            return self._store.read_array("given")
        found = files.get_round(round)
        if found is None:
            raise RunError(f"{what} {round} is not whole in {self.path}; whole {what}s: {whole or 'none'}")
        return found[0]["refined" if what == "round" else "learned"]

    def generations(self) -> list[dict[str, np.ndarray]]:
        """Return what each whole generation left, the first one first; nothing for a run of rounds.

        ``learned`` (n, m), the labels that it learned, and ``answers`` (n, m), what it says, of rows as they are stored; ``folds`` (n,)
        where it is one model a fold; ``test`` (n_test, m) and ``test_codes`` where test rows were given.
        """
        files, what = self._steps()
        if what == "round":
            return []
        return [found.arrays for g in files.rounds() if (found := files.get_round(g)) is not None]

    def generation_models(self, generation: int) -> list[Any]:
        """Return the fitted models of a generation, from 1: one, or one a fold.

        Raises
        ------
        RunError
            If they are not there.
        """
        files, what = self._steps()
        units = files.paths.round(generation) / "units"
        # In a run that was extended a generation may also have the model of its time as the last: folds come first.
        paths = list(units.glob("m1-f*")) or list(units.glob("m0-f0"))
        addresses = sorted(tuple(map(int, path.name[1:].split("-f"))) for path in paths)
        found = [kept_model(files, Unit(generation, *address), (), trust=self._trust) for address in addresses]
        if what == "round" or not found or any(model is None for model in found):
            raise RunError(
                f"{self.path} holds no models of generation {generation}; run the same command to make them anew"
            )
        return found

    def _steps(self) -> tuple[RoundFiles, str]:
        """Return where the steps of the run are, and what they are called."""
        if self.record["identity"].get("method", "slr") == "slr":
            return self._store, "round"
        return RoundFiles(GenerationPaths(self.path)), "generation"

    def trusted(self) -> np.ndarray:
        """Return which rows (n,) carry labels that were known to be right, in the order of the source; none where none was named."""
        if self._store.has("trusted.npy"):
            return self._store.read_array("trusted")
        return np.zeros(len(self._store.read_array("guard")), dtype=bool)

    def out_of_fold(self) -> np.ndarray:
        """Return the out-of-fold predictions (R, n, m) of all whole rounds; NaN where no model says anything."""
        found = [self._store.get_round(r) for r in self._store.rounds()]
        rounds = [one[0]["oof"] for one in found if one is not None]
        if not rounds and (method := self.record["identity"].get("method", "slr")) != "slr":
            raise RunError(
                f"{self.path} was made by --method {method}, which predicts no rows out of fold; refine with --method slr for that"
            )
        if not rounds:
            raise RunError(
                f"{self.path} has no whole round, and so no predictions out of fold; refine with --method slr and --rounds 1 or more"
            )
        return np.stack(rounds)

    def scores(self) -> list[dict[str, Any]]:
        """Return the scores of each whole round, or of each whole generation."""
        files, _ = self._steps()
        return [found[1] for r in files.rounds() if (found := files.get_round(r)) is not None]
