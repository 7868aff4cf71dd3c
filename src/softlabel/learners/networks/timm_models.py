"""Models of timm, with the normalisation, input size and weights that belong to them."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Mapping
from os import PathLike
from typing import Any, NamedTuple

from torch import nn

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.networks.pooling import EXPONENT, POOLS, pool_by_generalised_mean
from softlabel.learners.networks.weights import read_weights_file


class TimmModel(NamedTuple):
    """A model, and what it expects of its inputs."""

    module: nn.Module
    mean: tuple[float, ...] | None
    std: tuple[float, ...] | None
    input_size: tuple[int, int]


def timm_model(
    name: str,
    input_shape: tuple[int, ...],
    n_outputs: int,
    weights: str | PathLike[str] | None,
    options: Mapping[str, Any],
) -> TimmModel:
    """Build a model of timm.

    Parameters
    ----------
    name : str
        As ``timm.list_models()`` has it, with or without the tag of its weights (``resnet18.a1_in1k``).
    input_shape : (channels, height, width)
    n_outputs : int
    weights : None, path or ``"pretrained"``
        None: random. A path: a local file, loaded as timm loads it. ``"pretrained"``: downloaded, or an error; never
        random in silence.
    options : mapping
        Keyword arguments of ``timm.create_model``; ``input_size``, a number or (height, width); ``pool``, "avg" for what the
        model ends in, or "gem" for the generalised mean in the place of its average.

    Returns
    -------
    model : TimmModel
        ``mean`` and ``std`` for inputs from 0 to 1. For grey images they are the means over the model's three colours;
        for other numbers of channels None. ``input_size`` is that of the model, whatever the size of the images,
        unless the options name one.

    Raises
    ------
    InputError
        If timm does not know the name or an option, or the weights cannot be had or do not fit.
    MissingExtraError
        If timm is not installed.
    """
    timm = _timm()
    if len(input_shape) != 3:
        raise InputError(
            f"network 'timm:{name}' takes images, and got rows of {input_shape[0]} numbers; 'mlp' takes them"
        )
    config = _config(timm, name)
    settings = {"in_chans": input_shape[0], **options}
    pool = settings.pop("pool", "avg")
    if pool not in POOLS:
        raise InputError(f"pool of timm:{name} is {pool!r}; give one of {', '.join(POOLS)}")
    size = _size(name, settings.pop("input_size", None)) or _size(name, settings.get("img_size"))
    if size is not None and config.get("fixed_input_size"):
        settings["img_size"] = size
    learned: dict[str, Any] = {}  # exponents of a generalised mean, out of the file
    if weights is None:
        module = _create(timm, name, {"num_classes": n_outputs, **settings})
    elif str(weights) == "pretrained":
        module = _downloaded(timm, name, config, {"num_classes": n_outputs, **settings})
    else:
        state = read_weights_file(weights)
        if pool == "gem":
            learned = {key: state.pop(key) for key in list(state) if key.endswith(EXPONENT)}
        module = _from_file(timm, name, config, n_outputs, settings, weights, state, other=bool(learned))
    if pool == "gem":
        # Only now: what weights were saved from may have ended in the average.
        pool_by_generalised_mean(module, name, learned)
    return TimmModel(
        module,
        _of_channels(config["mean"], input_shape[0]),
        _of_channels(config["std"], input_shape[0]),
        size or (int(config["input_size"][1]), int(config["input_size"][2])),
    )


def _config(timm: Any, name: str) -> dict[str, Any]:
    """Return timm's own description of a model and its weights."""
    if not timm.is_model(name):
        close = difflib.get_close_matches(name.partition(".")[0], timm.list_models(), n=3)
        hint = f"close are {', '.join(close)}" if close else "timm.list_models() lists all"
        raise InputError(f"timm has no model {name!r}; {hint}")
    try:
        return dict(timm.get_pretrained_cfg(name).to_dict())
    except RuntimeError as error:
        base, _, tag = name.partition(".")
        tags = [each.partition(".")[2] for each in timm.list_pretrained(f"{base}.*")]
        known = f"there are {', '.join(tags)}" if tags else "there are none"
        raise InputError(f"timm has no weights {tag!r} of {base!r}; {known}") from error


def _create(timm: Any, name: str, settings: Mapping[str, Any], **more: Any) -> nn.Module:
    try:
        module: nn.Module = timm.create_model(name, **settings, **more)
    except (TypeError, ValueError, AssertionError) as error:  # an option that is unknown or unusable
        given = {key: value for key, value in settings.items() if key not in ("in_chans", "num_classes")}
        raise InputError(
            f"network 'timm:{name}' cannot be built with options {given}: {_told(error)}; give those of timm.create_model"
        ) from error
    return module


def _downloaded(timm: Any, name: str, config: Mapping[str, Any], settings: Mapping[str, Any]) -> nn.Module:
    try:
        if not (config.get("url") or config.get("hf_hub_id")):
            # timm says so in its log only, and starts at random.
            raise OSError("timm knows none")
        return _create(timm, name, settings, pretrained=True)
    except InputError:
        raise
    except Exception as error:  # of the network, the disk, or one of the libraries in between
        raise InputError(
            f"weights of timm:{name} cannot be had ({_told(error)}); give weights=PATH of a local file, "
            "or leave weights out to start at random"
        ) from error


def _from_file(
    timm: Any,
    name: str,
    config: Mapping[str, Any],
    n_outputs: int,
    settings: Mapping[str, Any],
    path: str | PathLike[str],
    state: Mapping[str, Any],
    *,
    other: bool,
) -> nn.Module:
    """Build a model as wide as the file, load all of it, and only then replace a last layer of another width.

    So that a weight which is missing is an error; timm lets them pass where the width differs. ``state`` is what the file holds;
    where that is ``other`` than what timm would read from it, timm is given it.
    """
    layers = config.get("classifier") or ()
    layers = (layers,) if isinstance(layers, str) else tuple(layers)
    widths = {len(state[f"{layer}.weight"]) for layer in layers if f"{layer}.weight" in state}
    width = widths.pop() if len(widths) == 1 else 0
    overlay: dict[str, Any] = {"file": str(path), "num_classes": width, "label_offset": 0}
    overlay["custom_load"] = False  # which is for weights of other frameworks
    if other:
        overlay["state_dict"] = dict(state)
    if settings["in_chans"] != config["input_size"][0] and _has_channels(timm, name, config, settings, state):
        # Older versions of timm drop or average the weights of such a layer unless nothing is known of it.
        overlay |= {"input_size": (settings["in_chans"], *config["input_size"][1:]), "first_conv": None}
    try:
        module = _create(
            timm, name, {"num_classes": width, **settings}, pretrained=True, pretrained_cfg_overlay=overlay
        )
    except RuntimeError as error:
        raise InputError(
            f"weights {str(path)!r} do not fit timm:{name}: {_told(error)}; give the model they were saved from"
        ) from error
    if other:
        kept: Any = module.pretrained_cfg
        kept["state_dict"] = None  # all weights would be there twice
    if width != n_outputs:
        warnings.warn(
            f"weights {str(path)!r} end in {width or 'no'} outputs and {n_outputs} are needed: the last layer of "
            f"timm:{name} starts at random",
            UserWarning,
            stacklevel=4,
        )
        module.reset_classifier(n_outputs)  # type: ignore[operator]  # of timm's models; torch's Module knows no such method
    return module


def _has_channels(
    timm: Any, name: str, config: Mapping[str, Any], settings: Mapping[str, Any], state: Mapping[str, Any]
) -> bool:
    """Return whether the file's first convolution is as the model needs it, so that timm must not adapt its channels."""
    first = config.get("first_conv")
    if not isinstance(first, str) or f"{first}.weight" not in state:
        return False
    needed: Any = _create(timm, name, settings).get_submodule(first)
    return bool(needed.weight.shape == state[f"{first}.weight"].shape)


def _size(name: str, given: Any) -> tuple[int, int] | None:
    if given is None:
        return None
    pair = (given, given) if isinstance(given, int) else tuple(given)
    if len(pair) != 2 or not all(isinstance(side, int) and side > 0 for side in pair):
        raise InputError(f"input_size of timm:{name} is {given!r}; give a number of pixels, or (height, width)")
    return pair


def _of_channels(values: Any, channels: int) -> tuple[float, ...] | None:
    numbers = tuple(float(value) for value in values)
    if channels == len(numbers):
        return numbers
    return (sum(numbers) / len(numbers),) if channels == 1 else None


def _told(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) < 300 else text[:300] + "..."


def _timm() -> Any:
    try:
        import timm
    except ImportError as error:
        raise MissingExtraError("timm", "vision") from error
    return timm
