"""Labels that a model gives to the very rows it was trained on: what distillation and self-training learn from.

Stochastic Label Refinery asks models that did not see a row. A model that did has fitted the row's own label as far as it
could, wrong or not: one that memorises gives it back. That difference is what the two methods built on this are there to measure.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from softlabel.data.rows import n_rows, take
from softlabel.execution.executor import Failure
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.methods.history import prefixed
from softlabel.methods.learner_fits import fit_error, fit_learner, predict_checked
from softlabel.methods.preparation import Preparation
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.methods.student import StudentMethod
from softlabel.methods.units import Unit


@dataclass(frozen=True)
class InSample:
    """Models trained on all rows, and what they say of these rows."""

    models: list[Learner]
    predictions: np.ndarray  # (n, m) float32: the mean over the models, NaN for what they cannot know
    targets: np.ndarray  # (n, m) float32: the same, what they cannot know as it was


def label_in_sample(
    problem: Problem, learners: Sequence[Learner], targets: np.ndarray, settings: Settings, generation: int
) -> InSample:
    """Train each learner on all rows, and let it label them; the answers of several are averaged.

    Parameters
    ----------
    problem : Problem
    learners : sequence of Learner
    targets : (n, m) float32
        What they are trained on.
    settings : Settings
        Seeds and threads; the others do not matter here.
    generation : int
        From 1; part of the address of the seeds.

    Raises
    ------
    FitError
        If a learner fails.
    """
    weight = problem.sample_weight
    seeds = [settings.seeds.integer("fit", round=generation, member=m) for m in range(len(learners))]
    work = partial(_fit_and_predict, learners=tuple(learners), seeds=seeds, problem=problem, targets=targets)
    models, answers = list[Learner](), list[np.ndarray]()
    for member, outcome in InProcess().run(work, range(len(learners)), resources=settings.resources):
        if isinstance(outcome, Failure):
            raise fit_error(outcome, f"generation {generation}, member {member}", Unit(generation, member, 0))
        models.append(outcome.value[0])
        answers.append(outcome.value[1])
        for category, text in outcome.warnings:
            warnings.warn(text, category, stacklevel=4)
    mean = np.asarray(np.mean(answers, axis=0, dtype=np.float64))  # (n, m)
    seen = targets if weight is None else targets[weight > 0]
    predictions = problem.task.mark_unseen(mean, seen).astype(np.float32)
    return InSample(models, predictions, problem.task.fill_unseen(predictions, targets).astype(np.float32))


def _fit_and_predict(
    member: int, *, learners: tuple[Learner, ...], seeds: list[int], problem: Problem, targets: np.ndarray
) -> tuple[Learner, np.ndarray]:
    every = np.arange(n_rows(problem.X))
    # A copy for fitting and one for predicting: a learner that transforms in place must not change the caller's rows.
    model = fit_learner(learners[member], take(problem.X, every), targets, problem.sample_weight, seeds[member])
    return model, predict_checked(model, take(problem.X, every), problem.task)


class LabelsInSample(StudentMethod):
    """What methods that learn from labels given in sample have in common: the entries of their history."""

    def _entry(
        self, ready: Preparation, generation: int, before: np.ndarray, after: np.ndarray, found: InSample
    ) -> dict[str, Any]:
        """Return one entry of the history: what the labels of a generation changed, and how they agree with the given ones."""
        problem, task = ready.problem, ready.problem.task
        was, now = (task.suggest(rows, problem.codes, problem.given) for rows in (before, after))
        scores = task.scores(problem.codes, task.known(found.predictions), problem.sample_weight)
        return {
            "generation": generation,
            "moved": int(np.count_nonzero(task.differs(now, problem.codes))),
            "newly_moved": int(np.count_nonzero(task.differs(now, was))),
            "change": float(np.mean(task.change(before, after))),
            **prefixed("in_sample", scores),
            **prefixed("reference", problem.reference_scores(after)),
        }
