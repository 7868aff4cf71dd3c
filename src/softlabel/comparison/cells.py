"""One cell of a comparison: a method, under one corruption, with one seed; and what it brought."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from softlabel.store.json_values import plain

RECOVERY_SHARES = ("share_corrected", "share_kept")
_NUMBERS = ("scores", "reference", "extra")  # parts that map names to numbers


@dataclass(frozen=True, order=True)
class Cell:
    """Where a result stands.

    Attributes
    ----------
    corruption : str
        What was made wrong on purpose among the training labels, ``"symmetric:0.2"`` say; ``"none"``.
    seed : int
        Counted from 0. All methods see the same rows, wrong labels and seeds of fits under one seed.
    method : str
        The method as it was asked for, with its parameters: ``"slr:n_rounds=6"``.
    """

    corruption: str
    seed: int
    method: str

    def __str__(self) -> str:
        where = "" if self.corruption == "none" else f", {self.corruption}"
        return f"{self.method}{where}, seed {self.seed}"


@dataclass(frozen=True)
class CellResult:
    """What one method brought on one seed.

    Attributes
    ----------
    scores : dict
        On the test rows, whose labels are never made wrong; the task's main score first.
    recovery : dict or None
        Of the suggested labels of the training rows: ``share_corrected`` of the wrong ones, ``share_kept`` of the right ones, and
        counts; a share of no rows is None. None where the truth is not known or the method suggests no labels.
    reference : dict
        Mean distances of the final targets from true distributions, where these are known.
    chosen : dict
        Hyper-parameters that the method chose on rows set apart.
    epochs : tuple of dict
        The final fit's epochs, where the learner has any: ``train_loss``, ...; ``validation_loss`` and the like where test rows
        were watched, ``inner_loss`` and the like of a split inside the training rows.
    watched : bool
        Whether networks were to score the test rows after each epoch.
    n_fits : int
        Models that were trained, those for choosing among them.
    warnings : tuple of (category, text)
    extra : dict
        Numbers of a study of its own, the distance from a known posterior say.
    seconds, fit_seconds : float
        Of the whole cell, and of what is spent inside the learners' ``fit``. They differ from run to run and are stored apart.
    """

    scores: dict[str, float]
    recovery: Mapping[str, float | None] | None = None
    reference: dict[str, float] = field(default_factory=dict)
    chosen: dict[str, Any] = field(default_factory=dict)
    epochs: tuple[dict[str, float], ...] = ()
    watched: bool = False
    n_fits: int = 0
    warnings: tuple[tuple[str, str], ...] = ()
    extra: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    fit_seconds: float = 0.0

    def record(self) -> dict[str, Any]:
        """Return all but the times as plain values, equal for equal runs.

        Numbers that are not finite are left out: JSON has none, and a score that is not defined is no score.
        """
        record = {
            "scores": self.scores,
            "recovery": self.recovery,
            "reference": self.reference,
            "chosen": self.chosen,
            "epochs": self.epochs,
            "watched": self.watched,
            "n_fits": self.n_fits,
            "warnings": self.warnings,
            "extra": self.extra,
        }
        made: dict[str, Any] = plain(record)
        for part in _NUMBERS:
            made[part] = _finite(made[part])
        if made["recovery"] is not None:
            made["recovery"] = _finite(made["recovery"])
        made["epochs"] = [_finite(row) for row in made["epochs"]]
        return made

    def times(self) -> dict[str, float]:
        """Return the times, which differ from run to run."""
        return {"seconds": self.seconds, "fit_seconds": self.fit_seconds}

    def numbers(self) -> dict[str, float]:
        """Return all finite numbers of the cell by one name each, in this order: columns of a table.

        Scores, then ``share_corrected`` and ``share_kept``, further counts as ``recovery_...``, distances as ``reference_...``, those
        of a study as they are called, ``n_fits``, ``seconds``, ``fit_seconds``. Fits that were not counted, those of a method that
        fits in a way of its own, are not called none.
        """
        recovery = self.recovery or {}
        named: dict[str, Any] = {
            **self.scores,
            **{name: recovery[name] for name in RECOVERY_SHARES if name in recovery},
            **{f"recovery_{name}": value for name, value in recovery.items() if name not in RECOVERY_SHARES},
            **{f"reference_{name}": value for name, value in self.reference.items()},
            **self.extra,
            **({"n_fits": self.n_fits} if self.n_fits else {}),
            "seconds": self.seconds,
            **({"fit_seconds": self.fit_seconds} if self.n_fits else {}),
        }
        return {name: float(value) for name, value in named.items() if value is not None and math.isfinite(value)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any], times: Mapping[str, float] | None = None) -> CellResult:
        """Return the result that ``record`` and ``times`` tell of; without times they are 0."""
        known = times or {}
        return cls(
            scores=dict(record["scores"]),
            recovery=None if record.get("recovery") is None else dict(record["recovery"]),
            reference=dict(record.get("reference", {})),
            chosen=dict(record.get("chosen", {})),
            epochs=tuple(dict(row) for row in record.get("epochs", ())),
            watched=bool(record.get("watched", False)),
            n_fits=int(record.get("n_fits", 0)),
            warnings=tuple((str(category), str(text)) for category, text in record.get("warnings", ())),
            extra=dict(record.get("extra", {})),
            seconds=float(known.get("seconds", 0.0)),
            fit_seconds=float(known.get("fit_seconds", 0.0)),
        )


def _finite(numbers: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if value is not None}
