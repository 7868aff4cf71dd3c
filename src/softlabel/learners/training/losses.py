"""Losses of a whole batch against target rows.

What a network is told is made of two parts: how far it is from each row, (b,), and which mean of these numbers counts: that over
all rows, or over the hardest share of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

# The least mass of a class that reverse_kl sees in a target row. It bounds what a row can cost by 16.1, and is the bound of the
# distances from a reference (metrics/distributions.py).
_SMALLEST_MASS = 1e-7

RowLosses = Callable[[Tensor, Tensor], Tensor]  # outputs (b, m), target rows (b, m) -> (b,)


def cross_entropy(output: Tensor, targets: Tensor) -> Tensor:
    """Return -sum_c q_c log p_c of each row, p = softmax(output).

    On one-hot rows this is ``torch.nn.functional.cross_entropy``. Its gradient is that of the KL divergence (the loss of
    Stochastic Label Refinery, section II), since the entropy of the targets does not depend on the network.
    """
    return -(targets * torch.log_softmax(output, dim=1)).sum(dim=1)


def kl_divergence(output: Tensor, targets: Tensor) -> Tensor:
    """Return KL(q || p) = sum_c q_c (log q_c - log p_c) of each row, p = softmax(output).

    0 where the network answers the target itself. Its mean is ``torch.nn.KLDivLoss(reduction="batchmean")``; the "mean" of that
    class would also divide by the number of classes.
    """
    return (torch.special.xlogy(targets, targets) - targets * torch.log_softmax(output, dim=1)).sum(dim=1)


def reverse_kl(output: Tensor, targets: Tensor) -> Tensor:
    """Return KL(p || q) = sum_c p_c (log p_c - log q_c) of each row, p = softmax(output): the divergence from output to label.

    0 where the network answers the target itself. Mass that the network gives to a class without mass in the target would cost
    without bound, so q counts as at least 1e-7 (ours; rows are not divided by their sum again): a row costs -log 1e-7 = 16.1 at
    most, and down to -1e-7 k where targets have zeros. Unlike in :func:`kl_divergence`, a class that the target has and the network
    leaves out costs little: the network may settle on one of several. Label Refinery (Bagherinezhad et al. 2018), table 7.
    """
    log_p = torch.log_softmax(output, dim=1)
    return (log_p.exp() * (log_p - targets.clamp(min=_SMALLEST_MASS).log())).sum(dim=1)


def squared_gap(output: Tensor, targets: Tensor) -> Tensor:
    """Return sum_c (p_c - q_c)^2 of each row, p = softmax(output): from 0 to 2, on one-hot rows the Brier score.

    The "l2 loss" of Label Refinery (Bagherinezhad et al. 2018), table 7, which does not say of what: between probabilities, a sum
    over classes and no root, is our reading. Its gradient vanishes where a network is sure of a wrong class.
    """
    return (torch.softmax(output, dim=1) - targets).square().sum(dim=1)


def squared_emd(output: Tensor, targets: Tensor) -> Tensor:
    """Return the squared earth mover's distance of each row: sum_j (P_j - Q_j)^2, the squared gap of cumulative masses.

    P_j = p_1 + ... + p_j with p = softmax(output), Q_j the same of the target row; columns are in the order of the grades. Mass
    that is d grades off costs d on one-hot rows, where cross entropy sees no difference. Hou, Yu and Samaras 2016, "Squared
    earth mover's distance-based loss for training deep neural networks", section 3, with exponent 2 and without the outer
    root; also called the ranked probability score.
    """
    # The last gap is 0 but for rounding, as all mass lies below it.
    return (torch.softmax(output, dim=1) - targets).cumsum(dim=1).square().sum(dim=1)


def binary_cross_entropy(output: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over the entries of a row of -q log p - (1 - q) log(1 - p), p = sigmoid(output).

    Equivalent to ``torch.nn.BCEWithLogitsLoss`` once rows are averaged.
    """
    return F.binary_cross_entropy_with_logits(output, targets, reduction="none").mean(dim=1)


def binary_entropy(targets: Tensor) -> Tensor:
    """Return the mean over the entries of a row of -q log q - (1 - q) log(1 - q): the least that binary cross entropy can be."""
    return -(torch.special.xlogy(targets, targets) + torch.special.xlogy(1 - targets, 1 - targets)).mean(dim=1)


def smooth_l1(output: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over the columns of a row of d^2 / 2 where |d| < 1, else |d| - 1/2; d = output - target.

    ``torch.nn.SmoothL1Loss`` with beta 1, Huber's loss at 1: the loss of the paper's code on grades.
    """
    return F.smooth_l1_loss(output, targets, reduction="none").mean(dim=1)


def squared_error(output: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over the columns of a row of (output - target)^2, as ``torch.nn.MSELoss``."""
    return (output - targets).square().mean(dim=1)


@dataclass(frozen=True)
class MeanLoss:
    """The weighted mean over all rows: sum w l / sum w."""

    rows: RowLosses

    def __call__(self, output: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        return weighted_mean(self.rows(output, targets), weight)


@dataclass(frozen=True)
class HardestLoss:
    """The weighted mean over the hardest share of a batch (online hard example mining, Shrivastava et al. 2016, section 4.2).

    The rows with the largest losses count until they hold ``share`` of the batch's weight, the last of them with the part of its
    weight that is still wanted. So a row of weight 2 is the row given twice, here too, and where ``share`` times the rows is a
    whole number h the loss is the mean of the h largest. Of a share below one row the largest loss remains. Which rows are hard is
    decided anew in each batch; no gradient flows through the choice.

    Parameters
    ----------
    rows : function of outputs and target rows (b, m) that returns (b,)
    share : float
        Above 0, up to 1.
    """

    rows: RowLosses
    share: float

    def __call__(self, output: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        losses = self.rows(output, targets)  # (b,)
        order = losses.detach().argsort(descending=True, stable=True)
        ranked = torch.ones_like(losses) if weight is None else weight[order]
        over = (ranked.cumsum(0) - self.share * ranked.sum()).clamp(
            min=0
        )  # (b,) weight beyond the share, this row included
        return weighted_mean(losses[order], (ranked - over).clamp(min=0))


@dataclass(frozen=True)
class TrustedLoss:
    """A loss whose rows are weighted by the column that stands beside their targets, where one does.

    A row's own weight is multiplied by it.
    """

    loss: Callable[[Tensor, Tensor, Tensor | None], Tensor]

    def __call__(self, output: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        m = output.shape[1]
        if targets.shape[1] > m:
            trust = targets[:, m]  # (b,)
            weight = trust if weight is None else weight * trust
        return self.loss(output, targets[:, :m], weight)


def weighted_mean(losses: Tensor, weight: Tensor | None) -> Tensor:
    """Return sum w l / sum w over the rows of a batch, (b,) to a scalar."""
    if weight is None:
        return losses.mean()
    return (losses * weight).sum() / weight.sum()
