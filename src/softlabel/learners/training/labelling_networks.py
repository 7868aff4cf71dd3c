"""A trained network that is asked for labels: the one way to ask it, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from softlabel.learners.augmentation.geometry import resized
from softlabel.learners.training.batch_statistics import labelling_copy
from softlabel.learners.training.devices import autocast_of
from softlabel.learners.training.outputs import outputs_of


class LabellingNetwork:
    """What a fitted learner's network says, as target rows; a copy of it is asked, so that nothing of the learner changes.

    Parameters
    ----------
    fitted : TorchLearner
    mode : {"eval", "train"}
        Batch normalisation by the statistics that it learned, or by those of each batch; dropout is off in both.
    device : torch.device
        Where the copy lies.
    columns : sequence of int or None
        Which of its columns are asked for, in their order; None: all, as they stand.
    autocast : callable or None
        Makes the context in which it computes; None: that of its own ``precision``.
    double : bool, default=False
        Whether outputs become target rows in double precision, on devices that have it.

    Attributes
    ----------
    mode : str
    normalise : Normalisation
        From stored values to its inputs, as its own data were.
    size : (height, width)
        Of the pictures that it takes; of rows of numbers nothing is resized.
    """

    def __init__(
        self,
        fitted: Any,
        mode: str,
        device: torch.device,
        *,
        columns: Sequence[int] | None = None,
        autocast: Callable[[], AbstractContextManager] | None = None,
        double: bool = False,
    ) -> None:
        self.mode, self._device, self._outputs = mode, device, outputs_of(fitted)
        self.normalise = fitted.preparation_.on(device, fitted.channels_last)
        self.size = fitted.preparation_.size or tuple(fitted.input_shape_[1:])
        self._columns = None if columns is None else torch.as_tensor(list(columns), device=device)
        self._autocast = autocast or (lambda: autocast_of(fitted.precision, device))
        self._dtype = torch.float64 if double and device.type != "mps" else torch.float32
        network = labelling_copy(fitted.network_, mode).to(device)
        self._network = network.to(memory_format=torch.channels_last) if fitted.channels_last else network

    def __call__(self, x: Tensor) -> Tensor:
        """Return target rows (b, m) for inputs (b, ...) that are resized and normalised; gradients reach ``x``."""
        with self._autocast():
            output = self._network(x)
        rows = self._outputs.predictions(output.to(self._dtype))  # (b, m)
        return rows if self._columns is None else rows[:, self._columns]

    def of_stored(self, x: Tensor) -> Tensor:
        """Return target rows (b, m) for rows as they are stored, without gradients.

        Uint8 pictures (b, c, h, w) are brought to its size, and they and numbers (b, ...) are normalised as its own data were.
        """
        with torch.inference_mode():
            x = resized(x, self.size) if x.dtype == torch.uint8 else x
            return self(self.normalise(x, self._device))


def mean_answer(answers: Sequence[Tensor]) -> Tensor:
    """Return the mean (b, m) of what several say of the same rows, (b, m) each."""
    return answers[0] if len(answers) == 1 else torch.stack(list(answers)).mean(dim=0)
