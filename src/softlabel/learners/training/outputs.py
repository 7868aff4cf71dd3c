"""What a network's outputs mean: softmax rows, entries of their own, or numbers as they are.

Everything in this folder that must know it asks here: how outputs become predictions, how a training is scored, and by what rows are
alike where some are set apart. Their losses stand in ``loss_choice.py``.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

_SMALLEST = 1e-12  # probability that a logarithm is taken of


class Outputs(Protocol):
    """The meaning of outputs (b, m) for one kind of target rows (b, m)."""

    score: str  # what is told beside the loss: accuracy, or mae
    words: str  # what a network must answer, for messages

    def predictions(self, output: Tensor) -> Tensor:
        """Return what outputs say, as target rows (b, m)."""

    def row_scores(self, output: Tensor, targets: Tensor) -> Tensor:
        """Return the score of each row (b,), from outputs."""

    def judged(self, predicted: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the kind's default loss (v,) and the score (v,) of each row, from predictions (v, m)."""

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return a code for each row (n,): rows of one code are alike; None where nothing tells rows apart."""


class Distribution:
    """Rows that sum to 1: the softmax of the outputs, cross entropy, whether the largest column is right."""

    score, words = "accuracy", "a logit for each class"

    def predictions(self, output: Tensor) -> Tensor:
        return torch.softmax(output, dim=1)

    def row_scores(self, output: Tensor, targets: Tensor) -> Tensor:
        return output.argmax(dim=1) == targets.argmax(dim=1)

    def judged(self, predicted: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logs = np.log(np.maximum(predicted.astype(np.float64), _SMALLEST))
        return -(targets * logs).sum(axis=1), predicted.argmax(axis=1) == targets.argmax(axis=1)

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        codes: np.ndarray = targets.argmax(axis=1)
        return codes


class Independent:
    """Entries from 0 to 1, each its own: the sigmoid of the outputs, binary cross entropy, the share of entries that are right."""

    score, words = "accuracy", "a logit for each label"

    def predictions(self, output: Tensor) -> Tensor:
        return torch.sigmoid(output)

    def row_scores(self, output: Tensor, targets: Tensor) -> Tensor:
        return ((output > 0) == (targets > 0.5)).float().mean(dim=1)

    def judged(self, predicted: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = predicted.astype(np.float64)
        there, missing = np.log(np.maximum(p, _SMALLEST)), np.log(np.maximum(1 - p, _SMALLEST))
        losses = -(targets * there + (1 - targets) * missing).mean(axis=1)
        return losses, ((predicted > 0.5) == (targets > 0.5)).mean(axis=1)

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return the rarest label that each row has, so that these are shared out evenly; rows without a label are alike."""
        there = targets > 0.5  # (n, k)
        rarity = np.where(there, there.sum(axis=0), len(targets) + 1)  # (n, k)
        return np.where(there.any(axis=1), rarity.argmin(axis=1), there.shape[1])


class Scalar:
    """Numbers as they are: smooth L1, the absolute error."""

    score, words = "mae", "a number for each target column"

    def predictions(self, output: Tensor) -> Tensor:
        return output

    def row_scores(self, output: Tensor, targets: Tensor) -> Tensor:
        return (output - targets).abs().mean(dim=1)

    def judged(self, predicted: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        off = np.abs(predicted.astype(np.float64) - targets)  # (v, m)
        return np.where(off < 1, off**2 / 2, off - 0.5).mean(axis=1), off.mean(axis=1)

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return the nearest whole number, which is the grade where targets are grades, refined ones too."""
        if targets.shape[1] > 1:
            return None
        return np.unique(np.round(targets[:, 0]), return_inverse=True)[1]


_KINDS: dict[str, Outputs] = {"distribution": Distribution(), "independent": Independent(), "scalar": Scalar()}


def outputs_of(settings: Any) -> Outputs:
    """Return what the outputs of a learner's network mean, by its ``target_kind``."""
    return outputs_of_kind(settings.target_kind)


def outputs_of_kind(kind: str) -> Outputs:
    """Return what the outputs mean of a network that is trained on target rows of a kind."""
    return _KINDS[kind]


def scores(
    outputs: Outputs,
    predicted: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    rows: str = "validation",
) -> dict[str, float]:
    """Return the scores of predictions (v, m) against target rows (v, m), weighted by rows (v,); their names begin with that of the rows.

    ``validation_loss`` is the kind's default loss, whatever the network was trained by, so that trainings can be compared.
    """
    losses, found = outputs.judged(predicted, targets)
    return {
        f"{rows}_loss": float(np.average(losses, weights=weight)),
        f"{rows}_{outputs.score}": float(np.average(found, weights=weight)),
    }
