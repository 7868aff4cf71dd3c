"""Networks made by a function or a class of the user's."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

from torch import nn
from torch.nn.parameter import is_lazy

from softlabel.errors import InputError

_WORDS = ("input_shape", "n_outputs", "num_classes", "in_channels", "in_chans", "n_features", "in_features")


def from_factory(factory: Callable[..., Any], input_shape: tuple[int, ...], n_outputs: int) -> nn.Module:
    """Call a factory with those of these keywords that its signature names, and nothing else.

    ``input_shape`` (the tuple), ``n_outputs`` or ``num_classes`` (width of the output), ``in_channels`` or ``in_chans``
    (images only), ``n_features`` or ``in_features`` (numbers in a row; of an image, all of its). A factory that takes
    any keyword (``**kwargs``) without naming the width of the output gets ``num_classes``, as torchvision and timm call
    it. What ``functools.partial`` has set stays as it is set.

    Raises
    ------
    InputError
        If the factory fails, or returns no module or one with layers that have no size yet.
    """
    name = _name(factory)
    module: Any = None
    arguments = _arguments(factory, input_shape, n_outputs)
    try:
        module = factory(**arguments)
    except Exception as error:  # whatever a user's factory raises
        text = " ".join(str(error).split())
        raise InputError(
            f"network factory {name} failed when called with {arguments}: {type(error).__name__}: {text}; "
            f"it gets by keyword whichever of {', '.join(_WORDS)} its signature names"
        ) from error
    if not isinstance(module, nn.Module):
        raise InputError(f"network factory {name} returned a {type(module).__name__}; it must return a torch.nn.Module")
    if any(is_lazy(parameter) for parameter in module.parameters()):
        raise InputError(
            f"network factory {name} returned lazy layers; give their sizes, which the factory gets by the keywords "
            f"{', '.join(_WORDS)} where it names them"
        )
    return module


def _arguments(factory: Callable[..., Any], input_shape: tuple[int, ...], n_outputs: int) -> dict[str, Any]:
    numbers = math.prod(input_shape)
    values: dict[str, Any] = {
        "input_shape": input_shape,
        "n_outputs": n_outputs,
        "num_classes": n_outputs,
        "n_features": numbers,
        "in_features": numbers,
    }
    if len(input_shape) == 3:
        values |= {"in_channels": input_shape[0], "in_chans": input_shape[0]}
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):  # built-in callables may have none
        return {}
    by_keyword = {p.name for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    bound = factory.keywords if isinstance(factory, functools.partial) else {}
    chosen = {word: values[word] for word in _WORDS if word in values and word in by_keyword and word not in bound}
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if takes_any and not {"n_outputs", "num_classes"} & (by_keyword | bound.keys()):
        chosen["num_classes"] = n_outputs
    return chosen


def _name(factory: Callable[..., Any]) -> str:
    inner = factory.func if isinstance(factory, functools.partial) else factory
    return str(getattr(inner, "__qualname__", type(inner).__name__))
