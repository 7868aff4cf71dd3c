"""Crops that can be made again: drawn once, stored as box and flip, cut whenever they are needed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from softlabel.learners.augmentation.draws import generator, image_seeds, step_seeds
from softlabel.learners.augmentation.geometry import cut_shifted, mirrored, padded_boxes, random_flips, resized
from softlabel.learners.augmentation.image_by_image import cut_resized, resized_boxes
from softlabel.learners.augmentation.recipes import Recipe


def draw_crops(recipe: Recipe, size: tuple[int, int], seeds: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Draw crops of images of a size (height, width), one for each seed.

    Crop i is what an :class:`~softlabel.learners.augmentation.augmenter.Augmenter` of the recipe makes of one image with seed i.

    Returns
    -------
    boxes : (m, 4) int64
        Top, left, height and width.
    flips : (m,) bool
    """
    steps = [step_seeds(seed) for seed in seeds]
    draws = [generator(of_geometry) for of_geometry, _, _ in steps]
    if recipe.resized_crop is not None:
        own = [image_seeds(of_boxes, 1)[0] for _, of_boxes, _ in steps]
        boxes = resized_boxes(size, recipe.resized_crop, own)  # (m, 4)
    elif recipe.crop:
        boxes = torch.cat([padded_boxes(1, size, recipe.padding, one) for one in draws])  # (m, 4)
    else:
        boxes = torch.tensor([0, 0, *size]).repeat(len(steps), 1)  # (m, 4)
    if recipe.flip is None:
        return boxes, torch.zeros(len(steps), dtype=torch.bool)
    return boxes, torch.cat([random_flips(1, recipe.flip, one) for one in draws])


def cut_crops(x: Tensor, which: Tensor, boxes: Tensor, flips: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut crops out of images: the box (black beyond the image), resized, then mirrored.

    Parameters
    ----------
    x : (b, c, h, w) uint8
        It is not changed.
    which : (m,) int64
        Which of the images each crop is of.
    boxes, flips : (m, 4) int64, (m,) bool, on the CPU
    size : (height, width)

    Returns
    -------
    (m, c, height, width) uint8
    """
    if (boxes[:, 2:] == torch.tensor(x.shape[2:])).all():
        cut = resized(cut_shifted(x[which.to(x.device)], boxes), size)
    else:
        cut = cut_resized((x[at] for at in which.tolist()), boxes, size)
    return mirrored(cut, flips.to(x.device))
