"""Which estimators a configuration names, and which of the ``--set`` parameters belong to which."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError
from softlabel.learners.names import DEFAULT_NAME
from softlabel.run.config import RefineConfig


def members_of(config: RefineConfig) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, parameters) of each estimator, in the order given; the default one where none is named.

    With one estimator ``--set C=0.1`` is its parameter. With several, ``--set logistic.C=0.1`` names whose it is.

    Raises
    ------
    InputError
        If a parameter names no estimator, where there are several.
    """
    names = config.estimator or (DEFAULT_NAME,)
    if len(names) == 1:
        return [(names[0], dict(config.set))]
    parameters: dict[str, dict[str, Any]] = {name: {} for name in names}
    for key, value in config.set.items():
        owner, dot, parameter = key.rpartition(".")
        if not dot or owner not in parameters:
            raise InputError(
                f"--set {key}={value}: there are several estimators; say whose it is: {names[0]}.{parameter}={value}"
            )
        parameters[owner][parameter] = value
    return [(name, parameters[name]) for name in names]
