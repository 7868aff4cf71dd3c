"""How a method is asked for: its name, parameters that are given, and parameters that are to be chosen among several values."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from softlabel.errors import InputError
from softlabel.run.literals import read_literal


@dataclass(frozen=True)
class MethodSpec:
    """A method as it was asked for.

    Attributes
    ----------
    label : str
        As it was written: ``"slr:n_rounds=1/2/4"``. It names the rows of the table and the stored cells.
    name : str
        Of the registry: ``"slr"``.
    given : dict
        Parameters with one value.
    grid : dict
        Parameters with several values, of which each cell chooses one on rows set apart.
    """

    label: str
    name: str
    given: Mapping[str, Any] = field(default_factory=dict)
    grid: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def combinations(self) -> list[dict[str, Any]]:
        """Return all combinations of parameters, those that were written first coming first; one where nothing is to be chosen."""
        chosen = itertools.product(*self.grid.values())
        return [{**self.given, **dict(zip(self.grid, values, strict=True))} for values in chosen]


def parse_method(text: str) -> MethodSpec:
    """Read ``name``, or ``name:parameter=value:parameter=value/value/value``.

    Examples
    --------
    >>> parse_method("slr:n_rounds=1/2:momentum=0.5")
    MethodSpec(label='slr:n_rounds=1/2:momentum=0.5', name='slr', given={'momentum': 0.5}, grid={'n_rounds': (1, 2)})
    """
    label = "".join(text.split())
    name, *settings = label.split(":")
    given, grid = dict[str, Any](), dict[str, tuple[Any, ...]]()
    for setting in settings:
        parameter, equals, value = setting.partition("=")
        values = value.split("/")
        if not name or not equals or not parameter or not all(values):
            raise InputError(
                f"method {text!r}: give name, or name:parameter=value, such as slr:n_rounds=6; several values to choose among are "
                "joined by /, such as smoothing:share=0.05/0.1/0.2"
            )
        if parameter in given or parameter in grid:
            raise InputError(f"method {text!r} gives {parameter} twice; give it once")
        if len(values) == 1:
            given[parameter] = read_literal(value)
        else:
            grid[parameter] = tuple(read_literal(one) for one in values)
    return MethodSpec(label, name, given, grid)


def parse_methods(texts: Iterable[str]) -> list[MethodSpec]:
    """Read several methods, each once.

    Raises
    ------
    InputError
        For one that cannot be read, or none at all.
    """
    specs = {spec.label: spec for spec in (parse_method(text) for text in texts if text.strip())}
    if not specs:
        raise InputError("no method is named; give --methods plain,slr,... or all")
    return list(specs.values())
