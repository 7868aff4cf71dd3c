"""The network of a training: built for its rows, and asked once before anything is trained."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from softlabel.errors import InputError
from softlabel.learners.network_settings import build_options, built_shape
from softlabel.learners.networks.build import BuiltNetwork, build_network
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.learners.training.input_rows import InputRows


def built_for(settings: Any, rows: InputRows, n_outputs: int, seed: int) -> BuiltNetwork:
    """Build the network of a classifier's settings for rows of this shape."""
    shape = built_shape(settings, rows.shape, pictures=rows.pictures)
    return build_network(
        settings.network, shape, n_outputs, weights=settings.weights, options=build_options(settings), seed=seed
    )


def check_outputs(network: nn.Module, batches: ShuffledBatches, n_outputs: int, settings: Any) -> None:
    """Ask the network once: an output of another width would train on something, or fail far from its cause."""
    x = batches.normalise(batches.load(torch.arange(min(2, batches.rows.n)), 0, 0)[0], batches.device)
    network.eval()  # statistics of batch normalisation must not move
    try:
        with torch.no_grad():
            output = network(x)
    except (RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise InputError(
            f"the network {_named(settings.network)} cannot take inputs of shape {tuple(x.shape)}: "
            f"{' '.join(str(error).split())[:200]}; give one for rows of shape {batches.rows.shape}"
        ) from error
    got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
    if got != (len(x), n_outputs):
        raise InputError(
            f"the network {_named(settings.network)} answers {got} to {len(x)} rows; it must answer {(len(x), n_outputs)}, a "
            "logit for each class"
        )


def _named(network: Any) -> str:
    return network if isinstance(network, str) else getattr(network, "__name__", type(network).__name__)
