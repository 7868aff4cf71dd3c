"""Whether a method can work with a task and a learner, said before anything is trained."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError
from softlabel.learners.contract import Wrapper
from softlabel.learners.network_parts import networks_in
from softlabel.learners.pipelines import last_step
from softlabel.learners.target_kinds import ROWS
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.preparation import members
from softlabel.tasks import Kind


def unsuited(method: Any, kind: Kind, learner: Any, pictures: bool | None = None) -> str | None:
    """Return why a method cannot work on target rows of a kind with a learner; None where it can.

    A method that says nothing of ``kinds`` and ``needs_network`` is taken to work with all. One with parameters may also have
    ``check_suited(kind, learners, pictures)``, which raises an ``InputError`` where their values cannot work with these.

    Parameters
    ----------
    method : a method or its class
        Of a class no parameters are known, and none are judged.
    kind : "distribution", "scalar" or "independent"
    learner : estimator or learner, several, or None for the default
    pictures : bool or None
        Whether the rows that the learner is given are pictures; None where that is not known, and nothing is refused for it.
    """
    name = method.__name__ if isinstance(method, type) else type(method).__name__
    if kind not in getattr(method, "kinds", (kind,)):
        return f"{name} does not work on {ROWS[kind]}: {method.why_these_kinds}"
    if getattr(method, "needs_network", False):
        for one in learner if isinstance(learner, (list, tuple)) else (learner,):
            if (reason := _no_network(name, one)) is not None:
                return reason
    if isinstance(method, type) or not hasattr(method, "check_suited"):
        return None
    try:
        method.check_suited(kind, members(learner, kind), pictures)
    except InputError as error:
        return str(error)
    return None


def _no_network(name: str, learner: Any) -> str | None:
    """Return why a method that needs a network cannot train a learner; None where it can."""
    if trained_network(learner) is not None:
        return None
    if inside := ", ".join(sorted({type(one).__name__ for one in networks_in(learner).values()})):
        return (
            f"{name} needs the network itself, and {type(last_step(unwrapped(learner))).__name__} has {inside} inside of it; give the "
            "network, or a pipeline that ends in it"
        )
    return (
        f"{name} changes how a network is trained, epoch by epoch, and {type(unwrapped(learner)).__name__} is no TorchClassifier, "
        "TorchRegressor or TorchMultilabelClassifier; give one of these (--estimator torch_mlp, say), or leave the method out"
    )


def trained_network(learner: Any) -> TorchLearner | None:
    """Return the network that a learner is, or that its pipeline ends in: what is trained on the target rows; None where it is none.

    A network anywhere else is trained by what it stands in, on rows and as often as that sees fit.
    """
    network = last_step(unwrapped(learner))
    return network if isinstance(network, TorchLearner) else None


def refuse_unsuited(method: Any, kind: Kind, learner: Any, pictures: bool | None = None) -> None:
    """Raise an ``InputError`` with the reason where a method cannot work with a kind of rows or a learner."""
    if (reason := unsuited(method, kind, learner, pictures)) is not None:
        raise InputError(reason)


def unwrapped(learner: Any) -> Any:
    """Return the estimator that a learner was made of."""
    return learner.estimator if isinstance(learner, Wrapper) and learner.estimator is not None else learner
