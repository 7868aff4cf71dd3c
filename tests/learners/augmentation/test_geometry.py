from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as oracle

from softlabel.learners.augmentation.draws import generator
from softlabel.learners.augmentation.geometry import cut_shifted, mirrored, padded_crop, random_flip, resized


def images(b=40, c=3, h=16, w=24):
    return torch.randint(1, 256, (b, c, h, w), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("padding", "rows", "columns"), [(None, 2, 3), (5, 5, 5), (0, 0, 0), (15, 15, 15)])
def test_crops_are_those_of_the_boxes(padding, rows, columns):
    x = images()
    crops, boxes = padded_crop(x, padding, generator(1))
    assert crops.shape == x.shape
    assert crops.dtype == torch.uint8
    assert boxes.shape == (40, 4)
    assert boxes[:, 0].abs().max() <= rows
    assert boxes[:, 1].abs().max() <= columns
    for image, crop, (top, left, height, width) in zip(x, crops, boxes.tolist(), strict=True):
        assert (height, width) == (16, 24)
        padded = oracle.pad(image, [columns, rows])  # black
        assert torch.equal(crop, oracle.crop(padded, top + rows, left + columns, height, width))
        assert torch.equal(crop, oracle.crop(image, top, left, height, width))


def test_every_offset_comes_about_equally_often():
    _, boxes = padded_crop(torch.zeros(9000, 1, 8, 8, dtype=torch.uint8), None, generator(1))
    offsets, counts = boxes[:, :2].unique(dim=0, return_counts=True)
    assert offsets.tolist() == [[top, left] for top in (-1, 0, 1) for left in (-1, 0, 1)]
    assert counts.min() > 850  # 1000 +- 30
    assert counts.max() < 1150


def test_flipped_images_are_those_said():
    x = images()
    y, flipped = random_flip(x, 0.5, generator(1))
    assert 0 < flipped.sum() < 40
    for image, changed, was in zip(x, y, flipped.tolist(), strict=True):
        assert torch.equal(changed, oracle.horizontal_flip(image) if was else image)


@pytest.mark.parametrize("probability", [0.0, 0.2, 1.0])
def test_share_of_flips(probability):
    _, flipped = random_flip(torch.zeros(4000, 1, 1, 1), probability, generator(1))
    assert flipped.float().mean().item() == pytest.approx(probability, abs=0.025 if 0 < probability < 1 else 0)


@pytest.mark.parametrize("size", [(8, 12), (32, 24), (16, 24), (15, 40)])
def test_resizing_is_that_of_pillow(size):
    x = images(3)
    y = resized(x, size)
    assert y.dtype == torch.uint8
    for image, changed in zip(x, y, strict=True):
        pillow = Image.fromarray(image.permute(1, 2, 0).numpy()).resize(size[::-1], Image.Resampling.BILINEAR)
        difference = changed.permute(1, 2, 0).numpy().astype(int) - np.asarray(pillow)
        assert np.abs(difference).max() <= 1


def test_the_right_size_is_not_copied():
    x = images(3)
    assert resized(x, (16, 24)) is x


def test_shifted_boxes_by_hand():
    x = torch.arange(8, dtype=torch.uint8).reshape(2, 1, 2, 2)
    boxes = torch.tensor([[1, -1, 2, 2], [0, 0, 2, 2]])
    assert cut_shifted(x, boxes)[:, 0].tolist() == [[[0, 2], [0, 0]], [[4, 5], [6, 7]]]
    assert mirrored(x, torch.tensor([True, False]))[:, 0].tolist() == [[[1, 0], [3, 2]], [[4, 5], [6, 7]]]
