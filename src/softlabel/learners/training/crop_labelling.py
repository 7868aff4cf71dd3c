"""The work of labelling crops: pictures of one shard are decoded once, all their crops are cut and answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from softlabel.learners.augmentation.crops import cut_crops, draw_crops
from softlabel.learners.augmentation.recipes import Recipe
from softlabel.learners.training.input_rows import InputRows
from softlabel.learners.training.labelling_networks import mean_answer
from softlabel.learners.training.seeding import address
from softlabel.targets.top_classes import top_classes

_ORDER, _CROP = 1, 2  # what a seed is for

Answer = Callable[[Tensor], Tensor]
Labels = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def shuffled_order(n: int, seed: int) -> np.ndarray:
    """Return an order (n,) of pictures, in which each shard is a sample of all: of sorted ones, batches would hold one class."""
    return np.random.default_rng(address(seed, _ORDER)).permutation(n)


def label_rows(
    rows: np.ndarray,
    pictures: InputRows,
    answers: Sequence[Answer],
    *,
    recipe: Recipe,
    seed: int,
    n_crops: int,
    top: int,
    input_size: tuple[int, int],
    batch_size: int,
) -> Labels:
    """Draw, cut and label the crops of some pictures.

    A batch holds one crop of each of its pictures, so that batch normalisation by the batch sees as many pictures as it can.

    Parameters
    ----------
    rows : (b,) int
        Positions of the pictures; with the seed and the number of the crop, they are the address of what is drawn.
    answers : functions of crops
        Their mean is the label.

    Returns
    -------
    boxes (b, c, 4), flips (b, c), class_ids (b, c, t), probabilities (b, c, t)
    """
    x = pictures.read(torch.from_numpy(rows))  # (b, c, h, w)
    b, found = len(rows), []
    for crop in range(n_crops):
        boxes, flips = draw_crops(
            recipe, (x.shape[2], x.shape[3]), [address(seed, _CROP, int(row), crop) for row in rows]
        )
        labels = []
        for part in torch.arange(b).tensor_split(-(-b // batch_size)):
            crops = cut_crops(x, part, boxes[part], flips[part], input_size)  # (p, c, height, width)
            said = mean_answer([answer(crops) for answer in answers])  # (p, k)
            labels.append(said.double().cpu().numpy())
        found.append((boxes.numpy(), flips.numpy(), *top_classes(np.concatenate(labels), top)))
    stacked = [np.stack(parts, axis=1) for parts in zip(*found, strict=True)]  # each (b, c, ...)
    return stacked[0], stacked[1], stacked[2], stacked[3]
