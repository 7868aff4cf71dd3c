"""Whether a method can work with a task and a learner, said before anything is trained."""

from __future__ import annotations

from typing import Any, Protocol

from softlabel.errors import InputError
from softlabel.learners.network_parts import networks_in
from softlabel.learners.target_kinds import ROWS
from softlabel.tasks import Kind


class Choosy(Protocol):
    """A method that says what it works with."""

    @property
    def kinds(self) -> tuple[Kind, ...]: ...

    @property
    def why_these_kinds(self) -> str: ...

    @property
    def needs_network(self) -> bool: ...


def unsuited(method: Any, kind: Kind, learner: Any) -> str | None:
    """Return why a method cannot work on target rows of a kind with a learner; None where it can.

    A method that says nothing of ``kinds`` and ``needs_network`` is taken to work with all.

    Parameters
    ----------
    method : a method or its class
    kind : "distribution", "scalar" or "independent"
    learner : estimator or learner
    """
    name = method.__name__ if isinstance(method, type) else type(method).__name__
    if kind not in getattr(method, "kinds", (kind,)):
        return f"{name} does not work on {ROWS[kind]}: {method.why_these_kinds}"
    if getattr(method, "needs_network", False) and not networks_in(learner):
        return (
            f"{name} changes how a network is trained, epoch by epoch, and {_named(learner)} is none; give a TorchClassifier "
            "(--estimator torch_mlp, say), or leave the method out"
        )
    return None


def refuse_unsuited(method: Any, kind: Kind, learner: Any) -> None:
    """Raise an ``InputError`` with the reason where a method cannot work with a kind of rows or a learner."""
    if (reason := unsuited(method, kind, learner)) is not None:
        raise InputError(reason)


def _named(learner: Any) -> str:
    inner = getattr(learner, "estimator", None)  # of a wrapper
    return type(inner if inner is not None else learner).__name__
