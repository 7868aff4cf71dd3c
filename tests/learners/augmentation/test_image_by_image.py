from __future__ import annotations

import sys

import pytest
import torch
from torchvision.transforms import v2

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.augmentation.draws import image_seeds
from softlabel.learners.augmentation.image_by_image import each_image, policy_transform, resized_crop, transforms_v2
from softlabel.learners.augmentation.recipes import Recipe


def images(b=12, c=3, h=16, w=24):
    return torch.randint(1, 256, (b, c, h, w), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def one_by_one(transform, x, seed):
    """What the transform does to each image after the generator was seeded for it."""
    with torch.random.fork_rng(devices=[]):
        changed = []
        for image, own in zip(x, image_seeds(seed, len(x)), strict=True):
            torch.manual_seed(own)
            changed.append(transform(image))
        return torch.stack(changed)


@pytest.mark.parametrize(
    ("recipe", "oracle"),
    [
        (Recipe(policy="cifar10"), lambda: v2.AutoAugment(v2.AutoAugmentPolicy.CIFAR10, fill=128)),
        (Recipe(policy="imagenet"), lambda: v2.AutoAugment(v2.AutoAugmentPolicy.IMAGENET, fill=128)),
        (Recipe(policy="randaugment", magnitude=5), lambda: v2.RandAugment(2, 5, fill=128)),
        (Recipe(erasing=0.25), lambda: v2.RandomErasing(0.25)),
        (
            Recipe(policy="randaugment", erasing=1.0),
            lambda: v2.Compose([v2.RandAugment(fill=128), v2.RandomErasing(1.0)]),
        ),
    ],
)
def test_policies_are_torchvisions(recipe, oracle):
    x = images()
    y = each_image(policy_transform(recipe, 3), x, 4)
    assert y.dtype == torch.uint8
    assert torch.equal(y, one_by_one(oracle(), x, 4))
    assert not torch.equal(y, x)


@pytest.mark.parametrize("policy", ["cifar10", "imagenet", "randaugment"])
def test_grey_images_have_policies_too(policy):
    x = images(c=1)
    assert each_image(policy_transform(Recipe(policy=policy), 1), x, 4).shape == x.shape


def test_policies_do_not_know_other_channels():
    with pytest.raises(InputError, match="images have 4 channels"):
        policy_transform(Recipe(policy="cifar10"), 4)
    x = images(c=4)
    assert each_image(policy_transform(Recipe(erasing=1.0), 4), x, 4).shape == x.shape


def test_neither_policy_nor_erasing_is_no_transform():
    assert policy_transform(Recipe(crop=True, flip=0.5, mixup=1.0), 3) is None


def test_resized_crops_are_those_of_the_boxes():
    x = images(60, h=40, w=30)
    crops, boxes = resized_crop(x, 0.2, (20, 10), 4)
    assert crops.shape == (60, 3, 20, 10)
    for image, crop, (top, left, height, width) in zip(x, crops, boxes.tolist(), strict=True):
        assert 0.19 < height * width / (40 * 30) <= 1
        theirs = v2.functional.resized_crop(image, top, left, height, width, [20, 10], antialias=True)
        assert (theirs.int() - crop.int()).abs().max() <= 1
    assert len(boxes.unique(dim=0)) > 50


def test_boxes_are_those_that_torchvision_draws():
    x = images(h=40, w=30)
    theirs = one_by_one(lambda image: v2.RandomResizedCrop((20, 10), scale=(0.2, 1.0))(image), x, 4)
    assert (theirs.int() - resized_crop(x, 0.2, (20, 10), 4)[0].int()).abs().max() <= 1


def test_the_global_generator_does_not_matter_and_is_left_alone():
    x = images()
    before = torch.get_rng_state()
    first, crops = each_image(v2.RandAugment(), x, 4), resized_crop(x, 0.08, (8, 8), 4)[0]
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    assert torch.equal(each_image(v2.RandAugment(), x, 4), first)
    assert torch.equal(resized_crop(x, 0.08, (8, 8), 4)[0], crops)


def test_images_draw_for_themselves():
    x = images(1).expand(20, -1, -1, -1)
    assert len(each_image(v2.RandomErasing(1.0), x, 4).unique(dim=0)) > 15


@pytest.mark.parametrize(
    ("transform", "says"),
    [
        (lambda image: image.float() / 255, r"returned torch.float32 \(3, 16, 24\) for a uint8 image \(3, 16, 24\)"),
        (lambda image: image.numpy(), "returned ndarray"),
        (lambda image: image[:, : 8 + int(torch.randint(8, ()))], "of one size"),
    ],
)
def test_transforms_must_return_images_of_one_size(transform, says):
    with pytest.raises(InputError, match=says):
        each_image(transform, images(), 4)


def test_missing_torchvision(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.transforms", None)
    with pytest.raises(MissingExtraError, match=r"torchvision is not installed.*softlabel\[vision\]"):
        transforms_v2()
