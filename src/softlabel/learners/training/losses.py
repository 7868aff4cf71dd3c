"""Losses of a whole batch against target rows; each takes logits (b, m), targets (b, m) and row weights (b,) or None."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from softlabel.errors import InputError


class SoftCrossEntropy:
    """Cross entropy to target rows: the weighted mean over rows of -sum_c q_c log p_c, p = softmax(output).

    On one-hot rows this is ``torch.nn.functional.cross_entropy``. Its gradient is that of the KL divergence (the loss of
    Stochastic Label Refinery, section II), since the entropy of the targets does not depend on the network.
    """

    def __call__(self, output: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        return weighted_mean(-(targets * torch.log_softmax(output, dim=1)).sum(dim=1), weight)


class KLDivergence:
    """Kullback-Leibler divergence KL(q || p): the weighted mean over rows of sum_c q_c (log q_c - log p_c).

    0 where the network answers the target itself. Equivalent to ``torch.nn.KLDivLoss(reduction="batchmean")``; the "mean"
    of that class would also divide by the number of classes.
    """

    def __call__(self, output: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        rows = (torch.special.xlogy(targets, targets) - targets * torch.log_softmax(output, dim=1)).sum(dim=1)  # (b,)
        return weighted_mean(rows, weight)


def weighted_mean(losses: Tensor, weight: Tensor | None) -> Tensor:
    """Return sum w l / sum w over the rows of a batch, (b,) to a scalar."""
    if weight is None:
        return losses.mean()
    return (losses * weight).sum() / weight.sum()


LOSSES = {"cross_entropy": SoftCrossEntropy, "kl": KLDivergence}


def make_loss(loss: Any) -> Any:
    """Return the loss of a name (``cross_entropy``, ``kl``), or the callable that was given."""
    if callable(loss):
        return loss
    if isinstance(loss, str) and loss in LOSSES:
        return LOSSES[loss]()
    raise InputError(f"loss={loss!r}; give one of {', '.join(LOSSES)}, or a callable of (output, targets, weight)")
