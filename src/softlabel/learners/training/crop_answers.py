"""What a teacher says of crops that were cut already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from softlabel.learners.augmentation.geometry import resized
from softlabel.learners.training.devices import autocast_of
from softlabel.learners.training.outputs import outputs_of
from softlabel.learners.training.teachers import labelling_copy


def answer_crops(teacher: Any, mode: str, device: torch.device) -> Callable[[Tensor], Tensor]:
    """Return what answers crops (b, c, h, w) uint8 with probabilities (b, k) on their device, in double precision.

    Crops are brought to the teacher's own input size and normalised as its own data were. The teacher is not changed: a copy of its
    network answers.

    Parameters
    ----------
    teacher : TorchClassifier, fitted
    mode : {"eval", "train"}
        Batch normalisation by the statistics of the teacher's training, or by those of each batch; dropout is off in both.
    device : torch.device
    """
    network = labelling_copy(teacher.network_, mode).to(device)
    if teacher.channels_last:
        network = network.to(memory_format=torch.channels_last)
    normalise = teacher.preparation_.on(device, teacher.channels_last)
    size = teacher.preparation_.size or teacher.input_shape_[1:]
    outputs = outputs_of(teacher)

    def answer(crops: Tensor) -> Tensor:
        with torch.inference_mode():
            with autocast_of(teacher.precision, device):
                output = network(normalise(resized(crops, size), device))
            return outputs.predictions(output.double() if device.type != "mps" else output.float())  # (b, k)

    return answer
