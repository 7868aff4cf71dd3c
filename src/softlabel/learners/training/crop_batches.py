"""Batches of stored crops: a few pictures, each decoded once, and several crops of each; and the labels of these crops."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from softlabel.learners.augmentation.crops import cut_crops
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.store.crop_shards import Crops


class CropLabels:
    """Labels each crop with its stored row.

    Parameters
    ----------
    crops : Crops
        Of the n training rows, in their order.
    columns : (k,) int
        Which of the stored classes is each column of a target row.
    """

    def __init__(self, crops: Crops, columns: np.ndarray) -> None:
        self._crops, self._columns = crops, columns

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return the target rows (b, k) of a batch."""
        assert view.crop is not None  # these batches say it
        rows = self._crops.take((index.cpu().numpy(), view.crop.cpu().numpy())).targets()  # (b, k) as stored
        return torch.from_numpy(np.ascontiguousarray(rows[:, self._columns])).to(x.device)

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """Stored rows learn nothing."""


@dataclass(frozen=True)
class CropBatches(ShuffledBatches):
    """As many crops an epoch as there are rows: a part of the pictures, several crops of each.

    With m crops of a picture at a time, a batch holds ``batch_size // m`` pictures and an epoch one m-th of all; over m epochs each
    picture comes once. At its v-th time, from 0, a picture shows the stored crops v m to v m + m - 1, counted around: all of them
    come equally often.
    """

    crops: Any = None  # Crops of the n rows
    crops_per_image: int = 1
    size: tuple[int, int] = (1, 1)  # that crops are resized to
    labeler: Any = field(default=None, compare=False)

    def __len__(self) -> int:
        return max(self._n_batches(epoch) for epoch in range(1, self.crops_per_image + 1))

    def steps(self, epochs: int) -> int:
        """Return how many batches so many epochs have; they may differ by one."""
        return sum(self._n_batches(epoch) for epoch in range(1, epochs + 1))

    def load(self, index: Tensor, epoch: int, number: int) -> tuple[Tensor, View]:
        """Return the crops of the pictures of a batch: uint8, those of one picture after another."""
        m = self.crops_per_image
        visit = (epoch - 1) // m
        crop = (torch.arange(m) + visit * m) % self.crops.boxes.shape[1]  # (m,)
        crop = crop.repeat(len(index))  # (b m,)
        at = (self._examples(index).cpu().numpy(), crop.numpy())
        boxes = torch.from_numpy(self.crops.boxes[at].astype(np.int64))  # (b m, 4)
        flips = torch.from_numpy(self.crops.flips[at])  # (b m,)
        x = self.rows.read(index)  # (b, c, h, w)
        which = torch.arange(len(index)).repeat_interleave(m)
        return cut_crops(x, which, boxes, flips, self.size), View(boxes=boxes, flipped=flips, crop=crop)

    def _examples(self, index: Tensor) -> Tensor:
        return index.repeat_interleave(self.crops_per_image)

    def _order(self, epoch: int) -> Tensor:
        visit, part = divmod(epoch - 1, self.crops_per_image)
        return self._shuffled(visit + 1).tensor_split(self.crops_per_image)[part]  # a visit is as long as a plain epoch

    @property
    def _rows_a_batch(self) -> int:
        return self.batch_size // self.crops_per_image

    def _n_batches(self, epoch: int) -> int:
        return len(self._parts(self._order(epoch)))
