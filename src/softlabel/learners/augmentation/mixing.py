"""Mixup and CutMix: each image of a batch is mixed with another one, and the view says in which share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from softlabel.learners.augmentation.recipes import check_recipe, parse
from softlabel.learners.augmentation.view import View


class Mixer:
    """Mixes each image of a batch with the one before it (the first with the last), all in the same share.

    - mixup (Zhang et al. 2018): ``x' = share x + (1 - share) x[partner]`` with share ~ Beta(alpha, alpha)
    - CutMix (Yun et al. 2019): a box of ``x[partner]`` replaces that of x; its centre is uniform, its area aims at
      1 - lambda with lambda ~ Beta(alpha, alpha), and what reaches beyond the image is cut off. The share is the area
      of x that was kept, exactly.

    Both draw one share a batch and take the neighbour in the batch as partner, as ``torchvision.transforms.v2`` does;
    batches must be shuffled.

    Parameters
    ----------
    mixup, cutmix : float or None
        Alpha of each; None: not used. With both, each batch gets one of them with even chances.
    """

    def __init__(self, mixup: float | None = None, cutmix: float | None = None) -> None:
        self.mixup = mixup
        self.cutmix = cutmix
        self._kinds = [(cut, alpha) for cut, alpha in ((False, mixup), (True, cutmix)) if alpha is not None]

    def __call__(self, x: Tensor, seed: int) -> tuple[Tensor, View]:
        """Mix a batch.

        Parameters
        ----------
        x : (b, c, h, w) float, on any device
            It is not changed.
        seed : int, 0 or more

        Returns
        -------
        x : (b, c, h, w)
        view : View
            ``partner`` and ``share``. Whoever labels the batch mixes the target rows alike.
        """
        b, _, h, w = x.shape
        draws = np.random.default_rng(seed)
        cut, alpha = self._kinds[int(draws.integers(len(self._kinds)))]
        share = float(draws.beta(alpha, alpha))
        if cut:
            top, bottom, left, right = _box(share, h, w, draws)
            mixed = x.clone()
            mixed[..., top:bottom, left:right] = x.roll(1, 0)[..., top:bottom, left:right]
            share = 1.0 - (bottom - top) * (right - left) / (h * w)
        else:
            mixed = x.roll(1, 0).mul_(1.0 - share).add_(x, alpha=share)
        partner = (torch.arange(b, device=x.device) - 1) % max(b, 1)  # (b,)
        return mixed, View(partner=partner, share=torch.full((b,), share, device=x.device))


def make_mixer(recipe: str | Callable[[Any], Any] | None) -> Mixer | None:
    """Return what mixes batches as the recipe's words ``mixup`` and ``cutmix`` say; None where it has neither.

    Raises
    ------
    InputError
        If the recipe cannot be read, see :func:`~softlabel.learners.augmentation.recipes.parse`.
    """
    check_recipe(recipe)
    if recipe is None or not isinstance(recipe, str):
        return None
    parts = parse(recipe, (32, 32))
    return None if parts.mixup is None and parts.cutmix is None else Mixer(parts.mixup, parts.cutmix)


def _box(share: float, h: int, w: int, draws: np.random.Generator) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of the box to be replaced; torchvision's rounding."""
    column, row = int(draws.integers(w)), int(draws.integers(h))
    half = 0.5 * math.sqrt(1.0 - share)  # half a side of the box, as a part of the image's
    half_w, half_h = int(half * w), int(half * h)
    return max(row - half_h, 0), min(row + half_h, h), max(column - half_w, 0), min(column + half_w, w)
