"""Methods by name: what ``compare`` can run."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import softlabel
from softlabel.comparison.method_specs import MethodSpec
from softlabel.errors import InputError
from softlabel.methods.suitability import unsuited
from softlabel.tasks import Kind


@dataclass(frozen=True)
class Registered:
    """A method that has a name."""

    class_name: str  # a public name of the package
    about: str  # in a few words, for lists
    options: Mapping[str, Any] = field(default_factory=dict)  # that the name stands for
    package: str | None = None  # that it cannot do without


METHODS: dict[str, Registered] = {
    "plain": Registered("Plain", "the given labels as they are"),
    "temperature": Registered("TemperatureScaling", "plain, its answers scaled by one temperature"),
    "smoothing": Registered("LabelSmoothing", "label smoothing"),
    "online_smoothing": Registered(
        "OnlineLabelSmoothing", "smoothed towards what the network itself answers for the class"
    ),
    "ils1": Registered("ILS1", "instance-based smoothing: how much"),
    "ils2": Registered("ILS2", "instance-based smoothing: where to"),
    "ils": Registered("ILS", "instance-based smoothing: both"),
    "distillation": Registered("Distillation", "a student of a teacher of its own kind"),
    "self_distillation": Registered(
        "Distillation", "three students, each the next one's teacher", {"n_generations": 3}
    ),
    "self_training": Registered("SelfTraining", "generations on their predecessor's answers, in sample"),
    "label_refinery": Registered(
        "LabelRefinery", "generations, each labelled crop by crop by the one before it", {"n_generations": 3}
    ),
    "ldl": Registered("LabelDistributionLearning", "a teacher labels what the student sees"),
    "self_adaptive": Registered("SelfAdaptiveTraining", "labels move towards the network's answers as it trains"),
    "pskd": Registered("ProgressiveDistillation", "a network is its own teacher, epoch by epoch"),
    "focal": Registered("FocalTraining", "focal loss"),
    "ohem": Registered("HardExampleMining", "only the hardest rows of each batch"),
    "swa": Registered("WeightAveraging", "the mean of the last epochs' weights"),
    "confident_learning": Registered("ConfidentLearning", "rows that look wrong are left out", package="cleanlab"),
    "slr": Registered("StochasticLabelRefinery", "Stochastic Label Refinery"),
}
ALWAYS = ("plain", "temperature")  # the cheap rivals of everything else are in each comparison
ALL = "all"
_SET_HERE = ("self", "estimator", "task", "threads", "random_state", "n_jobs", "verbose")


def method_class(name: str) -> Any:
    """Return the class of a method.

    Raises
    ------
    InputError
        For an unknown name; the known ones are listed.
    """
    if name not in METHODS:
        close = difflib.get_close_matches(name, METHODS, n=1, cutoff=0.7)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise InputError(f"unknown method {name!r}{hint}; give {', '.join(METHODS)}{', or all' if name != ALL else ''}")
    return getattr(softlabel, METHODS[name].class_name)


def check_spec(spec: MethodSpec) -> None:
    """Refuse an unknown method, or parameters that it does not have."""
    known = [name for name in inspect.signature(method_class(spec.name)).parameters if name not in _SET_HERE]
    unknown = [name for name in (*spec.given, *spec.grid) if name not in known]
    if unknown:
        raise InputError(
            f"method {spec.label!r} has no parameter {', '.join(map(repr, unknown))}; it has {', '.join(known) or 'none'}"
        )


def make_method(
    spec: MethodSpec, parameters: Mapping[str, Any], *, estimator: Any, task: Any, threads: int, random_state: int
) -> Any:
    """Return an unfitted method with one combination of its parameters."""
    kind = method_class(spec.name)
    options = {**METHODS[spec.name].options, **parameters}
    return kind(estimator=estimator, task=task, threads=threads, random_state=random_state, **options)


def why_not(spec: MethodSpec, kind: Kind, learner: Any, pictures: bool | None = None) -> str | None:
    """Return why a method cannot be run here, with each combination of its parameters; None where it can.

    Of a grid that has one which cannot work, the first such one is named. Parameters are those of ``unsuited``.
    """
    package = METHODS[spec.name].package
    if package is not None and find_spec(package) is None:
        return f"{package} is not installed; install it with: pip install 'softlabel[peers]'"
    if (reason := unsuited(method_class(spec.name), kind, learner)) is not None:
        return reason
    for parameters in spec.combinations():
        method = make_method(spec, parameters, estimator=learner, task=None, threads=1, random_state=0)
        if (reason := unsuited(method, kind, learner, pictures)) is not None:
            tried = ", ".join(f"{name}={parameters[name]!r}" for name in spec.grid)
            return f"with {tried}: {reason}" if tried else reason
    return None
