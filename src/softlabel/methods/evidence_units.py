"""Where the fits behind a choice are kept: in memory, and with a first round that several refinements share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from softlabel.methods.units import Memory, Unit, UnitResult, UnitStore


class Kept(Memory):
    """A ``UnitStore`` in memory: a fit that was done is not done again."""

    def __init__(self) -> None:
        super().__init__()
        self._results: dict[Unit, UnitResult] = {}

    def get(self, unit: Unit) -> UnitResult | None:
        return self._results.get(unit)

    def put(self, unit: Unit, result: UnitResult) -> None:
        super().put(unit, result)
        # A fitted learner is held once, where ``forget`` lets go of it.
        self._results[unit] = result if result.model is None else replace(result, model=None)


class FirstRoundShared:
    """A ``UnitStore`` whose first round is that of other refinements too: it learns from the given labels in each of them.

    Parameters
    ----------
    first, later : UnitStore
        Where units of round 1 are kept, and those of later rounds.
    """

    def __init__(self, first: UnitStore, later: UnitStore) -> None:
        self._first, self._later = first, later

    def get(self, unit: Unit) -> UnitResult | None:
        return self._of(unit.round).get(unit)

    def put(self, unit: Unit, result: UnitResult) -> None:
        self._of(unit.round).put(unit, result)

    def model(self, unit: Unit) -> Any:
        return self._of(unit.round).model(unit)

    def forget(self, round: int) -> None:
        """Let go of the fitted learners of a round; those of the first, which others go on with too, stay."""
        if round > 1:
            self._later.forget(round)

    def _of(self, round: int) -> UnitStore:
        return self._first if round == 1 else self._later
