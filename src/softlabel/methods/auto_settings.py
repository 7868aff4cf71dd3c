"""What "auto" means among the settings of a refinement: settled once, before anything is computed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.bayes_update import bayes_suits
from softlabel.methods.final_targets import POLICIES
from softlabel.methods.options import check_choice, check_momentum
from softlabel.methods.rounds import Momentum
from softlabel.tasks import Task

AUTO = "auto"
USUAL_MOMENTUM = 0.75  # the paper's n = 3


class Settled(NamedTuple):
    """Settings of which none is "auto" any more."""

    momentum: Momentum
    teacher_targets: str


def settle(
    final_targets: str, teacher_targets: str, momentum: Any, sharpen: float | None, task: Task, given: np.ndarray
) -> Settled:
    """Return how rounds refine, and what their models are taught.

    Under ``final_targets="auto"``, where no momentum and no sharpening was asked for, rounds go by Bayes' rule, and the models of the
    folds learn the given labels of rows that are not disputed: with plain labels of classes. Otherwise, and for votes and grades as
    numbers, they are the paper's: momentum 0.75, and refined targets.

    Parameters
    ----------
    final_targets, teacher_targets, momentum, sharpen
        As for ``StochasticLabelRefinery``.
    task : Task
    given : (n, m) float32
        L(0).

    Raises
    ------
    InputError
        For values that are not allowed, and Bayes' rule where it cannot weigh.
    """
    check_choice("final_targets", final_targets, (*POLICIES, AUTO))
    check_choice("teacher_targets", teacher_targets, (*POLICIES, AUTO))
    free = isinstance(momentum, str) and momentum == AUTO
    bayes = free and final_targets == AUTO and sharpen is None and bayes_suits(task, given)
    settled: Momentum = ("bayes" if bayes else USUAL_MOMENTUM) if free else check_momentum(momentum)
    if settled == "bayes" and not bayes_suits(task, given):
        what = "grades as numbers" if task.kind == "scalar" else "first targets that are soft already"
        raise InputError(
            f"momentum='bayes' weighs plain labels of classes by how often they are wrong, and there are {what}; give a number, 0.75 say"
        )
    if task.kind == "scalar" and "sharpened" in (final_targets, teacher_targets):
        raise InputError(
            "'sharpened' targets are probabilities squared, and grades as numbers have none; take the distribution view, or 'corrected'"
        )
    if teacher_targets == AUTO:
        teacher_targets = "pruned" if bayes else "refined"
    return Settled(settled, teacher_targets)
