"""The names of the networks. Needs no torch, so that a wrong name is told at once, wherever it is given."""

from __future__ import annotations

import difflib

from softlabel.errors import InputError

NETWORK_NAMES = (
    "small_cnn",
    "mlp",
    "se_resnet8",
    "se_resnet14",
    "se_resnet20",
    "se_resnet26",
    "se_resnet32",
    "se_resnet38",
    "se_resnet44",
    "se_resnet50",
    "se_resnet56",
)
TIMM_PREFIX = "timm:"


def is_network_name(name: str) -> bool:
    """Return whether a network has this name. Any name after ``timm:`` counts; whether timm knows it is seen later."""
    return name in NETWORK_NAMES or (name.startswith(TIMM_PREFIX) and len(name) > len(TIMM_PREFIX))


def check_network_name(name: str) -> None:
    """Refuse a name that no network has.

    Raises
    ------
    InputError
        It gives the closest name and lists all.
    """
    if is_network_name(name):
        return
    close = difflib.get_close_matches(name, NETWORK_NAMES, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(
        f"unknown network {name!r}; {hint}give one of {', '.join(NETWORK_NAMES)}, or timm:NAME for a model of timm"
    )
