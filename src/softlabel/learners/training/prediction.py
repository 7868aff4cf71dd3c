"""What a trained network says of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.input_rows import InputRows
from softlabel.learners.training.outputs import Outputs

View = Callable[[Tensor], Tensor]


def predict_rows(
    network: nn.Module,
    rows: InputRows,
    normalise: Normalisation,
    device: torch.device,
    *,
    outputs: Outputs,
    batch_size: int,
    views: Sequence[View] = (),
    resize: Callable[[Tensor], Tensor] | None = None,
    autocast: Callable[[], AbstractContextManager] = nullcontext,
) -> np.ndarray:
    """Return predicted target rows (n, m) float32: what the outputs say, the mean over the views of each row.

    Parameters
    ----------
    outputs : Outputs
        What the network's outputs mean: their softmax, their sigmoid, or the numbers themselves.
    views : functions of uint8 pictures or numbers (b, ...), or none
        Test-time augmentation: each view of a row is predicted, and the predictions are averaged (SLR-a).
    resize : function of a batch, or None
        Brings pictures to the network's input size, before the views.
    """
    network.eval()
    parts: list[np.ndarray] = []
    with torch.inference_mode():
        for index in torch.arange(rows.n).split(batch_size):
            x = rows.read(index)
            x = x if resize is None else resize(x)
            seen = [view(x) for view in views] or [x]
            answers = torch.stack([_predicted(network, normalise(one, device), outputs, autocast) for one in seen])
            parts.append(answers.mean(dim=0).float().cpu().numpy())  # (b, m)
    return np.concatenate(parts)


def _predicted(
    network: nn.Module, x: Tensor, outputs: Outputs, autocast: Callable[[], AbstractContextManager]
) -> Tensor:
    with autocast():
        output = network(x)
    return outputs.predictions(output.double() if output.device.type != "mps" else output.float())  # (b, m)
