"""The network of a training: built for its rows, and asked once before anything is trained."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from softlabel.errors import InputError
from softlabel.learners.network_settings import build_options, built_shape
from softlabel.learners.networks.build import BuiltNetwork, build_network
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.learners.training.input_rows import InputRows
from softlabel.learners.training.outputs import outputs_of


def built_for(settings: Any, rows: InputRows, n_outputs: int, seed: int) -> BuiltNetwork:
    """Build the network of a learner's settings for rows of this shape."""
    shape = built_shape(settings, rows.shape, pictures=rows.pictures)
    return build_network(
        settings.network, shape, n_outputs, weights=settings.weights, options=build_options(settings), seed=seed
    )


def copied_network(fitted: Any, rows: InputRows) -> nn.Module:
    """Return a copy of a fitted learner's network, to be trained further on rows of the shape that it was trained on.

    Raises
    ------
    InputError
        If the rows have another shape.
    """
    if rows.shape != fitted.input_shape_:
        raise InputError(
            f"the network to go on with takes rows of shape {fitted.input_shape_}, and these have {rows.shape}; give rows of one shape"
        )
    network: nn.Module = copy.deepcopy(fitted.network_)
    return network.requires_grad_(True)


def start_at_the_mean(network: nn.Module, targets: np.ndarray, weight: np.ndarray | None, settings: Any) -> None:
    """Let a network of numbers begin by answering their mean, so that no short training is spent on finding it.

    Sets the bias of the last linear layer where it has one entry for each target column, in place; other networks are left as they
    are, and so are those that start from weights of the user's.
    """
    own_weights = isinstance(settings.network, nn.Module) or settings.weights not in (None, "pretrained")
    if settings.target_kind != "scalar" or own_weights:
        return
    linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
    bias = linear[-1].bias if linear else None
    if bias is not None and bias.shape == targets.shape[1:]:
        mean = np.average(targets.astype(np.float64), axis=0, weights=weight)  # (m,)
        with torch.no_grad():
            bias.copy_(torch.from_numpy(mean))


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
            f"the network {_named(settings.network)} answers {got} to {len(x)} rows; it must answer {(len(x), n_outputs)}, "
            f"{outputs_of(settings).words}"
        )


def _named(network: Any) -> str:
    return network if isinstance(network, str) else getattr(network, "__name__", type(network).__name__)
