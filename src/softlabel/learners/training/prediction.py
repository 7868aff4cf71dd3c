"""What a trained network says of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.input_rows import InputRows

View = Callable[[Tensor], Tensor]


def predict_rows(
    network: nn.Module,
    rows: InputRows,
    normalise: Normalisation,
    device: torch.device,
    *,
    batch_size: int,
    views: Sequence[View] = (),
    resize: Callable[[Tensor], Tensor] | None = None,
    autocast: Callable[[], AbstractContextManager] = nullcontext,
) -> np.ndarray:
    """Return class probabilities (n, m) float32: softmax of the outputs, the mean over the views of each row.

    Parameters
    ----------
    views : functions of uint8 pictures or numbers (b, ...), or none
        Test-time augmentation: each view of a row is predicted, and the probabilities are averaged (SLR-a).
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
            answers = torch.stack([_probabilities(network, normalise(one, device), autocast) for one in seen])
            parts.append(answers.mean(dim=0).float().cpu().numpy())  # (b, m)
    return np.concatenate(parts)


def _probabilities(network: nn.Module, x: Tensor, autocast: Callable[[], AbstractContextManager]) -> Tensor:
    with autocast():
        output = network(x)
    return torch.softmax(output.double() if output.device.type != "mps" else output.float(), dim=1)  # (b, m)
