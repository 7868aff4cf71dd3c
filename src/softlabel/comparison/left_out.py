"""Why methods are left out of a comparison, in as few lines as there are reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MANY = {"changes": "change", "does": "do", "needs": "need", "works": "work"}  # verbs that reasons begin with
_BEGINNING = re.compile(rf"(?:[A-Z]\w*|it) ({'|'.join(_MANY)}) (.+)", re.DOTALL)
# What ends a reason where it refuses a method, and is no news where the method is left out.
_ASIDES = (", epoch by epoch", ", or leave the method out", ", or another method", "; take another method")
_NO_NETWORK = re.compile(r"is no TorchClassifier, [^;]*; give one of these \((--estimator \w+), say\)")


def grouped_reasons(skipped: Mapping[str, str]) -> list[str]:
    """Return "a, b, c: why" for the methods whose reasons are the same but for the name of their class, in the order given.

    Parameters
    ----------
    skipped : mapping of str to str
        Label of a method -> why it cannot be run; see ``methods.suitability.unsuited``.

    Examples
    --------
    >>> grouped_reasons({"ohem": "HardExampleMining needs a network", "swa": "WeightAveraging needs a network", "me": "no room"})
    ['ohem, swa: they need a network', 'me: no room']
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for label, reason in skipped.items():
        groups.setdefault(_told(reason), []).append(label)
    return [f"{', '.join(labels)}: {_sentence(*told, len(labels))}" for told, labels in groups.items()]


def _told(reason: str) -> tuple[str, str]:
    """Return the verb and what follows it, without the class's name; no verb where the reason is told otherwise."""
    found = _BEGINNING.fullmatch(reason)
    if found is None:
        return "", reason
    verb, rest = found.groups()
    for aside in _ASIDES:
        rest = rest.replace(aside, "")
    return verb, _NO_NETWORK.sub(r"is none (\1)", rest)


def _sentence(verb: str, rest: str, n: int) -> str:
    if not verb:
        return rest
    return f"it {verb} {rest}" if n == 1 else f"they {_MANY[verb]} {rest}"
