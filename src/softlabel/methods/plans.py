"""The menu of ``final_targets="auto"``: ways to refine and to use what comes of it, of which evidence chooses one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from softlabel.methods.rounds import Momentum, Settings


@dataclass(frozen=True)
class Plan:
    """One way: how rounds refine, what their models are taught, and what the final fit takes."""

    momentum: Momentum
    teacher_targets: str
    policy: str

    @property
    def name(self) -> str:
        """What it is called in a choice: ``pruned by bayes``, ``pruned by momentum 0``."""
        how = (
            "bayes"
            if self.momentum == "bayes"
            else f"momentum {self.momentum:g}"
            if self.momentum != "average"
            else "average"
        )
        return f"{self.policy} by {how}"

    @property
    def way(self) -> tuple[Momentum, str]:
        """How its rounds go: plans of one way share them."""
        return self.momentum, self.teacher_targets

    def settings(self, settings: Settings) -> Settings:
        """Return settings whose rounds go this way."""
        return replace(settings, momentum=self.momentum, teacher_targets=self.teacher_targets)


def plans_of(settings: Settings) -> tuple[Plan, ...]:
    """Return what "auto" tries beside the plain fit on the given labels, which is always a candidate.

    With rounds by Bayes' rule that prune these, and rounds that prune whatever the last predictions contradict (momentum 0): the first
    knows which labels are likely to be wrong and hardly touches clean ones, the second also finds wrong labels where noise cannot be
    estimated (few rows, noise that follows the model's own confusions). With any other momentum, the refined targets and pruning by
    them.
    """
    if settings.momentum == "bayes" and settings.teacher_targets == "pruned":
        return Plan("bayes", "pruned", "pruned"), Plan(0.0, "pruned", "pruned")
    return tuple(Plan(settings.momentum, settings.teacher_targets, policy) for policy in ("pruned", "refined"))
