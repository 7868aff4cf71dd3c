"""The menu of ``final_targets="auto"``: ways to refine and to use what comes of it, of which evidence chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from softlabel.learners.budget import learns_by_steps
from softlabel.learners.contract import Learner
from softlabel.methods.forest_teacher import forest_beside
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Momentum, Settings
from softlabel.methods.suitability import trained_network

_BY_FOREST: tuple[Momentum, ...] = ("bayes", 0.0)
SHORT = 0.3  # share of the final fit's training that short teachers get


@dataclass(frozen=True)
class Plan:
    """One way: how rounds refine, what their models are taught and for how long, and what the final fit takes."""

    momentum: Momentum
    teacher_targets: str
    policy: str
    short: bool = False  # whether fold models train for a share of the final fit's training
    forest: Learner | None = None  # what the fold models are, where they are not the members themselves

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
        return f"{self.policy} by {how}{f' with {self.taught_by}' if self.taught_by else ''}"

    @property
    def taught_by(self) -> str:
        """Whose fold models they are, where these are not those of the members, trained as the final fit is."""
        return "a forest" if self.forest is not None else "short teachers" if self.short else ""

    @property
    def way(self) -> tuple[Momentum, str, str]:
        """How its rounds go: plans of one way share them."""
        return self.momentum, self.teacher_targets, self.taught_by

    def teachers(self, learners: Sequence[Learner]) -> Sequence[Learner]:
        """Return the learners of its fold models: the forest, or the members that are given."""
        return learners if self.forest is None else (self.forest,)

    def settings(self, settings: Settings) -> Settings:
        """Return settings whose rounds go this way."""
        budget = SHORT if self.short else settings.teacher_budget
        # A forest is placed by itself: it computes on no GPU, where the members may.
        resources = settings.resources if self.forest is None else replace(settings.resources, kind="forest")
        return replace(
            settings,
            momentum=self.momentum,
            teacher_targets=self.teacher_targets,
            teacher_budget=budget,
            resources=resources,
        )


def plans_of(settings: Settings, learners: Sequence[Learner], problem: Problem | None = None) -> tuple[Plan, ...]:
    """Return what "auto" tries beside the plain fit on the given labels, which is always a candidate.

    With rounds by Bayes' rule that prune these, and rounds that prune whatever the last predictions contradict (momentum 0): the first
    knows which labels are likely to be wrong and hardly touches clean ones, the second also finds wrong labels where noise cannot be
    estimated (few rows, noise that follows the model's own confusions). With any other momentum, the refined targets and pruning by
    them.

    Where all learners learn by steps (networks, boosting), and nobody said how teachers train (``teacher_budget``, ``fixed_folds``,
    ``warm_start``), teachers of the first two are short. Forests are not: a part of their trees has learned wrong labels as well. Where
    teachers are short and a forest may stand in for the learner (:func:`~softlabel.methods.forest_teacher.forest_beside`), it teaches too:
    by Bayes' rule, and by momentum 0 in the place of short teachers.

    A network is trained on distributions as readily as on labels, and learns more from what rounds by Bayes' rule leave of a doubtful row
    than from leaving it out. So where all members are networks, the refined targets of the first plan's rounds stand beside what pruning
    makes of them: one more fit beside each guard, and no more rounds. Boosting does worse by them (docs/design/0007).

    Parameters
    ----------
    settings : Settings
        Those of the refinement.
    learners : sequence of Learner
        The members.
    problem : Problem or None
        Its rows; without them there is no forest.
    """
    if settings.momentum == "bayes" and settings.teacher_targets == "pruned":
        free = settings.teacher_budget is None and not settings.fixed_folds and not settings.warm_start
        short = free and all(learns_by_steps(learner) for learner in learners)
        own = Plan("bayes", "pruned", "pruned", short)
        forest = None
        if short and problem is not None and settings.tta is None:  # views of a row are a network's matter
            forest = forest_beside(learners, problem)
        if forest is None:
            plans = [own, Plan(0.0, "pruned", "pruned", short)]
        else:
            plans = [own, *(Plan(momentum, "pruned", "pruned", forest=forest) for momentum in _BY_FOREST)]
        if all(trained_network(learner) is not None for learner in learners):  # last: ties go to whoever comes first
            plans.append(replace(own, policy="refined"))
        return tuple(plans)
    return tuple(Plan(settings.momentum, settings.teacher_targets, policy) for policy in ("pruned", "refined"))
