import copy

import numpy as np
import pytest
import torch

from made_pictures import encoded
from softlabel import CropStore, TorchRegressor, picture_digests, teacher_digest
from softlabel.data.encoded_images import BytesImages
from softlabel.data.image_cache import load_images
from softlabel.errors import InputError, RunConflictError
from softlabel.learners.augmentation.augmenter import make_augmenter
from softlabel.learners.crop_labels import label_crops, replayable_recipe
from softlabel.learners.training.crop_labelling import _CROP
from softlabel.learners.training.seeding import address
from stored_labels import contents
from taught import pictures, small, teacher

OPTIONS = {"n_crops": 3, "images_per_shard": 16, "batch_size": 8, "device": "cpu"}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    return label_crops(teacher(), pictures()[0], tmp_path_factory.mktemp("labels") / "store", **OPTIONS)


@pytest.mark.parametrize("recipe", ["resized_crop+flip", "crop:2"])
def test_labels_are_what_the_teacher_says_of_the_augmented_picture(tmp_path, recipe):
    X = pictures()[0]
    store = label_crops(teacher(), X, tmp_path / "s", recipe=recipe, **OPTIONS)
    read = store.read(np.arange(40))
    augment = make_augmenter(recipe, (10, 10))
    for crop in range(3):
        made = [
            augment(
                torch.from_numpy(X[row]).permute(2, 0, 1)[None], address(0, _CROP, row, crop)
            )  # each by its own address
            for row in range(40)
        ]
        seen = torch.cat([x for x, _ in made]).permute(0, 2, 3, 1).numpy()
        assert np.allclose(read.targets()[:, crop], teacher().predict_proba(seen), atol=2**-11)
        assert np.array_equal(read.boxes[:, crop], torch.cat([view.boxes for _, view in made]).numpy())


def test_it_says_what_it_is(labelled):
    record = labelled.record
    assert record["teachers"] == [teacher_digest(teacher())]
    assert {name: record[name] for name in ("recipe", "seed", "teacher_mode", "n_crops", "top", "input_size", "picture_shape")} == {
        "recipe": "resized_crop+flip", "seed": 0, "teacher_mode": "eval", "n_crops": 3, "top": 2, "input_size": [10, 10],
        "picture_shape": [10, 10, 3],
    }  # fmt: skip
    assert labelled.done
    assert labelled.classes.tolist() == ["blue", "red"]
    assert np.array_equal(labelled.pictures, picture_digests(pictures()[0]))


def test_stopped_and_gone_on_with_is_the_same_to_the_byte(tmp_path, labelled):
    class Stop(Exception):
        pass

    def stop(n_labelled, n):
        if n_labelled:
            raise Stop

    told = []
    with pytest.raises(Stop):
        label_crops(teacher(), pictures()[0], tmp_path / "s", **OPTIONS, after_shard=stop)
    label_crops(teacher(), pictures()[0], tmp_path / "s", **OPTIONS, after_shard=lambda *counts: told.append(counts))
    assert told == [(13, 40), (26, 40), (40, 40)]
    assert contents(tmp_path / "s") == contents(labelled.paths.root)


def test_fewer_crops_are_the_first_of_more(tmp_path, labelled):
    fewer = label_crops(teacher(), pictures()[0], tmp_path / "s", **(OPTIONS | {"n_crops": 2}))
    rows = np.arange(40)
    assert np.array_equal(fewer.read(rows).targets(), labelled.read(rows).targets()[:, :2])


def test_decoded_on_demand_or_in_memory_is_the_same(tmp_path):
    X = pictures()[0]
    files = BytesImages([encoded(picture) for picture in X], range(len(X)))
    stores = [
        label_crops(teacher(), load_images(files, cache=cache), tmp_path / cache, **OPTIONS)
        for cache in ("memory", "none")
    ]
    assert contents(tmp_path / "memory") == contents(tmp_path / "none")
    assert stores[0].record["sha256"]["order"]


@pytest.mark.parametrize(
    "options", [{"seed": 1}, {"recipe": "resized_crop"}, {"teacher_mode": "train"}, {"n_crops": 4}, {"batch_size": 9}]
)
def test_other_settings_are_refused(labelled, options):
    with pytest.raises(RunConflictError, match=next(iter(options))):
        label_crops(teacher(), pictures()[0], labelled.paths.root, **(OPTIONS | options))


def test_another_teacher_and_other_pictures_are_refused(labelled):
    with pytest.raises(RunConflictError, match="teachers was"):
        label_crops(small().fit(*pictures()), pictures()[0], labelled.paths.root, **OPTIONS)
    with pytest.raises(RunConflictError, match="n_images was 40, now 39"):
        label_crops(teacher(), pictures()[0][1:], labelled.paths.root, **OPTIONS)
    with pytest.raises(RunConflictError, match="pictures changed"):
        label_crops(teacher(), pictures()[0][::-1], labelled.paths.root, **OPTIONS)


def test_several_teachers_are_averaged_by_the_names_of_their_classes(tmp_path, labelled):
    turned = copy.copy(teacher())
    turned.classes_ = teacher().classes_[::-1]  # says the opposite
    both = label_crops([teacher(), turned], pictures()[0], tmp_path / "s", **OPTIONS)
    assert both.classes.tolist() == ["blue", "red"]
    assert np.allclose(both.read(np.arange(40)).targets(), 0.5, atol=1e-3)
    alone = label_crops(turned, pictures()[0], tmp_path / "t", classes=["blue", "red"], **OPTIONS)
    rows = np.arange(40)
    assert np.allclose(alone.read(rows).targets(), labelled.read(rows).targets()[..., ::-1], atol=1e-6)


def test_batch_statistics_label_otherwise_and_change_no_teacher(tmp_path, labelled):
    before = {name: values.clone() for name, values in teacher().network_.state_dict().items()}
    train = label_crops(teacher(), pictures()[0], tmp_path / "s", **(OPTIONS | {"teacher_mode": "train"}))
    assert all(torch.equal(values, before[name]) for name, values in teacher().network_.state_dict().items())
    assert not teacher().network_.training
    rows = np.arange(40)
    assert not np.array_equal(train.read(rows).targets(), labelled.read(rows).targets())
    assert np.array_equal(train.read(rows).boxes, labelled.read(rows).boxes)


def test_a_teacher_of_another_input_size_sees_crops_in_its_own(tmp_path):
    large = small(image_size=14).fit(*pictures())
    store = label_crops(large, pictures()[0], tmp_path / "s", **OPTIONS)
    assert store.input_size == (14, 14)
    student_size = label_crops(large, pictures()[0], tmp_path / "t", input_size=(10, 10), **OPTIONS)
    assert student_size.input_size == (10, 10)
    assert np.abs(student_size.read([0]).targets() - store.read([0]).targets()).max() < 0.2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"teacher": []}, "no teacher"),
        ({"teacher": "resnet"}, "teacher is a str"),
        ({"teacher": TorchRegressor()}, "teacher is a TorchRegressor"),
        ({"teacher": "of numbers"}, "rows of numbers"),
        ({"X": np.zeros((4, 10, 10), np.uint8)}, "3 colours, and these are 10 x 10, 1 colour"),
        ({"X": np.zeros((4, 3))}, "uint8"),
        ({"teacher_mode": "both"}, "eval, train"),
        ({"classes": ["red", "green"]}, "teacher knows other classes: green missing, blue besides"),
        ({"seed": -1}, "seed=-1"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"n_crops": 0}, "n_crops=0"),
    ],
)
def test_what_cannot_be_labelled_is_refused(tmp_path, given, said):
    options = OPTIONS | {"teacher": teacher(), "X": pictures()[0]} | given
    if options["teacher"] == "of numbers":
        options["teacher"] = small(network="mlp", network_options=None).fit(np.zeros((4, 2)), [0, 1, 0, 1])
    with pytest.raises(InputError, match=said):
        label_crops(options.pop("teacher"), options.pop("X"), tmp_path / "s", **options)
    assert not CropStore.exists(tmp_path / "s")


@pytest.mark.parametrize(
    "recipe", ["autoaugment", "crop+erasing", "flip+mixup", "cutmix", "ricap", "randaugment:3", lambda x: x]
)
def test_recipes_that_box_and_flip_cannot_repeat_are_refused(recipe):
    with pytest.raises(InputError, match=r"flip"):
        replayable_recipe(recipe)
