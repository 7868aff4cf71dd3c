"""Mixup, CutMix and RICAP: each image of a batch is mixed with others of it, and the view says in which shares."""

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
    """Mixes each image of a batch with the one before it (the first with the last), all in the same shares.

    - mixup (Zhang et al. 2018): ``x' = share x + (1 - share) x[partner]`` with share ~ Beta(alpha, alpha)
    - CutMix (Yun et al. 2019): a box of ``x[partner]`` replaces that of x; its centre is uniform, its area aims at
      1 - lambda with lambda ~ Beta(alpha, alpha), and what reaches beyond the image is cut off. The share is the area
      of x that was kept, exactly.
    - RICAP (Takahashi, Matsubara and Uehara 2018, "Data augmentation using random image cropping and patching for deep
      CNNs"): a point with both coordinates ~ Beta(beta, beta) cuts the image in four. Each part shows a
      crop of that size, from anywhere, of another image: top left x itself, then the one before it, the one before
      that, and so on. The shares are the areas of the parts, exactly. In the paper four random orders of the batch
      meet in each part; in a shuffled batch neighbours are as random, and never the same image twice where the batch
      has four.

    All draw once a batch and take neighbours in the batch as partners, as ``torchvision.transforms.v2`` does for the
    first two; batches must be shuffled.

    Parameters
    ----------
    mixup, cutmix, ricap : float or None
        Alpha of the first two and beta of the last; None: not used. With several, each batch gets one of them with even
        chances.
    """

    def __init__(self, mixup: float | None = None, cutmix: float | None = None, ricap: float | None = None) -> None:
        self.mixup = mixup
        self.cutmix = cutmix
        self.ricap = ricap
        ways = ((_blend, mixup), (_replace_box, cutmix), (_patch, ricap))
        self._ways = [(way, number) for way, number in ways if number is not None]

    def __call__(self, x: Tensor, seed: int, groups: Tensor | None = None) -> tuple[Tensor, View]:
        """Mix a batch.

        Parameters
        ----------
        x : (b, c, h, w) float, on any device
            It is not changed.
        seed : int, 0 or more
        groups : (b,) int, optional
            An image is mixed with those of its own group alone: with the one before it among these, the first with the
            last. An image that has no other in its group is mixed with itself. None: the batch is one group.

        Returns
        -------
        x : (b, c, h, w)
        view : View
            ``partner`` and ``share``. Whoever labels the batch mixes the target rows alike.
        """
        draws = np.random.default_rng(seed)
        way, number = self._ways[int(draws.integers(len(self._ways)))]
        return way(x, _before(len(x), groups, x.device), number, draws)


def make_mixer(recipe: str | Callable[[Any], Any] | None) -> Mixer | None:
    """Return what mixes batches as the recipe's words ``mixup``, ``cutmix`` and ``ricap`` say; None where it has none of them.

    Raises
    ------
    InputError
        If the recipe cannot be read, see :func:`~softlabel.learners.augmentation.recipes.parse`.
    """
    check_recipe(recipe)
    if recipe is None or not isinstance(recipe, str):
        return None
    parts = parse(recipe, (32, 32))
    numbers = (parts.mixup, parts.cutmix, parts.ricap)
    return None if numbers == (None, None, None) else Mixer(*numbers)


def _before(b: int, groups: Tensor | None, device: torch.device) -> Tensor:
    """Return the position (b,) of the image before each one in its group, of the last one for the first."""
    if groups is None:
        return (torch.arange(b, device=device) - 1) % max(b, 1)
    grouped = groups.to(device).argsort(stable=True)  # (b,) positions, group by group
    of = groups.to(device)[grouped]  # (b,)
    _, sizes = torch.unique_consecutive(of, return_counts=True)
    last = sizes.cumsum(0)  # where in `grouped` each group ends
    from_where = torch.arange(b, device=device) - 1  # (b,)
    from_where[last - sizes] = last - 1
    before = torch.empty_like(grouped)
    before[grouped] = grouped[from_where]
    return before


def _blend(x: Tensor, before: Tensor, alpha: float, draws: np.random.Generator) -> tuple[Tensor, View]:
    share = float(draws.beta(alpha, alpha))
    mixed = x[before].mul_(1.0 - share).add_(x, alpha=share)
    return mixed, View(partner=before, share=torch.full((len(x),), share, device=x.device))


def _replace_box(x: Tensor, before: Tensor, alpha: float, draws: np.random.Generator) -> tuple[Tensor, View]:
    b, _, h, w = x.shape
    share = float(draws.beta(alpha, alpha))
    top, bottom, left, right = _box(share, h, w, draws)
    mixed = x.clone()
    mixed[..., top:bottom, left:right] = x[before][..., top:bottom, left:right]
    share = 1.0 - (bottom - top) * (right - left) / (h * w)
    return mixed, View(partner=before, share=torch.full((b,), share, device=x.device))


def _patch(x: Tensor, before: Tensor, beta: float, draws: np.random.Generator) -> tuple[Tensor, View]:
    b, _, h, w = x.shape
    row, column = round(float(draws.beta(beta, beta)) * h), round(float(draws.beta(beta, beta)) * w)
    mixed = torch.empty_like(x)
    who = torch.arange(b, device=x.device)
    shown, areas = [], []
    for top, bottom, left, right in (
        (0, row, 0, column),
        (0, row, column, w),
        (row, h, 0, column),
        (row, h, column, w),
    ):
        high, wide = bottom - top, right - left
        down, across = int(draws.integers(h - high + 1)), int(draws.integers(w - wide + 1))
        mixed[..., top:bottom, left:right] = x[who][..., down : down + high, across : across + wide]
        shown.append(who)
        areas.append(high * wide / (h * w))
        who = before[who]
    return mixed, View(partner=torch.stack(shown[1:], dim=1), share=torch.tensor(areas, device=x.device).repeat(b, 1))


def _box(share: float, h: int, w: int, draws: np.random.Generator) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of the box to be replaced; torchvision's rounding."""
    column, row = int(draws.integers(w)), int(draws.integers(h))
    half = 0.5 * math.sqrt(1.0 - share)  # half a side of the box, as a part of the image's
    half_w, half_h = int(half * w), int(half * h)
    return max(row - half_h, 0), min(row + half_h, h), max(column - half_w, 0), min(column + half_w, w)
