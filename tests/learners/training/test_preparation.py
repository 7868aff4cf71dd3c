import numpy as np
import pytest
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.networks.build import BuiltNetwork
from softlabel.learners.training import preparation
from softlabel.learners.training.input_rows import input_rows
from softlabel.learners.training.preparation import learn_preparation, make_resize, make_training_views

CPU = torch.device("cpu")
ANY = BuiltNetwork(nn.Identity())
OWN = BuiltNetwork(nn.Identity(), mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6), input_size=(12, 16))


def pictures(n=7, shape=(8, 8, 3)):
    return np.random.default_rng(0).integers(0, 256, (n, *shape), dtype=np.uint8)


def learned(X, built=ANY, image_size=None):
    rows = input_rows(X, CPU)
    return rows, learn_preparation(rows, built, image_size)


@pytest.mark.parametrize("n", [7, 1100])  # in one chunk, and in three
def test_tables_are_standardised_as_numpy_does(n):
    X = np.random.default_rng(0).normal([1e6, 0, -3], [1.0, 1e-3, 50], (n, 3))
    _, found = learned(X)
    stored = X.astype(np.float32).astype(np.float64)
    assert found.mean == pytest.approx(stored.mean(axis=0), rel=1e-6, abs=1e-6)
    assert found.std == pytest.approx(stored.std(axis=0), rel=1e-5)
    assert (found.size, found.pictures) == (None, False)


def test_a_column_that_never_changes_is_only_moved():
    _, found = learned(np.full((9, 1), 0.1))
    assert found.std.tolist() == [1.0]
    assert found.mean == pytest.approx([0.1])


def test_pictures_have_a_mean_a_channel_on_the_scale_of_one():
    X = pictures()
    _, found = learned(X)
    assert found.mean == pytest.approx((X / 255).mean(axis=(0, 1, 2)), rel=1e-5)
    assert found.std == pytest.approx((X / 255).std(axis=(0, 1, 2)), rel=1e-5)
    assert (found.size, found.pictures) == (None, True)


def test_of_many_pictures_every_so_many_are_looked_at(monkeypatch):
    monkeypatch.setattr(preparation, "_LOOKED_AT", 3)
    X = pictures(n=7)
    _, found = learned(X)
    assert found.mean == pytest.approx((X[::2] / 255).mean(axis=(0, 1, 2)), rel=1e-5)


@pytest.mark.parametrize("shape", [(4, 5), (3, 8, 8)])
def test_numbers_with_a_shape_of_their_own_are_left_as_they_are(shape):
    X = np.random.default_rng(0).normal(5, 2, (6, *shape)).astype(np.float32)
    rows, found = learned(X, image_size=16)
    assert found.size is None
    seen = found.on(CPU, channels_last=True)(rows.read(torch.arange(6)), CPU)
    assert np.array_equal(seen.numpy(), X)


def test_a_networks_own_normalisation_and_size_come_first():
    rows, found = learned(pictures(), OWN, image_size=24)
    assert found.mean == pytest.approx([0.1, 0.2, 0.3])
    assert found.std == pytest.approx([0.4, 0.5, 0.6])
    assert found.size == (12, 16)
    assert make_resize(rows, found)(rows.read(torch.arange(2))).shape == (2, 3, 12, 16)


def test_without_statistics_of_its_own_the_training_pictures_are_taken():
    X = pictures()
    _, found = learned(X, BuiltNetwork(nn.Identity(), mean=None, std=None, input_size=(12, 16)))
    assert found.mean == pytest.approx((X / 255).mean(axis=(0, 1, 2)), rel=1e-5)


def test_a_size_that_pictures_have_is_none_to_bring_them_to():
    rows, found = learned(pictures(), image_size=8)
    assert found.size is None
    assert make_resize(rows, found) is None
    assert learned(pictures(), image_size=10)[1].size == (10, 10)
    assert learned(pictures(shape=(8, 10, 3)), image_size=10)[1].size == (10, 10)


def test_on_a_device_it_is_by_channel_for_pictures_and_by_column_for_tables():
    rows, found = learned(pictures(), OWN)
    x = rows.read(torch.tensor([2]))
    seen = found.on(CPU, channels_last=True)(x, CPU)
    by_hand = (x.double() / 255 - torch.tensor([0.1, 0.2, 0.3])[:, None, None]) / torch.tensor([0.4, 0.5, 0.6])[
        :, None, None
    ]
    assert torch.allclose(seen.double(), by_hand, atol=1e-6)
    assert seen.is_contiguous(memory_format=torch.channels_last)
    assert found.on(CPU, channels_last=False)(x, CPU).is_contiguous()
    table = np.random.default_rng(0).normal(3, 2, (50, 2))
    rows, found = learned(table)
    seen = found.on(CPU, channels_last=True)(rows.read(torch.arange(50)), CPU)
    assert torch.allclose(seen.mean(0), torch.zeros(2), atol=1e-5)
    assert torch.allclose(seen.std(0, unbiased=False), torch.ones(2), atol=1e-5)


def test_auto_shifts_pictures_and_nothing_else():
    rows, found = learned(pictures())
    augment, mix = make_training_views("auto", rows, found)
    x, view = augment(rows.read(torch.arange(7)), 5)
    assert view.flipped is None
    assert (view.boxes[:, 2:] == 8).all()
    assert view.boxes[:, :2].abs().max() == 1  # an eighth of 8
    assert mix is None
    assert x.dtype == torch.uint8


def test_none_changes_pictures_where_their_size_must_be_another_only():
    rows, found = learned(pictures())
    assert make_training_views(None, rows, found) == make_training_views("none", rows, found) == (None, None)
    rows, found = learned(pictures(), image_size=10)
    augment, mix = make_training_views(None, rows, found)
    x = rows.read(torch.arange(7))
    assert torch.equal(augment(x, 5)[0], make_resize(rows, found)(x))
    assert augment(x, 5)[0].shape == (7, 3, 10, 10)
    assert mix is None


def test_words_of_mixing_make_a_mixer():
    rows, found = learned(pictures())
    assert make_training_views("crop+cutmix", rows, found)[1].cutmix == 1.0


def test_augmentation_is_for_pictures():
    rows, found = learned(np.ones((3, 2)))
    for recipe in (None, "none", "auto"):
        assert make_training_views(recipe, rows, found) == (None, None)
    with pytest.raises(InputError, match="augment='crop' is for pictures"):
        make_training_views("crop", rows, found)


def test_large_pictures_are_looked_at_a_few_at_a_time(monkeypatch):
    X = pictures(n=9)
    whole = learned(X)[1]
    monkeypatch.setattr(preparation, "_AT_ONCE", 2 * 8 * 8 * 3 + 5)
    asked = []
    rows = input_rows(X, CPU)
    monkeypatch.setattr(rows, "read", lambda index, read=rows.read: asked.append(len(index)) or read(index))
    few = learn_preparation(rows, ANY, None)
    assert asked == [2, 2, 2, 2, 1]
    assert np.array_equal(few.mean, whole.mean)
    assert few.std == pytest.approx(whole.std, rel=1e-6)
