"""A network that learns from a teacher's answers at a temperature: how its learner is set up, and cleared when it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.learners.labelers import TeacherBeside
from softlabel.learners.losses import DistillationLoss
from softlabel.learners.network_parts import networks_in, with_network_settings
from softlabel.learners.network_settings import check_settings
from softlabel.learners.pipelines import last_step
from softlabel.methods.learnable_columns import learnable_columns
from softlabel.methods.options import check_positive
from softlabel.methods.problem import Problem
from softlabel.methods.suitability import trained_network, unwrapped
from softlabel.tasks import Kind


def softened_student(
    learner: Learner, answers: np.ndarray, share: float, temperature: float, problem: Problem
) -> Learner:
    """Return a learner whose network is trained on the given rows and on a teacher's answers beside them.

    Parameters
    ----------
    learner : Learner
        A network, or the wrapper of a pipeline that ends in one.
    answers : (n, m) float32
        The teacher's, at temperature 1, for all rows of the problem.
    share, temperature : float
        Of ``DistillationLoss``; the loss to the given rows stays the network's own.
    problem : Problem

    Raises
    ------
    InputError
        If the learner is no network, or has a labeler or a loss that the method cannot join.
    """
    beside = answers if trained_network(learner) is learner else _seen_columns(answers, problem)
    return _softened(learner, beside, share, temperature)


def check_softened(learner: Learner, share: float, temperature: float) -> None:
    """Refuse a learner that :func:`softened_student` refuses, before there are answers."""
    _softened(learner, np.empty((0, 1), dtype=np.float32), share, temperature)


def _softened(learner: Learner, beside: np.ndarray, share: float, temperature: float) -> Learner:
    network = trained_network(learner)
    if network is None:
        last = type(last_step(unwrapped(learner))).__name__
        raise InputError(
            f"temperature={temperature:g} divides the student's logits while it trains, and {last} has none that can be "
            "reached; give a TorchClassifier (--estimator torch_mlp, say), or leave the temperature at 1"
        )
    if network.labeler is not None:
        raise InputError(
            f"{type(network).__name__} has labeler={network.labeler!r}, and distillation brings its own; leave it out of the estimator"
        )
    settings = {"labeler": TeacherBeside(beside), "loss": DistillationLoss(share, temperature, network.loss)}
    check_settings(with_network_settings(network, **settings))
    softened: Learner = with_network_settings(learner, **settings)
    return softened


def cleared(models: Sequence[Learner]) -> Sequence[Learner]:
    """Return fitted students without what they were taught: a row for each row of X must not be stored or sent with a model."""
    for model in models:
        for part in (model, getattr(model, "estimator_", None), *getattr(model, "estimators_", [])):
            for network in networks_in(part).values():
                own = network.loss.loss if isinstance(network.loss, DistillationLoss) else network.loss
                network.set_params(labeler=None, loss=own)
    return models


def _seen_columns(answers: np.ndarray, problem: Problem) -> np.ndarray:
    """Return the answers (n, m') in those columns that a wrapper's estimator sees: others hold nothing to learn."""
    seen = learnable_columns(problem)  # (m',)
    if problem.task.kind == "independent":
        return answers[:, seen]
    if len(seen) == answers.shape[1]:
        return answers
    rows = answers[:, seen].astype(np.float64)
    total = rows.sum(axis=1, keepdims=True)  # (n, 1)
    return np.divide(rows, total, out=np.full_like(rows, 1.0 / len(seen)), where=total > 0)


def check_temperature(temperature: Any) -> float:
    """Return a temperature, a finite number above 0."""
    what = "a number above 0: 1 takes answers as they are, 2 to 20 are usual with networks"
    return check_positive("temperature", temperature, what)


def refuse_numbers(temperature: float, kind: Kind) -> None:
    """Refuse a temperature for grades as numbers."""
    if kind == "scalar":
        raise InputError(
            f"temperature={temperature:g} acts on probabilities, and grades as numbers have none; leave it at 1, or take grades as "
            "distributions (view distribution)"
        )
