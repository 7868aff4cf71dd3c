"""Evidence for a choice: models of each candidate, asked about rows that no model and no refinement behind them has seen.

The guard that there is has its say, or guards that take turns have theirs until enough rows have been scored or nothing is left to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from softlabel.execution.executor import Executor
from softlabel.learners.contract import Learner
from softlabel.methods.answer_temperature import answer_temperature
from softlabel.methods.candidates import INNER_ROUNDS, Evidence, guard_evidence
from softlabel.methods.choice import Choice, choose
from softlabel.methods.evidence_units import Kept
from softlabel.methods.plans import Plan, plans_of
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, split_round
from softlabel.methods.turning_guards import beside, guards_of, with_guard
from softlabel.methods.units import UnitStore
from softlabel.targets.judged_labels import mean_round

LEAST_SCORED = 500  # rows before a rotation may end early: a standard error means something then


def rotating_evidence(
    problem: Problem,
    learners: Sequence[Learner],
    students: Sequence[Learner],
    settings: Settings,
    plans: Sequence[Plan],
    *,
    executor: Executor,
    units_of: Callable[[str], UnitStore] | None = None,
    seen: Callable[[Choice], None] | None = None,
) -> Choice | None:
    """Choose among plans, by the guard or by guards that take turns until the choice is sure or all rows have been scored.

    None where there is no guard, and none can be made: there is no evidence.

    Parameters
    ----------
    problem : Problem
    learners, students : sequences of Learner
        Who labels, and who learns in the end; the predictions of several students are averaged.
    settings : Settings
        Those of the refinement; here an int ``cv`` is 3 folds, and there are 2 rounds, however many are made in the end: so a
        refinement that is extended has the same evidence.
    plans : sequence of Plan
    executor : Executor
    units_of : function or None
        From a name ("1-plain", "2-pruned by bayes") to where those fits are kept; in memory by default.
    seen : function or None
        Told of the choice after each guard.

    Raises
    ------
    FitError
        If a learner fails.
    """
    parts: list[Evidence] = []
    choice = None
    for number, rows in enumerate(guards_of(problem, settings), start=1):
        part, part_settings = with_guard(problem, rows), beside(settings, len(problem.given), rows, number)
        kept: dict[str, UnitStore] = {}

        def units(name: str, number: int = number, kept: dict[str, UnitStore] = kept) -> UnitStore:
            if name not in kept:
                kept[name] = Kept() if units_of is None else units_of(f"{number}-{name}")
            return kept[name]

        parts.append(guard_evidence(part, learners, students, part_settings, plans, executor=executor, units_of=units))
        choice = choose_by(problem, _joined(parts))
        if seen is not None:
            seen(choice)
        if sum(len(one.rows) for one in parts) >= LEAST_SCORED and choice.sure:
            break
    return None if choice is None else replace(choice, temperature=_temperature(problem, plans, choice, _joined(parts)))


def evidence_fits(problem: Problem, learners: Sequence[Learner], settings: Settings, n_students: int) -> int:
    """Return how many fits a choice takes at most."""
    plans, guards = plans_of(settings, learners, problem), guards_of(problem, settings)
    n_folds = [
        len(split_round(with_guard(problem, rows), beside(settings, len(problem.given), rows, number), 1))
        for number, rows in enumerate(guards, start=1)
    ]
    first = len({plan.taught_by for plan in plans})  # shared by all plans with the same teachers
    rounds = first + (INNER_ROUNDS - 1) * len({plan.way for plan in plans})
    return rounds * sum(n_folds) * len(learners) + len(guards) * (1 + len(plans)) * n_students


def choose_by(problem: Problem, evidence: Evidence) -> Choice:
    """Choose on evidence."""
    rows = evidence.rows
    return choose(
        problem.task,
        problem.codes[rows],
        evidence.predictions,
        disputed=evidence.disputed,
        trusted=None if problem.trusted is None else problem.trusted[rows],
        sample_weight=None if problem.sample_weight is None else problem.sample_weight[rows],
    )


def _temperature(problem: Problem, plans: Sequence[Plan], choice: Choice, evidence: Evidence) -> float:
    """Return the temperature of the chosen plan's answers, by the noise that it saw, or that its like by Bayes' rule did."""
    chosen = next((plan for plan in plans if plan.name == choice.name), None)
    if chosen is None:
        return 1.0
    nearest = sorted(plans, key=lambda plan: (plan is not chosen, plan.taught_by != chosen.taught_by))
    noise = next((evidence.noise[plan.name] for plan in nearest if evidence.noise[plan.name] is not None), None)
    if noise is None:
        return 1.0
    rows = evidence.rows
    return answer_temperature(
        problem.task,
        evidence.predictions[choice.name],
        problem.codes[rows],
        noise,
        trusted=None if problem.trusted is None else problem.trusted[rows],
        sample_weight=None if problem.sample_weight is None else problem.sample_weight[rows],
    )


def _joined(parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence of several guards as one."""
    names = list(parts[0].predictions)
    return Evidence(
        np.concatenate([part.rows for part in parts]),
        {name: np.concatenate([part.predictions[name] for part in parts]) for name in names},
        {name: _mean_noise([part.noise[name] for part in parts]) for name in parts[0].noise},
        {name: float(np.mean([part.disputed[name] for part in parts])) for name in names},
    )


def _mean_noise(found: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Return the mean of the matrices that are known; of several labels each over the guards that know it, else without noise."""
    known = [matrix for matrix in found if matrix is not None]
    if not known:
        return None
    mean = mean_round(np.asarray(known))  # (k, k), or (m, 2, 2)
    return np.where(np.isnan(mean), np.eye(mean.shape[-1]), mean)
