from __future__ import annotations

import subprocess
import sys

import pytest

from softlabel.errors import InputError
from softlabel.learners.augmentation.recipes import WORDS, Recipe, check_recipe, parse

SMALL, LARGE = (32, 32), (224, 224)


@pytest.mark.parametrize("nothing", [None, "none"])
def test_nothing(nothing):
    assert parse(nothing, SMALL) == Recipe()


@pytest.mark.parametrize("word", WORDS)
def test_each_word_alone_is_a_recipe(word):
    check_recipe(word)
    assert parse(word, SMALL) != Recipe()


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("crop", Recipe(crop=True)),
        ("crop:0", Recipe(crop=True, padding=0)),
        ("crop:6", Recipe(crop=True, padding=6)),
        ("resized_crop", Recipe(resized_crop=0.08)),
        ("resized_crop:.5", Recipe(resized_crop=0.5)),
        ("flip", Recipe(flip=0.5)),
        ("flip:1", Recipe(flip=1.0)),
        ("erasing", Recipe(erasing=0.25)),
        ("mixup:0.2+cutmix", Recipe(mixup=0.2, cutmix=1.0)),
        ("ricap", Recipe(ricap=0.3)),
        ("ricap:1+mixup", Recipe(ricap=1.0, mixup=1.0)),
        (" crop + flip ", Recipe(crop=True, flip=0.5)),
        ("flip+crop", Recipe(crop=True, flip=0.5)),
    ],
)
def test_words_and_numbers(text, recipe):
    assert parse(text, SMALL) == parse(text, LARGE) == recipe


@pytest.mark.parametrize("size", [(64, 64), (8, 64)])
def test_policies_of_small_images_bring_crop_and_flip(size):
    assert parse("autoaugment", size) == Recipe(crop=True, flip=0.5, policy="cifar10")
    assert parse("randaugment", size) == Recipe(crop=True, flip=0.5, policy="randaugment", magnitude=9)


@pytest.mark.parametrize("size", [(65, 65), (8, 65)])
def test_policies_of_large_images_bring_resized_crop_and_flip(size):
    assert parse("autoaugment", size) == Recipe(resized_crop=0.08, flip=0.5, policy="imagenet")
    assert parse("randaugment", size) == Recipe(resized_crop=0.08, flip=0.5, policy="randaugment")


def test_a_policy_can_be_chosen_and_what_it_brings_replaced():
    assert parse("autoaugment-imagenet", SMALL).policy == "imagenet"
    assert parse("autoaugment-cifar10", LARGE).policy == "cifar10"
    assert parse("autoaugment-cifar10", LARGE).crop is False
    replaced = parse("autoaugment+crop:2+flip:0", LARGE)
    assert (replaced.crop, replaced.padding, replaced.flip, replaced.resized_crop) == (True, 2, 0.0, None)
    assert parse("randaugment+resized_crop:.3", SMALL) == Recipe(resized_crop=0.3, flip=0.5, policy="randaugment")


@pytest.mark.parametrize("magnitude", [0, 14])
def test_magnitude_of_randaugment(magnitude):
    assert parse(f"randaugment:{magnitude}", SMALL).magnitude == magnitude


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        ("crops", "unknown word 'crops'; did you mean 'crop'.*resized_crop, flip, autoaugment"),
        ("", "unknown word ''; give none, or words joined by"),
        ("crop+", "unknown word ''"),
        ("crop,flip", "unknown word 'crop,flip'"),
        ("none+flip", "unknown word 'none'"),
        ("flip+flip:1", "names flip twice"),
        ("crop+resized_crop", "crop and resized_crop exclude each other"),
        ("autoaugment+randaugment", "autoaugment and randaugment exclude each other"),
        ("autoaugment:3", "autoaugment takes no number"),
        ("flip:2", "the probability of flip is '2'; give a number from 0 to 1"),
        ("flip:often", "is 'often'"),
        ("flip:", "is ''"),
        ("flip:nan", "is 'nan'"),
        ("crop:1.5", "the pixels of padding of crop is '1.5'; give a whole number from 0 to 1024"),
        ("crop:inf", "is 'inf'"),
        ("randaugment:31", "magnitude of randaugment is '31'"),
        ("mixup:0", "the alpha of mixup is '0'"),
        ("ricap:0", "the beta of ricap is '0'"),
        ("mixup:-1", "the alpha of mixup is '-1'"),
        (3, "augmentation is a int; give words"),
        (["crop"], "augmentation is a list"),
    ],
)
def test_what_is_no_recipe(recipe, says):
    with pytest.raises(InputError, match=says):
        check_recipe(recipe)


def test_a_callable_is_a_recipe():
    check_recipe(lambda image: image)


def test_recipes_need_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None; import softlabel.learners.augmentation.recipes as r; "
        "import softlabel.learners.augmentation.tta_names as t; r.check_recipe('autoaugment'); t.check_tta('flip')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
