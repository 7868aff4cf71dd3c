"""Networks from a name, a factory or a module; the same seed gives the same weights at the start."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.networks.factories import from_factory
from softlabel.learners.networks.mlp import MLP
from softlabel.learners.networks.names import TIMM_PREFIX, check_network_name
from softlabel.learners.networks.se_resnet import SEResNet
from softlabel.learners.networks.small_cnn import SmallCNN
from softlabel.learners.networks.timm_models import timm_model
from softlabel.learners.networks.weights import load_weights
from softlabel.learners.own_generators import own_generators


@dataclass(frozen=True)
class BuiltNetwork:
    """A network, and what it expects of its inputs.

    Attributes
    ----------
    module : torch.nn.Module
        On the CPU, float32.
    mean, std : tuple of float, or None
        One number a channel, for inputs from 0 to 1: the network expects (x - mean) / std. None: it has no wish of its
        own, and the statistics of the training images will do.
    input_size : (height, width) or None
        The size that images are to be brought to; None: any.
    """

    module: nn.Module
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    input_size: tuple[int, int] | None = None


def build_network(
    network: str | nn.Module | Callable[..., nn.Module],
    input_shape: Sequence[int],
    n_outputs: int,
    *,
    weights: str | PathLike[str] | None = None,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> BuiltNetwork:
    """Build a network.

    Parameters
    ----------
    network : str, torch.nn.Module or callable
        ``se_resnet8`` to ``se_resnet56`` in steps of 6, ``small_cnn``, ``mlp``, or ``timm:NAME`` for any model of timm;
        a factory (class, function or partial) that returns a module, see
        :func:`~softlabel.learners.networks.factories.from_factory` for what it is given; or a module, which is copied
        with the weights it has.
    input_shape : (channels, height, width) or (d,)
    n_outputs : int
        Width of the output.
    weights : path, optional
        File with the weights to start from (.safetensors, or a state dict as .pt or .pth). A last layer of another
        width stays as it was built, and a warning says so. ``"pretrained"`` downloads those of a timm model.
    options : mapping, optional
        Keyword arguments of a named network: ``width``, ``reduction``, ``dropout``, ``pool`` of ``se_resnet``; ``width``,
        ``dropout``, ``pool`` of ``small_cnn``; ``hidden``, ``batch_norm``, ``dropout`` of ``mlp``; for timm those of
        ``timm.create_model``, ``input_size``, a number or (height, width), in place of the model's own, and ``pool``. ``pool``
        is "avg", or "gem" for generalised-mean pooling.
    seed : int, 0 to 2**63 - 1

    Returns
    -------
    built : BuiltNetwork
        torch's global generators are left as they were.

    Raises
    ------
    InputError
        If the name, an option or the factory cannot be used, the input is too small, or the weights do not fit.
    MissingExtraError
        If timm or safetensors is needed and not installed.
    """
    shape, given = tuple(int(size) for size in input_shape), dict(options or {})
    with own_generators(seed, _gpus_in_use()):
        if isinstance(network, str) and network.startswith(TIMM_PREFIX):
            check_network_name(network)
            return BuiltNetwork(*timm_model(network.removeprefix(TIMM_PREFIX), shape, n_outputs, weights, given))
        if isinstance(network, str):
            module = _named(network, shape, n_outputs, given)
        elif given:
            raise InputError(
                f"options {', '.join(given)} are given for a network that has no name; set them in the factory, "
                "functools.partial will do"
            )
        elif isinstance(network, nn.Module):
            module = copy.deepcopy(network)
        elif callable(network):
            module = from_factory(network, shape, n_outputs)
        else:
            raise InputError(
                f"network is a {type(network).__name__}; give a name, a torch.nn.Module, or a callable that returns one"
            )
        if weights is not None:
            load_weights(module, weights, n_outputs)
    return BuiltNetwork(module)


def _named(name: str, shape: tuple[int, ...], n_outputs: int, options: dict[str, Any]) -> nn.Module:
    check_network_name(name)
    maker: Callable[..., nn.Module] = MLP
    arguments: dict[str, Any] = {"input_shape": shape, "n_outputs": n_outputs}
    allowed = _keywords(MLP)
    if name != "mlp":
        if len(shape) != 3 or min(shape[1:]) < 8:
            given = f"rows of {shape[0]} numbers" if len(shape) == 1 else f"images of {' x '.join(map(str, shape[1:]))}"
            raise InputError(f"network {name!r} takes images of 8 x 8 pixels or more, and got {given}; 'mlp' takes any")
        maker = SmallCNN if name == "small_cnn" else SEResNet
        arguments = {"in_channels": shape[0], "n_outputs": n_outputs}
        allowed = _keywords(maker)
        if maker is SEResNet:
            arguments["depth"] = int(name.removeprefix("se_resnet"))
            allowed.remove("depth")
    unknown = [option for option in options if option not in allowed]
    if unknown:
        raise InputError(f"network {name!r} has no option {', '.join(map(repr, unknown))}; it has {', '.join(allowed)}")
    try:
        return maker(**arguments, **options)
    except (TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise InputError(
            f"network {name!r} cannot be built with options {options}: {' '.join(str(error).split())}"
        ) from error


def _keywords(maker: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(maker).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]


def _gpus_in_use() -> list[int]:
    """Return the CUDA devices where any is in use already: a factory might build there."""
    return list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
