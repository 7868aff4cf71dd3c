"""Who labels a batch. Here: stored rows; labelers that learn are further classes of the same shape."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from softlabel.learners.augmentation.view import View


class StoredTargets:
    """Labels each row with its stored target row, mixed as its image was mixed.

    An image made of a share s of image i and 1 - s of image j has the target s T[i] + (1 - s) T[j] (mixup: Zhang et al.
    2018, equation 2; CutMix: Yun et al. 2019, equation 1); one of four images the sum of four such terms (RICAP: Takahashi et
    al. 2018).

    Parameters
    ----------
    targets : (n, m) float32 tensor, on the device of the training
    """

    def __init__(self, targets: Tensor) -> None:
        self._targets = targets

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return the target rows (b, m) of a batch."""
        return mixed(self._targets[index.to(self._targets.device)], view)

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """Stored rows learn nothing."""


def beside_teacher(targets: Tensor, teacher: np.ndarray) -> StoredTargets:
    """Return the labeler of given rows (n, m) with a teacher's rows (n, m) beside them: it hands out (b, 2m)."""
    return StoredTargets(torch.cat([targets, torch.from_numpy(teacher).to(targets)], dim=1))


def mixed(values: Tensor, view: View) -> Tensor:
    """Return values (b,) or (b, m) of the rows of a batch, mixed in the shares in which their images were.

    ``s values + (1 - s) values[partner]``, with several partners ``s_0 values + sum_j s_j values[partner_j]``; as they are where
    nothing was mixed.
    """
    if view.partner is None or view.share is None:
        return values
    share, partner = view.share.to(values.device, values.dtype), view.partner.to(values.device)
    if share.ndim == 2:  # (b, 1 + p)
        parts = torch.cat([values[:, None], values[partner]], dim=1)  # (b, 1 + p) or (b, 1 + p, m)
        return ((share if values.ndim == 1 else share[..., None]) * parts).sum(dim=1)
    if values.ndim == 2:
        share = share[:, None]  # (b, 1)
    return share * values + (1 - share) * values[partner]
