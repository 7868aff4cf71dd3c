"""Reading parameters of an estimator and numbers; all other values are read by the configuration itself, from text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from softlabel.errors import InputError
from softlabel.run.literals import read_literal

_NUMBERS = (
    *("image_size", "epochs", "batch_size", "lr", "seed", "threads", "rounds", "folds", "sharpen"),
    *("seeds", "test_share", "level", "teacher_budget", "crops", "top"),
    *("generations", "adversarial", "taxonomy_temperature", "length"),
)


def read_numbers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a command, those that are numbers as such where they can be read as one.

    What cannot stays text, which the configuration refuses: it says what may be given, in words of ours.
    """
    return {name: _number(value) if name in _NUMBERS else value for name, value in given.items()}


def parse_settings(settings: list[str] | None) -> dict[str, Any] | None:
    """Return ``["C=0.1", "penalty=l2"]`` as a dictionary; values are Python literals where they can be, else text."""
    if settings is None:
        return None
    pairs = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {setting!r}: give parameter=value, such as --set n_estimators=200")
        pairs[key.strip()] = read_literal(value.strip())
    return pairs


def _number(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
