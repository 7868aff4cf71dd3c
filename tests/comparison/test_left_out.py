"""Reasons for leaving methods out, each told once."""

from __future__ import annotations

from sklearn.ensemble import ExtraTreesClassifier

import softlabel
from softlabel.comparison.left_out import grouped_reasons
from softlabel.comparison.registry import METHODS, method_class
from softlabel.methods.suitability import unsuited


def reasons(kind: str) -> dict[str, str]:
    found = {name: unsuited(method_class(name), kind, ExtraTreesClassifier()) for name in METHODS}
    return {name: reason for name, reason in found.items() if reason is not None}


def test_methods_that_need_a_network_are_one_line():
    assert grouped_reasons(reasons("distribution")) == [
        "online_smoothing, self_adaptive, pskd, focal, ohem, swa: they change how a network is trained, and ExtraTreesClassifier is none "
        "(--estimator torch_mlp)"
    ]


def test_methods_for_other_rows_are_one_line_a_reason():
    skipped = reasons("scalar")
    lines = grouped_reasons(skipped)
    told = [label for line in lines for label in line.partition(": ")[0].split(", ")]
    assert sorted(told) == sorted(skipped)
    assert len(set(lines)) == len(lines) < len(skipped)
    assert any(line.startswith("ils1, ils2, ils: they do not work on grades as numbers: ") for line in lines)
    assert any(line.startswith("temperature: it does not work on grades as numbers: ") for line in lines)
    # neither a class's name nor the advice to leave out what is left out
    names = [METHODS[name].class_name for name in skipped]
    assert not [line for line in lines if any(name in line for name in names) or "leave the method out" in line]
    assert hasattr(softlabel, names[0])


def test_the_order_is_that_in_which_they_were_given():
    skipped = {
        "b": "Bee needs honey",
        "z": "no room",
        "a": "Ant needs honey",
        "c": "it needs honey",
        "d": "Dog needs a bone",
    }
    assert grouped_reasons(skipped) == ["b, a, c: they need honey", "z: no room", "d: it needs a bone"]


def test_reasons_told_otherwise_stay_as_they_are():
    text = "cleanlab is not installed; install it with: pip install 'softlabel[peers]'"
    assert grouped_reasons({"confident_learning": text, "mine": "Mine is broken"}) == [
        f"confident_learning: {text}",
        "mine: Mine is broken",
    ]
    assert grouped_reasons({}) == []
