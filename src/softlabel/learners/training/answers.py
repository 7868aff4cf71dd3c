"""What a learner's network says of rows, as its settings ask for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.training.devices import autocast_of
from softlabel.learners.training.input_rows import InputRows, input_rows
from softlabel.learners.training.outputs import outputs_of
from softlabel.learners.training.prediction import predict_rows
from softlabel.learners.training.preparation import Preparation, make_resize


def answers(
    settings: Any, network: nn.Module, preparation: Preparation, rows: InputRows, device: torch.device, views: Any = ()
) -> np.ndarray:
    """Return predicted target rows (n, m) of a network that lies on the device."""
    return predict_rows(
        network,
        rows,
        preparation.on(device, settings.channels_last),
        device,
        outputs=outputs_of(settings),
        batch_size=answer_batch(settings),
        views=views,
        resize=make_resize(rows, preparation),
        autocast=lambda: autocast_of(settings.precision, device),
    )


def answer_batch(settings: Any) -> int:
    """Return the rows that are answered at once."""
    return int(settings.batch_size) * 2  # no gradients are kept


def rows_like(shape: tuple[int, ...], X: Any) -> InputRows:
    """Return rows that are not trained on; a network that takes any size would say something of others too."""
    rows = input_rows(X, torch.device("cpu"))
    if rows.shape != shape:
        raise InputError(
            f"rows have the shape {rows.shape}, and those of the training had {shape}; give rows of that shape"
        )
    return rows
