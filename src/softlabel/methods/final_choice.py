"""From refined targets to what the final fit takes of them: a policy that was named, or the plan that evidence speaks for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from softlabel.errors import FitError
from softlabel.execution.executor import Executor
from softlabel.learners.contract import Learner
from softlabel.methods.auto_settings import AUTO
from softlabel.methods.bayes_update import bayes_suits
from softlabel.methods.choice import GIVEN, Choice
from softlabel.methods.final_targets import FinalTargets, final_targets
from softlabel.methods.guard_evidence import rotating_evidence
from softlabel.methods.led_astray import led_astray
from softlabel.methods.plans import plans_of
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, split_round
from softlabel.methods.units import UnitStore


@dataclass(frozen=True)
class Chosen:
    """How the refinement goes, and what the final fit takes of it."""

    policy: str  # "given", or one of ``final_targets.POLICIES``
    settings: Settings  # of the rounds
    teachers: Sequence[Learner]  # of the fold models
    choice: Choice | None = None  # where it was chosen on evidence

    def of_students(self, settings: Settings) -> Settings:
        """Return the settings of the final fit: those of the rounds, with the resources that the members had before the choice."""
        return replace(self.settings, resources=settings.resources)


@dataclass(frozen=True)
class FinalChoice:
    """What the final fit takes."""

    policy: str  # "given", or one of ``final_targets.POLICIES``
    refinements: int  # behind its targets; 0 for the given ones
    taken: FinalTargets
    choice: Choice | None = None  # where it was chosen on evidence: as it was before the rounds, or as they changed it

    @property
    def temperature(self) -> float:
        """T, by which the final model's probabilities are softened; 1 leaves them."""
        return 1.0 if self.choice is None else self.choice.temperature


def choose_plan(
    policy: str,
    problem: Problem,
    learners: Sequence[Learner],
    students: Sequence[Learner],
    settings: Settings,
    n_rounds: int,
    *,
    executor: Executor,
    units_of: Callable[[str], UnitStore] | None = None,
    seen: Callable[[Choice], None] | None = None,
) -> Chosen:
    """Return how to refine and what to take, before the first round.

    Parameters
    ----------
    policy : one of ``POLICIES``, or "auto"
        What was asked for. "auto" tries each plan of ``plans_of`` on rows that nothing of it sees; without such rows it takes the
        given labels.
    problem, learners, students, settings, n_rounds
        Of the refinement. Without rounds there is nothing to choose.
    executor, units_of, seen
        As for ``rotating_evidence``.
    """
    if n_rounds == 0:
        return Chosen(GIVEN, settings, learners)
    if policy != AUTO:
        if policy in ("pruned", "corrected") and cannot_move(problem, settings, n_rounds):
            warnings.warn(
                f"final_targets={policy!r} acts where targets speak for another label than the given one, and with a momentum of "
                f"{settings.momentum:g} {'1 round moves' if n_rounds == 1 else f'{n_rounds} rounds move'} none: the final model learns "
                "the labels as given; give more rounds or a smaller momentum (0, say)",
                UserWarning,
                stacklevel=3,
            )
        return Chosen(policy, settings, learners)
    split_round(problem, settings, 1)  # what cannot be split is refused before anything is fitted
    evidence = partial(
        rotating_evidence, problem, learners, students, settings, executor=executor, units_of=units_of, seen=seen
    )
    plans = plans_of(settings, learners, problem)
    try:
        choice = evidence(plans)
    except FitError as error:
        if all(plan.forest is None for plan in plans):
            raise
        plans = plans_of(settings, learners)
        choice = evidence(plans)  # where it is the learner that fails, it does so again
        warnings.warn(
            f"auto goes on without a forest, which cannot learn these rows: {error}", UserWarning, stacklevel=3
        )
    if choice is None:
        return Chosen(GIVEN, plans[0].settings(settings), learners)
    chosen = next((plan for plan in plans if plan.name == choice.chosen.name), None)
    if chosen is None:  # rounds are made all the same: they say which labels look wrong
        likeliest = max(choice.candidates[1:], key=lambda one: one.expected)
        way = next(plan for plan in plans if plan.name == likeliest.name)
        return Chosen(GIVEN, way.settings(settings), way.teachers(learners), choice)
    return Chosen(chosen.policy, chosen.settings(settings), chosen.teachers(learners), choice)


def cannot_move(problem: Problem, settings: Settings, n_rounds: int) -> bool:
    """Return whether no row can come to speak for another label: of plain labels at least m^R >= 1/2 stays on the given one."""
    if isinstance(settings.momentum, str) or not bayes_suits(problem.task, problem.given):
        return False
    return float(settings.momentum**n_rounds) >= 0.5


def final_choice(
    chosen: Chosen,
    problem: Problem,
    refined: np.ndarray,
    refinements: int,
    ends: tuple[np.ndarray, np.ndarray] | None = None,
) -> FinalChoice:
    """Return what the final fit takes of targets (n, m) that were refined so often.

    A plan that was chosen on evidence gives way to the given labels where its rounds led astray
    (:func:`~softlabel.methods.led_astray.led_astray`); where its fold models were taught neither what it takes nor given
    labels, these say nothing of it. Where what it takes are the given labels after all, they are called so.

    Parameters
    ----------
    chosen : Chosen
    problem : Problem
    refined : (n, m)
    refinements : int
    ends : two of (n, m), or None
        Out-of-fold predictions of the first and the last round, where they may judge.
    """
    choice, taught = chosen.choice, chosen.settings.teacher_targets
    if choice is not None and choice.name != GIVEN and refinements == 0:
        return _given_instead(problem, choice, "the guard likes no refinement best")
    if refinements == 0 or chosen.policy == GIVEN:
        return FinalChoice(GIVEN, 0, FinalTargets(problem.given), choice)
    if choice is not None and ends is not None and taught in ("pruned", chosen.policy):
        behind = led_astray(problem, *ends)
        if behind is not None:
            why = (
                f"models of its last round are behind those of its first by {behind[0]:.4f} +- {behind[1]:.4f} at the given labels of "
                "rows that they did not learn from"
            )
            return _given_instead(problem, choice, why)
    taken = final_targets(chosen.policy, problem.task, refined, problem.codes, problem.given, ~problem.refined)
    if choice is not None and taken.equals(FinalTargets(problem.given)):
        return _given_instead(problem, choice, "in all rows together it disputes no label")
    return FinalChoice(chosen.policy, refinements, taken, choice)


def _given_instead(problem: Problem, choice: Choice, why: str) -> FinalChoice:
    """Return the given labels in the place of the plan that was chosen."""
    reason = f"{choice.name} was chosen, but {why}"
    return FinalChoice(
        GIVEN, 0, FinalTargets(problem.given), replace(choice, name=GIVEN, reason=reason, temperature=1.0)
    )
