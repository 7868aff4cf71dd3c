from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as oracle

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.augmentation.augmenter import make_augmenter

RECIPES = [
    None,
    "crop",
    "flip",
    "crop+flip",
    "resized_crop",
    "autoaugment",
    "autoaugment-imagenet",
    "randaugment",
    "erasing:1",
    "crop+flip+erasing+mixup+cutmix",
    v2.RandomRotation(30),
]


def images(b=20, c=3, h=16, w=24, seed=0):
    return torch.randint(1, 256, (b, c, h, w), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("size", [(16, 24), (20, 20)])
def test_size_and_type(recipe, size):
    x = images()
    kept = x.clone()
    y, view = make_augmenter(recipe, size)(x, 5)
    assert y.shape == (20, 3, *size)
    assert y.dtype == torch.uint8
    assert torch.equal(x, kept)
    assert view.partner is None
    assert view.share is None


@pytest.mark.parametrize("recipe", RECIPES[1:])
def test_the_seed_alone_decides(recipe):
    x = images()
    before = torch.get_rng_state()
    first, _ = make_augmenter(recipe, (16, 24))(x, 5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    again, _ = make_augmenter(recipe, (16, 24))(x, 5)
    other, _ = make_augmenter(recipe, (16, 24))(x, 6)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_another_process_makes_the_same_batch():
    code = (
        "import torch, hashlib; from softlabel.learners.augmentation.augmenter import make_augmenter; "
        "torch.rand(3); x = torch.arange(20 * 3 * 16 * 24).remainder(251).to(torch.uint8).reshape(20, 3, 16, 24); "
        "y, _ = make_augmenter('autoaugment+erasing', (16, 24))(x, 5); "
        "print(hashlib.sha256(y.contiguous().numpy().tobytes()).hexdigest())"
    )
    namespace: dict = {}
    there = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    shown: list[str] = []
    exec(code, {"print": shown.append, **namespace})
    assert shown == [there]


@pytest.mark.parametrize("nothing", [None, "none", "mixup", "cutmix:0.3"])
def test_nothing_is_done_but_resizing(nothing):
    x = images()
    y, view = make_augmenter(nothing, (16, 24))(x, 5)
    assert torch.equal(y, x)
    assert view.boxes is None
    assert view.flipped is None
    y, _ = make_augmenter(nothing, (8, 8))(x, 5)
    assert (y.int() - oracle.resize(x, [8, 8], antialias=True).int()).abs().max() <= 1


@pytest.mark.parametrize("recipe", ["crop+flip", "resized_crop+flip"])
@pytest.mark.parametrize("size", [(16, 24), (20, 20)])
def test_the_view_says_what_was_done(recipe, size):
    x = images()
    y, view = make_augmenter(recipe, size)(x, 5)
    assert view.boxes.dtype == torch.int64
    for image, changed, box, flipped in zip(x, y, view.boxes.tolist(), view.flipped.tolist(), strict=True):
        part = oracle.crop(image, *box)
        part = part if part.shape[1:] == size else oracle.resize(part, list(size), antialias=True)
        expected = oracle.horizontal_flip(part) if flipped else part
        assert (changed.int() - expected.int()).abs().max() <= 1


def test_one_more_word_does_not_change_the_other_draws():
    x = images()
    y, view = make_augmenter("crop+flip", (16, 24))(x, 5)
    erased, other = make_augmenter("crop+flip+erasing:1", (16, 24))(x, 5)
    assert torch.equal(view.boxes, other.boxes)
    assert torch.equal(view.flipped, other.flipped)
    assert (erased[erased > 0] == y[erased > 0]).all()


def test_policies_crop_and_flip_as_well():
    _, view = make_augmenter("autoaugment", (16, 24))(images(), 5)
    assert view.boxes[:, :2].unique().numel() > 1
    assert view.flipped.any()


def test_a_callable_sees_each_image_at_the_input_size():
    seen = []

    def watched(image):
        seen.append(tuple(image.shape))
        return 255 - image

    x = images()
    y, view = make_augmenter(watched, (16, 24))(x, 5)
    assert torch.equal(y, 255 - x)
    assert seen == [(3, 16, 24)] * 20
    assert view.boxes is None
    make_augmenter(watched, (8, 8))(x, 5)
    assert seen[-1] == (3, 8, 8)


def test_a_callable_may_change_the_size():
    y, _ = make_augmenter(v2.CenterCrop(8), (16, 16))(images(), 5)
    assert y.shape == (20, 3, 16, 16)


@pytest.mark.parametrize("recipe", RECIPES)
def test_empty_batches_and_single_images(recipe):
    augment = make_augmenter(recipe, (8, 8))
    assert augment(images(0), 5)[0].shape == (0, 3, 8, 8)
    assert augment(images(1), 5)[0].shape == (1, 3, 8, 8)


@pytest.mark.parametrize("recipe", ["crop", "flip", "resized_crop", "erasing"])
def test_images_that_lie_in_memory_otherwise(recipe):
    x = images()
    last = x.contiguous(memory_format=torch.channels_last)
    augment = make_augmenter(recipe, (16, 24))
    assert torch.equal(augment(x, 5)[0], augment(last, 5)[0])


def test_large_seeds():
    make_augmenter("autoaugment", (16, 24))(images(), 2**63 - 1)


def test_wrong_words_and_missing_libraries_are_told_before_any_batch(monkeypatch):
    with pytest.raises(InputError, match="unknown word"):
        make_augmenter("shear", (8, 8))
    monkeypatch.setitem(sys.modules, "torchvision.transforms", None)
    make_augmenter("crop+flip+mixup", (8, 8))
    for recipe in ("autoaugment", "randaugment", "erasing", "resized_crop"):
        with pytest.raises(MissingExtraError, match="torchvision"):
            make_augmenter(recipe, (8, 8))
