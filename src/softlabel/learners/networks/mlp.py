"""A multi-layer perceptron, for rows of numbers and for small pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn


class MLP(nn.Module):
    """Fully connected layers with ReLU. Pictures are flattened.

    Parameters
    ----------
    input_shape : (d,) or (c, h, w)
    n_outputs : int
    hidden : int or sequence of int
        Units of each hidden layer; an empty sequence is a linear model.
    batch_norm : bool
        Batch normalisation before each ReLU.
    dropout : float
        After each ReLU.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        *,
        hidden: int | Sequence[int] = (256, 256),
        batch_norm: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten()]
        before = math.prod(input_shape)
        for units in [hidden] if isinstance(hidden, int) else hidden:
            layers.append(nn.Linear(before, units, bias=not batch_norm))
            if batch_norm:
                layers.append(nn.BatchNorm1d(units))
            layers.append(nn.ReLU())
            if dropout:
                layers.append(nn.Dropout(dropout))
            before = units
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(before, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (b, n_outputs) of rows (b, d) or images (b, c, h, w)."""
        return cast(Tensor, self.head(self.layers(x)))
