"""Batches of training rows: shuffled anew each epoch, augmented, normalised, mixed; each by a seed of its own address.

What is drawn for a batch depends on (seed, epoch, batch) alone, so workers change the speed and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from softlabel.errors import FitError, SoftlabelError
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.input_rows import InputRows
from softlabel.learners.training.labelers import mixed
from softlabel.learners.training.loop import Batch
from softlabel.learners.training.processes import OneProcess, Processes
from softlabel.learners.training.seeding import address

_ORDER, _AUGMENT, _MIX = 1, 2, 3  # what a seed is for


@dataclass(frozen=True)
class Normalisation:
    """From stored values to inputs: (x - mean) / std; pictures in the scale 0..1."""

    mean: Tensor  # (c, 1, 1) or (d,), on the device
    std: Tensor
    channels_last: bool = False

    def __call__(self, x: Tensor, device: torch.device) -> Tensor:
        """Return (b, ...) float32 on the device, from uint8 pictures or numbers."""
        pictures = x.dtype == torch.uint8
        x = x.to(device, non_blocking=True).float()
        if pictures:
            x = x.div_(255)
        x = (x - self.mean) / self.std
        if x.ndim == 4:
            return x.contiguous(memory_format=torch.channels_last if self.channels_last else torch.contiguous_format)
        return x


@dataclass(frozen=True)
class ShuffledBatches:
    """All rows once an epoch.

    A last batch of a single row, of which batch normalisation could make no statistics, joins the one before it.
    """

    rows: InputRows
    normalise: Normalisation
    device: torch.device
    batch_size: int
    seed: int
    augment: Any = None  # an Augmenter, for pictures
    mix: Any = None  # a Mixer
    mixed_within: Tensor | None = None  # (n,) int: only rows of one number are mixed with each other; None: all are
    weight: Tensor | None = None  # (n,) on the device
    workers: int = 0
    processes: Processes = field(default_factory=OneProcess)

    def __len__(self) -> int:
        full, rest = divmod(self.rows.n, self.batch_size)  # of single rows, where they are asked for, none is a rest
        return max(full + (1 if rest > 1 else 0), 1)

    def steps(self, epochs: int) -> int:
        """Return how many batches so many epochs have."""
        return len(self) * epochs

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 1."""
        parts = self._parts(self._order(epoch))
        mine = [self._own(part) for part in parts]
        for number, (index, (x, view)) in enumerate(zip(mine, self._loaded(mine, epoch), strict=True)):
            x = self.normalise(x, self.device)  # (b, ...)
            if self.mix is not None:
                groups = None if self.mixed_within is None else self.mixed_within[index]
                x, blend = self.mix(x, address(self.seed, _MIX, epoch, number, self.processes.rank), groups)
                view = View(partner=blend.partner, share=blend.share, boxes=view.boxes, flipped=view.flipped)
            share, index = self._share(index, parts[number]), self._examples(index)
            weight = None if self.weight is None else mixed(self.weight[index.to(self.device)], view)
            yield Batch(index, x, view, weight, share)

    def inputs(self) -> Iterator[Tensor]:
        """Yield one epoch's inputs alone, as they come in training, unmixed: for statistics of batch normalisation."""
        for x, _ in self._loaded(self._parts(self._order(0)), 0):
            yield self.normalise(x, self.device)

    def load(self, index: Tensor, epoch: int, number: int) -> tuple[Tensor, View]:
        """Return the augmented rows of batch ``number``: uint8 pictures, or numbers."""
        x = self.rows.read(index)
        if self.augment is None:
            return x, View()
        augmented: tuple[Tensor, View] = self.augment(
            x, address(self.seed, _AUGMENT, epoch, number, self.processes.rank)
        )
        return augmented

    def _order(self, epoch: int) -> Tensor:
        """Return the rows of an epoch in their order, (n,)."""
        return self._shuffled(epoch)

    def _examples(self, index: Tensor) -> Tensor:
        """Return of which row each example of a batch is, from the rows that were loaded for it."""
        return index

    def _shuffled(self, time: int) -> Tensor:
        """Return all rows in an order (n,) of that time."""
        return torch.randperm(self.rows.n, generator=torch.Generator().manual_seed(address(self.seed, _ORDER, time)))

    def _parts(self, order: Tensor) -> list[Tensor]:
        """Cut an epoch's order into batches."""
        parts = list(order.split(self._rows_a_batch))
        if len(parts) > 1 and len(parts[-1]) == 1 < self._rows_a_batch:
            parts[-2:] = [torch.cat(parts[-2:])]
        return parts

    @property
    def _rows_a_batch(self) -> int:
        """Rows that are loaded for a batch."""
        return self.batch_size

    def _own(self, part: Tensor) -> Tensor:
        """Return this process's part of a batch."""
        if self.processes.world == 1:
            return part
        if len(part) < self.processes.world:
            raise FitError(
                f"a batch of {len(part)} rows cannot be shared by {self.processes.world} processes; give another "
                "batch_size, or fewer processes"
            )
        return part.tensor_split(self.processes.world)[self.processes.rank]

    def _share(self, own: Tensor, part: Tensor) -> float:
        """Return what makes the mean of the processes' gradients the gradient of the whole batch's mean loss."""
        if self.processes.world == 1:
            return 1.0
        if self.weight is None:
            return len(own) * self.processes.world / len(part)
        weight = self.weight.cpu()
        return float(weight[own].sum() / weight[part].sum()) * self.processes.world

    def _loaded(self, indices: list[Tensor], epoch: int) -> Iterator[tuple[Tensor, View]]:
        if self.workers == 0:
            for number, index in enumerate(indices):
                yield self.load(index, epoch, number)
            return
        for loaded in torch.utils.data.DataLoader(
            _Loading(self, indices, epoch),
            batch_size=None,  # an item is a batch already
            shuffle=False,
            num_workers=min(self.workers, len(indices)),
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator(),  # the loader draws a seed for its workers: not from the global generator
        ):
            if isinstance(loaded, SoftlabelError):
                raise loaded
            yield loaded


class _Loading(torch.utils.data.Dataset):
    """An epoch's batches, for the workers of a loader."""

    def __init__(self, batches: ShuffledBatches, indices: list[Tensor], epoch: int) -> None:
        self._batches, self._indices, self._epoch = batches, indices, epoch

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, number: int) -> tuple[Tensor, View] | SoftlabelError:
        try:
            return self._batches.load(self._indices[number], self._epoch, number)
        except SoftlabelError as error:
            return error  # raised, the loader would put its traceback in place of the message
