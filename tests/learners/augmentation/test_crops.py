import numpy as np
import pytest
import torch

from softlabel.learners.augmentation.augmenter import make_augmenter
from softlabel.learners.augmentation.crops import cut_crops, draw_crops
from softlabel.learners.augmentation.recipes import parse

RECIPES = ["crop", "crop:3+flip", "resized_crop", "resized_crop:0.3+flip:0.7", "flip", "none"]


def images(n=6, h=12, w=10):
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (n, 3, h, w), dtype=np.uint8))


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("size", [(12, 10), (8, 9)])
def test_cut_again_they_are_what_the_augmenter_made(recipe, size):
    x = images()
    augmented, view = make_augmenter(recipe, size)(x, 5)
    boxes = view.boxes if view.boxes is not None else torch.tensor([[0, 0, 12, 10]] * 6)
    flips = view.flipped if view.flipped is not None else torch.zeros(6, dtype=torch.bool)
    assert torch.equal(cut_crops(x, torch.arange(6), boxes, flips, size), augmented)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_crop_is_what_the_augmenter_makes_of_one_image_with_its_seed(recipe):
    x, seeds = images(), [3, 2**40, 7, 0, 11, 5]
    boxes, flips = draw_crops(parse(recipe, (8, 8)), (12, 10), seeds)
    augment = make_augmenter(recipe, (8, 8))
    by_one = torch.cat([augment(image[None], seed)[0] for image, seed in zip(x, seeds, strict=True)])
    assert torch.equal(cut_crops(x, torch.arange(6), boxes, flips, (8, 8)), by_one)


def test_several_crops_of_one_image_by_hand():
    x = torch.arange(16, dtype=torch.uint8).reshape(1, 1, 4, 4)
    boxes = torch.tensor([[0, 0, 2, 2], [2, 1, 2, 2], [-1, -1, 2, 2], [3, 3, 2, 2]])
    flips = torch.tensor([False, True, False, False])
    cut = cut_crops(x, torch.zeros(4, dtype=torch.int64), boxes, flips, (2, 2))
    assert cut[:, 0].tolist() == [[[0, 1], [4, 5]], [[10, 9], [14, 13]], [[0, 0], [0, 0]], [[15, 0], [0, 0]]]


def test_what_lies_wholly_beyond_the_image_is_black():
    x = images(1)
    for box in ([-9, 0, 4, 4], [0, -9, 4, 4], [20, 0, 4, 4], [0, 20, 4, 4]):
        assert not cut_crops(x, torch.tensor([0]), torch.tensor([box]), torch.tensor([False]), (4, 4)).any()


def test_images_are_left_as_they_are_and_so_are_global_generators():
    x = images()
    before, state = x.clone(), torch.get_rng_state()
    boxes, flips = draw_crops(parse("resized_crop+flip", (8, 8)), (12, 10), range(6))
    cut_crops(x, torch.arange(6), boxes, flips, (8, 8))
    assert torch.equal(x, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_boxes_lie_in_the_image_and_areas_in_their_limits():
    boxes, flips = draw_crops(parse("resized_crop:0.25+flip", (8, 8)), (40, 30), range(300))
    top, left, height, width = boxes.T
    assert (top >= 0).all()
    assert (left >= 0).all()
    assert (top + height <= 40).all()
    assert (left + width <= 30).all()
    area = height * width / 1200
    assert area.min() > 0.2
    assert area.max() > 0.9
    assert 100 < int(flips.sum()) < 200
