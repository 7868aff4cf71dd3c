"""Weights to start from, out of a local file."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.networks.pooling import exponents

_SHOWN = 5  # names in a message


def read_weights_file(path: str | PathLike[str]) -> dict[str, Tensor]:
    """Return the weights in a file, by name.

    Parameters
    ----------
    path : path
        ``.safetensors``, or what ``torch.save`` wrote: a state dict, or a checkpoint with one under ``state_dict_ema``,
        ``model_ema``, ``state_dict`` or ``model``. Only tensors and plain values are read, no code is run. The prefixes
        that ``torch.compile`` and data-parallel wrappers put before names are taken off.

    Raises
    ------
    InputError
        If the file is missing, damaged or holds no weights.
    MissingExtraError
        If safetensors is needed and not installed.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"weights {str(path)!r} is no file; give the path of a .safetensors, .pt or .pth file")
    try:
        found = _read_safetensors(file) if file.suffix == ".safetensors" else _read_saved(file)
    except MissingExtraError:
        raise
    except Exception as error:  # pickle, zip and safetensors each have errors of their own
        reason = (" ".join(str(error).split()).split(". ")[0] or type(error).__name__)[:200]
        raise InputError(
            f"weights {str(path)!r} cannot be read ({reason}); give a .safetensors file, or a state dict saved by torch.save"
        ) from error
    for key in ("state_dict_ema", "model_ema", "state_dict", "model"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
            break
    if not isinstance(found, dict) or not found or not all(isinstance(value, Tensor) for value in found.values()):
        raise InputError(f"weights {str(path)!r} holds no state dict; save module.state_dict(), names to tensors")
    return {_without_prefix(name): value for name, value in found.items()}


def load_weights(module: nn.Module, path: str | PathLike[str], n_outputs: int) -> None:
    """Load a file's weights into a module, in place.

    The last layer, known by its ``n_outputs`` rows where the file has another number, is left as it was built, and a
    UserWarning says so.

    Raises
    ------
    InputError
        If the file cannot be read, or names or shapes differ otherwise; the message names them. The module is then
        unchanged.
    """
    if str(path) == "pretrained":
        raise InputError("weights='pretrained' is for timm:NAME only; give the path of a file, or leave weights out")
    found = read_weights_file(path)
    own = module.state_dict()
    # A network that was saved with average pooling is a start for one with the generalised mean.
    passed = exponents(module)
    missing = [
        name for name in own if name not in found and name not in passed and not name.endswith("num_batches_tracked")
    ]
    extra = [name for name in found if name not in own]
    if missing or extra:
        parts = [f"{what} {_listed(names)}" for what, names in (("it lacks", missing), ("it also has", extra)) if names]
        raise InputError(
            f"weights {str(path)!r} are of another network: {' and '.join(parts)}; give the network they were saved from"
        )
    differ = [name for name, value in found.items() if value.shape != own[name].shape]
    last = [name for name in differ if _other_width(found[name], own[name], n_outputs)]
    layers = {(name.rpartition(".")[0], len(found[name])) for name in last}
    if len(last) < len(differ) or len(layers) > 1:
        shapes = [f"{name} {tuple(found[name].shape)} for {tuple(own[name].shape)}" for name in differ]
        raise InputError(
            f"weights {str(path)!r} have other shapes than the network: {_listed(shapes)}; build it with the options and "
            "the input that they were saved with"
        )
    if last:
        warnings.warn(
            f"weights {str(path)!r} end in {len(found[last[0]])} outputs and {n_outputs} are needed: "
            f"{', '.join(last)} start at random",
            UserWarning,
            stacklevel=3,
        )
    module.load_state_dict({name: value for name, value in found.items() if name not in last}, strict=False)


def _read_safetensors(file: Path) -> Any:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise MissingExtraError("safetensors", "torch") from error
    return load_file(file)


def _read_saved(file: Path) -> Any:
    return torch.load(file, map_location="cpu", weights_only=True)


def _without_prefix(name: str) -> str:
    # A wrapper may be inside another one, in either order.
    for prefix in ("_orig_mod.", "module.", "_orig_mod."):
        name = name.removeprefix(prefix)
    return name


def _other_width(found: Tensor, own: Tensor, n_outputs: int) -> bool:
    return found.ndim == own.ndim > 0 and own.shape[0] == n_outputs and found.shape[1:] == own.shape[1:]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
