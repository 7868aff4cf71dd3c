"""From rows as they are stored to rows as a network takes them: size and normalisation, learned once and kept with the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from softlabel.learners.augmentation.augmenter import make_augmenter
from softlabel.learners.augmentation.mixing import make_mixer
from softlabel.learners.network_settings import check_augment
from softlabel.learners.networks.build import BuiltNetwork
from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.input_rows import InputRows

_LOOKED_AT = 5000  # pictures whose pixels make mean and deviation
_AT_ONCE, _ROWS_AT_ONCE = (
    1 << 24,
    512,
)  # numbers that are looked at together, and rows: large pictures would fill the memory


@dataclass(frozen=True)
class Preparation:
    """What is done to each row before the network sees it."""

    mean: np.ndarray  # (c,) on the scale 0..1 for pictures, or (d,)
    std: np.ndarray
    size: tuple[int, int] | None  # (height, width) that pictures are brought to; None: they have it
    pictures: bool

    def on(self, device: torch.device, channels_last: bool) -> Normalisation:
        """Return the normalisation as tensors on a device."""
        mean, std = (torch.from_numpy(values.astype(np.float32)).to(device) for values in (self.mean, self.std))
        if self.pictures:
            mean, std = mean[:, None, None], std[:, None, None]  # (c, 1, 1)
        return Normalisation(mean, std, channels_last)


def learn_preparation(rows: InputRows, built: BuiltNetwork, image_size: int | None) -> Preparation:
    """Return size and normalisation: the network's own where it comes with them, else the training rows' statistics."""
    if not rows.pictures:
        if len(rows.shape) > 1:  # rows with a shape of their own come as their owner wants them
            return Preparation(np.zeros(1, np.float32), np.ones(1, np.float32), None, pictures=False)
        mean, std = _statistics(rows, range(rows.n), over=(0,))
        return Preparation(mean, std, None, pictures=False)
    size = built.input_size or (None if image_size is None else (image_size, image_size))
    if size == rows.shape[1:]:
        size = None
    if built.mean is not None and built.std is not None:
        mean, std = np.asarray(built.mean, np.float32), np.asarray(built.std, np.float32)
    else:
        step = max(rows.n // _LOOKED_AT, 1)
        mean, std = _statistics(rows, range(0, rows.n, step), over=(0, 2, 3))
    return Preparation(mean, std, size, pictures=True)


def make_resize(rows: InputRows, preparation: Preparation) -> Callable[[Tensor], Tensor] | None:
    """Return what brings pictures to the network's size; None where they have it."""
    if preparation.size is None:
        return None
    augment = make_augmenter(None, preparation.size)
    return lambda x: augment(x, 0)[0]


def make_training_views(recipe: Any, rows: InputRows, preparation: Preparation) -> tuple[Any, Any]:
    """Return augmenter and mixer of a recipe; None where there is nothing to do."""
    check_augment(recipe, pictures=rows.pictures)
    if not rows.pictures:
        return None, None
    recipe = "crop" if recipe == "auto" else recipe
    if recipe in (None, "none") and preparation.size is None:
        return None, None
    height, width = preparation.size or rows.shape[1:]
    return make_augmenter(recipe, (height, width)), make_mixer(recipe)


def _statistics(rows: InputRows, chosen: range, over: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation in double precision, chunk by chunk; a deviation of 0 becomes 1."""
    total = squares = torch.zeros(())
    count = 0
    origin: Tensor | None = None  # without it the squares of large values would drown the variance
    together = min(max(_AT_ONCE // math.prod(rows.shape), 1), _ROWS_AT_ONCE)
    for index in torch.arange(chosen.start, chosen.stop, chosen.step).split(together):
        x = rows.read(index)
        x = x.double() / 255 if x.dtype == torch.uint8 else x.double()
        if origin is None:
            origin = x.mean(dim=over, keepdim=True)
        x = x - origin
        total, squares = total + x.sum(dim=over), squares + (x**2).sum(dim=over)
        count += x.numel() // max(int(np.prod([x.shape[d] for d in range(x.ndim) if d not in over])), 1)
    assert origin is not None  # there is at least one row
    mean = total / count
    std = (squares / count - mean**2).clamp(min=0).sqrt()
    std[std < 1e-12 * (1 + mean.abs())] = 1.0
    return (mean + origin.flatten()).float().cpu().numpy(), std.float().cpu().numpy()
