from __future__ import annotations

import hashlib
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlabel.data.dataset import Dataset
from softlabel.data.images import ArrayPixels, Images, MappedPixels, describe, on_white
from softlabel.data.rows import as_rows, concatenate, n_rows, take
from softlabel.errors import InputError

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 3), dtype=np.uint8)


def test_shape_type_and_words():
    images = Images.from_array(PIXELS)
    assert images.shape == (6, 3, 4, 3)
    assert (images.ndim, images.dtype, len(images), images.lazy) == (4, np.uint8, 6, False)
    assert repr(images) == "Images(6 of 4 x 3, 3 colours)"
    assert describe((3, 4, 1)) == "4 x 3, 1 colour"
    assert not hasattr(images, "__array__")


def test_reading_gives_new_bytes():
    images = Images.from_array(PIXELS)
    for rows in (None, [4, 0, 0]):
        read = images.read(rows)
        np.testing.assert_array_equal(read, PIXELS[slice(None) if rows is None else rows])
        assert read.flags.c_contiguous
        assert read.flags.writeable
        assert not np.shares_memory(read, PIXELS)


def test_an_array_is_not_copied_and_taking_shares_it():
    images = Images.from_array(PIXELS)
    part = take(images, [5, 1])
    store = part._stores[0]
    assert isinstance(store, ArrayPixels)
    assert np.shares_memory(store.pixels, PIXELS)


@given(st.lists(st.integers(0, 5), max_size=7), st.lists(st.integers(0, 5), max_size=7), st.data())
def test_taking_and_joining_agree_with_arrays(first, second, data):
    """The laws of rows: whatever is taken and joined, reading it is taking and joining the pixels."""
    other = 255 - PIXELS
    joined = concatenate(take(Images.from_array(PIXELS), first), take(Images.from_array(other), second))
    expected = np.concatenate([PIXELS[np.array(first, int)], other[np.array(second, int)]])
    np.testing.assert_array_equal(joined.read(), expected)
    assert n_rows(joined) == len(joined) == len(expected)
    if len(expected):
        again = data.draw(st.lists(st.integers(0, len(expected) - 1), max_size=7))
        np.testing.assert_array_equal(joined.take(again).read(), expected[np.array(again, int)])
        np.testing.assert_array_equal(joined.read(again), expected[np.array(again, int)])
        np.testing.assert_array_equal(joined.take(again).digests(), joined.digests()[np.array(again, int)])


def test_parts_of_one_store_are_joined_without_a_second_store():
    images = Images.from_array(PIXELS)
    joined = images
    for _ in range(5):
        joined = concatenate(joined, take(images, [0]))
    assert len(joined._stores) == 1
    assert len(joined) == 11


def test_masks_and_data_sets():
    images = Images.from_array(PIXELS)
    assert as_rows(images) is images
    mask = np.array([True, False] * 3)
    np.testing.assert_array_equal(take(images, mask).read(), PIXELS[mask])
    part = Dataset(images, np.arange(6), np.arange(6)).take(np.array([2, 3]))
    np.testing.assert_array_equal(part.X.read(), PIXELS[2:4])


def test_grey_and_opacity():
    assert Images.from_array(PIXELS[..., 0]).shape == (6, 3, 4, 1)
    assert Images.from_array(PIXELS[..., :1]).shape == (6, 3, 4, 1)
    colours = np.array([[[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 51]]]], dtype=np.uint8)
    laid = Images.from_array(colours)
    assert laid.shape == (1, 1, 3, 3)
    assert laid.read()[0, 0].tolist() == [[10, 20, 30], [255, 255, 255], [204, 224, 255]]
    every = np.stack(np.meshgrid(*[np.arange(0, 256, dtype=np.uint8)] * 2), axis=-1)  # each value, each opacity
    rgba = every[None][..., [0, 0, 0, 1]]
    exact = np.floor(rgba[..., :3] * (rgba[..., 3:] / 255) + 255 - rgba[..., 3:].astype(float) + 0.5 + 1e-9)
    np.testing.assert_array_equal(on_white(rgba), exact)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (PIXELS.astype(float), r"array of float64; give bytes from 0 to 255 \(uint8\)"),
        (PIXELS[0, 0], r"shape \(4, 3\); give \(n, height, width\)"),
        (PIXELS[:, :0], r"shape \(6, 0, 4, 3\)"),
        (PIXELS[:, :2, :, :2], "2 colours, which may be 1, 3 or 4; colours stand last$"),
        (PIXELS.transpose(0, 3, 1, 2)[..., [0, 1, 2, 3, 3]], r"give X\.transpose\(0, 2, 3, 1\)"),
    ],
)
def test_what_are_no_pictures(array, message):
    with pytest.raises(InputError, match=message) as caught:
        Images.from_array(array)
    assert "\n" not in str(caught.value)


def test_other_shapes_are_not_joined():
    images = Images.from_array(PIXELS)
    with pytest.raises(
        InputError, match="pictures of 3 x 4, 3 colours cannot stand below pictures of 4 x 3, 3 colours"
    ):
        images.concatenate(Images.from_array(PIXELS.transpose(0, 2, 1, 3)))
    with pytest.raises(InputError, match="ndarray cannot stand below a Images"):
        concatenate(images, PIXELS)
    grey = Images.from_array(PIXELS[..., :1])
    with pytest.raises(InputError, match="1 colour and 4 x 3, 3 colours"):
        Images((*images._stores, *grey._stores), np.array([0, 1]), np.array([0, 0]))


def test_digests_are_of_the_pixels_or_of_what_they_came_from():
    digests = Images.from_array(PIXELS).digests()
    assert digests.shape == (6, 32)
    assert digests[2].tobytes() == hashlib.sha256(PIXELS[2].tobytes()).digest()
    turned = Images.from_array(np.asfortranarray(PIXELS))
    np.testing.assert_array_equal(turned.digests(), digests)
    given_ones = np.arange(6 * 32, dtype=np.uint8).reshape(6, 32)
    named = Images.of_store(ArrayPixels(PIXELS, given_ones), 6)
    np.testing.assert_array_equal(named.take([5, 0]).digests(), given_ones[[5, 0]])


def test_pickles(tmp_path):
    np.save(tmp_path / "pixels.npy", np.repeat(PIXELS, 1000, axis=0))
    mapped = Images.of_store(MappedPixels(str(tmp_path / "pixels.npy"), np.zeros((6000, 32), np.uint8)), 6000)
    part = mapped.take([0, 5999, 1000])
    np.testing.assert_array_equal(part.read(), PIXELS[[0, 5, 1]])
    assert type(part.read()) is np.ndarray
    for images in (part, Images.from_array(PIXELS).take([0, 5, 1])):
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(images)).read(), PIXELS[[0, 5, 1]])
    whole = pickle.dumps(MappedPixels(str(tmp_path / "pixels.npy"), np.zeros((1, 32), np.uint8)))
    assert len(whole) < 1000  # the path, not the pixels
