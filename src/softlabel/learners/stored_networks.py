"""Fitted models apart from the weights of their networks, so that weights are stored in safetensors and the rest beside them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from softlabel.errors import DamagedRunError
from softlabel.learners.network_settings import build_options, built_shape
from softlabel.learners.torch_learner import TorchLearner, network_arrays

Weights = dict[str, dict[str, np.ndarray]]


def detach(models: list[Any]) -> tuple[list[Any], Weights]:
    """Return copies of fitted models without their networks, and the networks' weights by name.

    Names are ``network-0``, ``network-1``, ... in the order in which the learners stand in the models, nested ones too.
    Models that hold no network are returned as they are, not copied.
    """
    found = list(_learners(models))
    if not found:
        return models, {}
    weights = {f"network-{number}": network_arrays(one.network_) for number, one in enumerate(found)}
    # A deep copy takes what its memo says for an object instead of copying it: None, for each network.
    without: list[Any] = copy.deepcopy(models, {id(one.network_): None for one in found})
    return without, weights


def attach(models: list[Any], weights: Mapping[str, Mapping[str, np.ndarray]]) -> list[Any]:
    """Build the networks of detached models anew and give them their weights; the models are changed in place.

    Raises
    ------
    DamagedRunError
        If weights are missing or do not fit the network that is built.
    """
    for number, one in enumerate(_learners(models)):
        name = f"network-{number}"
        if name not in weights:
            raise DamagedRunError(f"the weights {name} of the model are missing; make the model again")
        one.network_ = _rebuilt(one, weights[name])
    return models


def _rebuilt(learner: TorchLearner, weights: Mapping[str, np.ndarray]) -> Any:
    import torch

    from softlabel.learners.networks.build import build_network

    shape = built_shape(learner, learner.input_shape_, pictures=learner.preparation_.pictures)
    # Without the weights it started from: they are overwritten, and the file may be gone.
    n_outputs = vars(learner).get("n_outputs_") or len(learner.classes_)  # early models know their classes only
    built = build_network(learner.network, shape, n_outputs, options=build_options(learner), seed=0)
    try:
        built.module.load_state_dict({name: torch.from_numpy(np.array(values)) for name, values in weights.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedRunError(f"the stored weights do not fit the network {learner.network!r}: {reason}") from error
    # The order in memory that it was trained in: another one may round in another way.
    memory = torch.channels_last if learner.channels_last else torch.contiguous_format
    return built.module.to(memory_format=memory).eval()


def _learners(item: Any, seen: set[int] | None = None) -> Iterator[TorchLearner]:
    """Yield the fitted network learners within models, each once, in an order that storing keeps."""
    seen = set() if seen is None else seen
    if id(item) in seen or isinstance(item, (str, bytes, int, float, np.ndarray, type(None))):
        return
    seen.add(id(item))
    if isinstance(item, TorchLearner):
        if hasattr(item, "network_"):
            yield item
    elif isinstance(item, (list, tuple)):
        for part in item:
            yield from _learners(part, seen)
    elif isinstance(item, dict):
        for key in sorted(item, key=str):
            yield from _learners(item[key], seen)
    elif hasattr(item, "get_params") or hasattr(item, "__sklearn_tags__"):
        yield from _learners(vars(item), seen)
