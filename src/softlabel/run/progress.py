"""What a run tells whoever watches it."""

from __future__ import annotations

from typing import Any, Protocol

from softlabel.methods.choice import Choice
from softlabel.methods.units import Unit
from softlabel.run.plan import Plan


class Progress(Protocol):
    """Watches a run. The command line draws bars or writes lines; by default nobody looks."""

    def planned(self, plan: Plan) -> None: ...

    def fitted(self, unit: Unit | None, seconds: float) -> None:
        """Count a fit: of a round, of no round (0) where it is evidence for a choice, or of the end (None)."""

    def chose(self, choice: Choice, plan: Plan) -> None:
        """Hear what was chosen, and what is left to do."""

    def round_done(self, entry: dict[str, Any]) -> None: ...

    def generation_done(self, entry: dict[str, Any]) -> None: ...

    def complained(self, category: str, text: str) -> None: ...

    def stage(self, text: str) -> None: ...


class Silent:
    """Watches and says nothing."""

    def planned(self, plan: Plan) -> None:
        pass

    def fitted(self, unit: Unit | None, seconds: float) -> None:
        pass

    def chose(self, choice: Choice, plan: Plan) -> None:
        pass

    def round_done(self, entry: dict[str, Any]) -> None:
        pass

    def generation_done(self, entry: dict[str, Any]) -> None:
        pass

    def complained(self, category: str, text: str) -> None:
        pass

    def stage(self, text: str) -> None:
        pass
