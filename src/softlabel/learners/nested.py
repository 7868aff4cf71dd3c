"""Walking through an estimator made of estimators: steps, members, what a search tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def is_estimator(value: Any) -> bool:
    """True for an instance with ``fit`` and ``get_params``."""
    return not isinstance(value, type) and hasattr(value, "fit") and hasattr(value, "get_params")


def has_tags(estimator: Any) -> bool:
    """True if scikit-learn can be asked what kind of estimator it is."""
    return hasattr(estimator, "__sklearn_tags__")


def nested_estimators(value: Any) -> Iterator[Any]:
    """Yield the estimator and every estimator in its parameters, however deep, candidates of a search included."""
    if is_estimator(value):
        yield value
        value = value.get_params(deep=False)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from nested_estimators(part)


def searched_settings(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, candidate) for each candidate value of each plain parameter that a search in here tries.

    ``{"clf__early_stopping": [True, False]}`` yields ``("early_stopping", True)`` and ``("early_stopping", False)``.
    """
    for estimator in nested_estimators(value):
        for grid in estimator.get_params(deep=False).values():
            for mapping in grid if isinstance(grid, (list, tuple)) else [grid]:
                if isinstance(mapping, Mapping):
                    for key, candidates in mapping.items():
                        if isinstance(key, str) and isinstance(candidates, (list, tuple)):
                            yield from ((key.rpartition("__")[2], candidate) for candidate in candidates)


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return the value with ``change`` applied to every estimator in it, the innermost first.

    Estimators are changed in place, so give a clone; lists, tuples and dictionaries are made anew.
    """
    if is_estimator(value):
        before = value.get_params(deep=False)
        after = {name: rebuilt(part, change) for name, part in before.items()}
        different = {name: part for name, part in after.items() if part is not before[name]}
        return change(value.set_params(**different) if different else value)
    if type(value) in (list, tuple):
        parts = [rebuilt(part, change) for part in value]
        return type(value)(parts) if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    if type(value) is dict:
        entries = {key: rebuilt(part, change) for key, part in value.items()}
        return entries if any(entries[key] is not value[key] for key in value) else value
    return value


def changed_values(estimator: Any, name: str, change: Callable[[Any], Any]) -> Any:
    """Apply ``change`` to every parameter called ``name``, nested ones and the candidates of searches too."""

    def in_grid(grid: Any) -> Any:
        if type(grid) in (list, tuple):
            return type(grid)(in_grid(part) for part in grid)
        if type(grid) is not dict:
            return grid
        return {
            key: [change(candidate) for candidate in candidates]
            if isinstance(key, str) and key.rpartition("__")[2] == name and isinstance(candidates, (list, tuple))
            else candidates
            for key, candidates in grid.items()
        }

    def in_estimator(found: Any) -> Any:
        settings = found.get_params(deep=False)
        new = {key: in_grid(settings[key]) for key in ("param_grid", "param_distributions") if key in settings}
        if name in settings and not is_estimator(settings[name]):
            new[name] = change(settings[name])
        different = {key: value for key, value in new.items() if value is not settings[key]}
        return found.set_params(**different) if different else found

    return rebuilt(estimator, in_estimator)
