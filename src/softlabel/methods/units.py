"""The smallest pieces of work, single fits: their addresses, what they give, and where that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np


class Unit(NamedTuple):
    """The address of one fit: the smallest piece of work that is stored, and done again only if it was not."""

    round: int
    member: int
    fold: int


@dataclass(frozen=True)
class UnitResult:
    """What one fit gave: its held-out predictions, and those for rows that are watched but never trained on."""

    held_out: np.ndarray  # (n_held_out, m) float32; NaN for what the model cannot know
    watched: Mapping[str, np.ndarray] = field(default_factory=dict)  # name -> (n_watched, m) float32
    loss_history: tuple[float, ...] = ()
    history: tuple[dict[str, float], ...] = ()  # a row an epoch: losses, accuracies, learning rate; no times
    seconds: float = 0.0
    warnings: tuple[tuple[str, str], ...] = ()  # (category, text), what the learner complained of
    model: Any = None  # the fitted learner, where the next round goes on with it


class UnitStore(Protocol):
    """Where finished units are kept. The methods know no disk: the run directory, or a dictionary, is passed in.

    ``model`` and ``forget`` are asked for only where fold models go on from round to round.
    """

    def get(self, unit: Unit) -> UnitResult | None: ...

    def put(self, unit: Unit, result: UnitResult) -> None: ...

    def model(self, unit: Unit) -> Any:
        """Return the fitted learner of a unit, None where it is not kept."""

    def forget(self, round: int) -> None:
        """Let go of the fitted learners of a round; what they predicted stays."""


class Memory:
    """A ``UnitStore`` that keeps fitted learners, as long as the next round needs them, and nothing else.

    A fit that was done is done again if asked for.
    """

    def __init__(self) -> None:
        self._models: dict[Unit, Any] = {}

    def get(self, unit: Unit) -> UnitResult | None:
        return None

    def put(self, unit: Unit, result: UnitResult) -> None:
        if result.model is not None:
            self._models[unit] = result.model

    def model(self, unit: Unit) -> Any:
        return self._models.get(unit)

    def forget(self, round: int) -> None:
        self._models = {unit: model for unit, model in self._models.items() if unit.round != round}
