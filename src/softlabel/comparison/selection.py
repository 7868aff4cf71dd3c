"""Which methods a comparison runs: those that were asked for, the cheap rivals, and not those that cannot work here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from softlabel.comparison.described import described
from softlabel.comparison.method_specs import MethodSpec, parse_method, parse_methods
from softlabel.comparison.registry import ALL, ALWAYS, METHODS, check_spec, make_method, why_not
from softlabel.errors import InputError
from softlabel.methods.auto_settings import AUTO_RULE, RULE, goes_by_rule
from softlabel.methods.stochastic import StochasticLabelRefinery
from softlabel.methods.suitability import unsuited as unsuited_reason
from softlabel.store.json_values import plain
from softlabel.tasks import Kind


@dataclass(frozen=True)
class Selection:
    """The methods of a comparison, in the order of the table."""

    methods: dict[str, Any]  # label -> MethodSpec, or a method of the caller's own
    added: tuple[str, ...]  # that nobody asked for
    skipped: dict[str, str]  # label -> why it cannot be run here


def select_methods(
    asked: Sequence[str],
    kind: Kind,
    learner: Any,
    *,
    baseline: str = "plain",
    unsuited: str | None = None,
    labelled: Mapping[str, Any] | None = None,
    pictures: bool | None = None,
) -> Selection:
    """Return the methods to run.

    Parameters
    ----------
    asked : sequence of str
        As ``parse_method`` reads them; ``all`` stands for every method that can work here.
    kind : "distribution", "scalar" or "independent"
        Of the task's target rows.
    learner : Learner
    baseline : str
        Added where it is not among them, and so are the plain method and its temperature scaling.
    unsuited : "skip", "refuse" or None
        What becomes of a method that cannot take the task or the learner. None refuses those that were named.
    labelled : mapping of labels, or None
        Further methods under labels of the caller's: a ``MethodSpec``, or an unfitted method.
    pictures : bool or None
        Whether the rows that the learner is given are pictures; None where that is not known.

    Raises
    ------
    InputError
        For an unknown method or parameter, one that cannot work here where such are refused, or a label that is taken.
    """
    every = {name: MethodSpec(name, name) for name in METHODS} if any(text.strip() == ALL for text in asked) else {}
    texts = [text for text in asked if text.strip() and text.strip() != ALL]
    named: dict[str, Any] = {spec.label: spec for spec in parse_methods(texts)} if texts else {}
    for label, method in (labelled or {}).items():
        if label in named or label in every:
            raise InputError(f"method {label!r} is also a name of the registry here; give it another label")
        named[label] = method if isinstance(method, MethodSpec) else _checked(label, method)
    wanted = every | named
    if not wanted:
        raise InputError("no method is named; give --methods plain,slr,... or all")
    rivals = {spec.label: spec for spec in map(parse_method, (baseline, *ALWAYS)) if spec.label not in wanted}
    both = wanted | rivals
    for spec in both.values():
        if isinstance(spec, MethodSpec):
            check_spec(spec)
    reasons = {label: _why_not(method, kind, learner, pictures) for label, method in both.items()}
    skipped = {label: reason for label, reason in reasons.items() if reason is not None}
    refused = {label for label in named if label in skipped and unsuited != "skip"}
    refused |= set(wanted) & set(skipped) if unsuited == "refuse" else set()
    refused |= {baseline} & set(skipped)
    if refused:
        told = "; ".join(f"{label}: {skipped[label]}" for label in skipped if label in refused)
        raise InputError(f"{told} (--unsuited skip leaves such methods out)" if baseline not in refused else told)
    added = tuple(label for label in rivals if label not in skipped)
    # The baseline first, then the cheap rivals that nobody named, then what was asked for, in that order.
    chosen = {label: method for label, method in (rivals | wanted).items() if label not in skipped}
    order = sorted(chosen, key=lambda label: label != baseline)
    return Selection(
        {label: chosen[label] for label in order},
        added,
        {label: skipped[label] for label in skipped if label in wanted},
    )


def describe(methods: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each method is, as plain values: a label must not stand for two methods in one folder.

    Where ``final_targets="auto"`` chooses, and by Bayes' rule, the number of the rule is a part of that: cells of two rules are no seeds
    of one method.
    """
    told = {
        label: (
            {"name": spec.name, "given": dict(spec.given), "grid": dict(spec.grid)}
            if isinstance(spec, MethodSpec)
            else described(spec)
        )
        | ({RULE: AUTO_RULE} if _by_rule(spec) else {})
        for label, spec in methods.items()
    }
    stored: dict[str, Any] = plain(told)
    return stored


def _by_rule(method: Any) -> bool:
    """Return whether a method, or one that a grid tries, refines by the rule that has a number."""
    if isinstance(method, MethodSpec):
        made = (
            make_method(method, parameters, estimator=None, task=None, threads=1, random_state=0)
            for parameters in method.combinations()
        )
        return any(map(_by_rule, made))
    return isinstance(method, StochasticLabelRefinery) and goes_by_rule(method.final_targets, method.momentum)


def _checked(label: str, method: Any) -> Any:
    """Return a method of the caller's, if it can be run."""
    if isinstance(method, type):
        raise InputError(
            f"method {label!r} is the class {method.__name__}; give an instance of it; see docs/compare.md for what a method is"
        )
    lacking = [name for name in ("fit", "predict_targets", "get_params") if not hasattr(method, name)]
    if lacking:
        raise InputError(
            f"method {label!r} ({type(method).__name__}) has no {lacking[0]}; see docs/compare.md for what a method is"
        )
    return method


def _why_not(method: Any, kind: Kind, learner: Any, pictures: bool | None) -> str | None:
    if isinstance(method, MethodSpec):
        return why_not(method, kind, learner, pictures)
    own = getattr(method, "estimator", None)
    return unsuited_reason(method, kind, learner if own is None else own, pictures)
