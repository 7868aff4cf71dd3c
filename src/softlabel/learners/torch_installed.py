"""Whether what networks need is installed; nothing is imported to find out."""

from __future__ import annotations

from importlib.util import find_spec

from softlabel.errors import MissingExtraError


def require_torch() -> None:
    """Raise MissingExtraError where torch is not installed."""
    if find_spec("torch") is None:
        raise MissingExtraError("torch", "torch")


def require_vision() -> None:
    """Raise MissingExtraError where what pictures need is not installed."""
    require_torch()
    for package, name in (("torchvision", "torchvision"), ("PIL", "pillow")):
        if find_spec(package) is None:
            raise MissingExtraError(name, "vision")
