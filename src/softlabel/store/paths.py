"""Every file name of a run directory; no other file of the project knows one."""

from __future__ import annotations

import re
from pathlib import Path

from softlabel.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ROUND = re.compile(r"[0-9]{2,}")


class RunPaths:
    """The layout of one run.

    ::

        run.json  lock  checksums.json  given.npy  guard.npy  trusted.npy  ids.parquet  labels.parquet  metrics.json  timing.jsonl
        model/ rounds/01/           checksums.json  split.npy  oof.npy  refined.npy  scores.json rounds/01/units/m0-f3/
        unit.json  held_out.npy

    Rounds count from 1 and are written with two digits, or more where they have more.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    @property
    def record(self) -> Path:
        """What the run is: configuration, fingerprint of the data, seeds, versions, state."""
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        """Who owns the run at the moment."""
        return self.root / "lock"

    @property
    def checksums(self) -> Path:
        """Checksums of the files beside it."""
        return self.root / "checksums.json"

    @property
    def timing(self) -> Path:
        """How long things took, a JSON record a line; the one file that differs between equal runs."""
        return self.root / "timing.jsonl"

    @property
    def model(self) -> Path:
        """The folder of the final model."""
        return self.root / "model"

    @property
    def report(self) -> Path:
        """The report, made from all of the above."""
        return self.root / "report.html"

    @property
    def image_cache(self) -> Path:
        """The folder of decoded pictures; there only while a run is going on."""
        return self.root / "image-cache"

    @property
    def evidences(self) -> Path:
        """The folder of the fits behind a choice."""
        return self.root / "evidence"

    def evidence(self, name: str) -> Path:
        """Return the folder of one part of the evidence, "1-plain" say; blanks become hyphens."""
        return self.evidences / checked_name(name.replace(" ", "-"))

    @property
    def rounds(self) -> Path:
        """The folder of all rounds."""
        return self.root / "rounds"

    def array(self, name: str) -> Path:
        """Return the path of an array at the top, "given" say."""
        return self.root / f"{checked_name(name)}.npy"

    def table(self, name: str) -> Path:
        """Return the path of a table at the top, "labels" say."""
        return self.root / f"{checked_name(name)}.parquet"

    def json(self, name: str) -> Path:
        """Return the path of a JSON file at the top, "metrics" say."""
        return self.root / f"{checked_name(name)}.json"

    def round(self, round: int) -> Path:
        """Return the folder of a round."""
        if round < 1:
            raise InputError(f"round {round}; rounds are counted from 1")
        return self.rounds / f"{round:02d}"

    def unit(self, round: int, member: int, fold: int) -> Path:
        """Return the folder of one fit: the fold of a member in a round."""
        if member < 0 or fold < 0:
            raise InputError(f"member {member}, fold {fold}; both are counted from 0")
        return self.round(round) / "units" / f"m{member}-f{fold}"

    def unit_model(self, round: int, member: int, fold: int) -> Path:
        """Return the folder of the fitted model of one fit, where it is kept."""
        return self.unit(round, member, fold) / "model"

    def round_numbers(self) -> list[int]:
        """Return the rounds that have a folder, in order, whole or not."""
        if not self.rounds.is_dir():
            return []
        names = (entry.name for entry in self.rounds.iterdir() if entry.is_dir() and _ROUND.fullmatch(entry.name))
        return sorted(int(name) for name in names if int(name) > 0 and name == f"{int(name):02d}")


class GenerationPaths(RunPaths):
    """The layout of a run's generations: ``generations/01/`` as ``rounds/01/``, with the trained teachers in ``generations/00/``."""

    @property
    def rounds(self) -> Path:
        """The folder of all generations."""
        return self.root / "generations"

    def round(self, round: int) -> Path:
        """Return the folder of a generation."""
        if round < 0:
            raise InputError(f"generation {round}; generations are counted from 1, and teachers are 0")
        return self.rounds / f"{round:02d}"


def checked_name(name: str) -> str:
    """Return a name that is safe as a file name, or refuse it."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be the name of a stored file; use letters, digits, '_', '-' and '.'")
    return name
