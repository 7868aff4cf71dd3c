"""The menu of ``final_targets="auto"``: ways to refine and to use what comes of it, of which evidence chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from softlabel.learners.budget import learns_by_steps
from softlabel.learners.contract import Learner
from softlabel.methods.rounds import Momentum, Settings

SHORT = 0.3  # share of the final fit's training that short teachers get


@dataclass(frozen=True)
class Plan:
    """One way: how rounds refine, what their models are taught and for how long, and what the final fit takes."""

    momentum: Momentum
    teacher_targets: str
    policy: str
    short: bool = False  # whether fold models train for a share of the final fit's training

    @property
    def name(self) -> str:
        """What it is called in a choice: ``pruned by bayes``, ``pruned by momentum 0 with short teachers``."""
        how = (
            "bayes"
            if self.momentum == "bayes"
            else f"momentum {self.momentum:g}"
            if self.momentum != "average"
            else "average"
        )
        return f"{self.policy} by {how}{' with short teachers' if self.short else ''}"

    @property
    def way(self) -> tuple[Momentum, str, bool]:
        """How its rounds go: plans of one way share them."""
        return self.momentum, self.teacher_targets, self.short

    def settings(self, settings: Settings) -> Settings:
        """Return settings whose rounds go this way."""
        budget = SHORT if self.short else settings.teacher_budget
        return replace(settings, momentum=self.momentum, teacher_targets=self.teacher_targets, teacher_budget=budget)


def plans_of(settings: Settings, learners: Sequence[Learner]) -> tuple[Plan, ...]:
    """Return what "auto" tries beside the plain fit on the given labels, which is always a candidate.

    With rounds by Bayes' rule that prune these, and rounds that prune whatever the last predictions contradict (momentum 0): the first
    knows which labels are likely to be wrong and hardly touches clean ones, the second also finds wrong labels where noise cannot be
    estimated (few rows, noise that follows the model's own confusions). With any other momentum, the refined targets and pruning by
    them.

    Where all learners learn by steps (networks, boosting), and nobody said how teachers train (``teacher_budget``, ``fixed_folds``,
    ``warm_start``), teachers of the first two are short. Forests are not: a part of their trees has learned wrong labels as well.

    Parameters
    ----------
    settings : Settings
        Those of the refinement.
    learners : sequence of Learner
        The members.
    """
    if settings.momentum == "bayes" and settings.teacher_targets == "pruned":
        free = settings.teacher_budget is None and not settings.fixed_folds and not settings.warm_start
        short = free and all(learns_by_steps(learner) for learner in learners)
        return Plan("bayes", "pruned", "pruned", short), Plan(0.0, "pruned", "pruned", short)
    return tuple(Plan(settings.momentum, settings.teacher_targets, policy) for policy in ("pruned", "refined"))
