"""What "auto" means among the settings of a refinement: settled once, before anything is computed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.bayes_update import bayes_suits
from softlabel.methods.final_targets import POLICIES
from softlabel.methods.options import check_choice, check_momentum
from softlabel.methods.rounds import Momentum
from softlabel.tasks import Kind, Task

AUTO = "auto"
RULE = "auto_rule"  # under which the next number stands in the identity of a run, and of a method of a comparison
# Raised where the same labels may come to another plan, to another noise matrix by Bayes' rule, or to other probabilities: rounds that
# were made by one are not gone on with by another.
AUTO_RULE = 8
USUAL_MOMENTUM = 0.75  # the paper's n = 3


def goes_by_rule(final_targets: Any, momentum: Any) -> bool:
    """Return whether rounds depend on the rule: where "auto" chooses how they go, and by Bayes' rule."""
    return bool(final_targets == AUTO or (isinstance(momentum, str) and momentum == "bayes"))


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
    check_settled(final_targets, teacher_targets, momentum, task.kind)
    free = isinstance(momentum, str) and momentum == AUTO
    bayes = free and final_targets == AUTO and sharpen is None and bayes_suits(task, given)
    settled: Momentum = ("bayes" if bayes else USUAL_MOMENTUM) if free else check_momentum(momentum)
    if settled == "bayes" and not bayes_suits(task, given):
        raise _no_bayes("first targets that are soft already")
    if teacher_targets == AUTO:
        teacher_targets = "pruned" if bayes else "refined"
    return Settled(settled, teacher_targets)


def check_settled(final_targets: str, teacher_targets: str, momentum: Any, kind: Kind) -> None:
    """Refuse values that are not allowed, or not for target rows of a kind, whatever the rows are; see :func:`settle`."""
    check_choice("final_targets", final_targets, (*POLICIES, AUTO))
    check_choice("teacher_targets", teacher_targets, (*POLICIES, AUTO))
    if (
        not (isinstance(momentum, str) and momentum == AUTO)
        and check_momentum(momentum) == "bayes"
        and kind == "scalar"
    ):
        raise _no_bayes("grades as numbers")
    if kind == "scalar" and "sharpened" in (final_targets, teacher_targets):
        raise InputError(
            "'sharpened' targets are probabilities squared, and grades as numbers have none; take the distribution view, or 'corrected'"
        )


def _no_bayes(what: str) -> InputError:
    return InputError(
        f"momentum='bayes' weighs plain labels of classes by how often they are wrong, and there are {what}; give a number, 0.75 say"
    )
