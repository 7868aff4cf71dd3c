"""The fits behind a choice, kept beside the rounds of a run: ``evidence/NAME/rounds/...``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from softlabel.store.paths import RunPaths
from softlabel.store.round_files import RoundFiles
from softlabel.store.timing import append_line


class EvidenceFiles(RoundFiles):
    """Reads and writes the units of one part of the evidence.

    Parameters
    ----------
    run : RunPaths
        Of the run that they belong to; its timing.jsonl has their times.
    name : str
        Of the part, "1-plain" say.
    """

    def __init__(self, run: RunPaths, name: str) -> None:
        super().__init__(RunPaths(run.evidence(name)))
        self._timing, self._name = run.timing, name

    def append_timing(self, entry: Mapping[str, Any]) -> None:
        """Add a record to the run's ``timing.jsonl``."""
        append_line(self._timing, {"evidence": self._name, **entry})


def evidence_units(run: RunPaths) -> int:
    """Return how many units of evidence a run has."""
    return sum(1 for _ in run.evidences.glob("*/rounds/*/units/m*-f*/unit.json"))
