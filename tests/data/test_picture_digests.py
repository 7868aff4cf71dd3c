import numpy as np
import pytest

from made_pictures import class_folder, pixels
from softlabel.data.images import Images
from softlabel.data.picture_digests import found_rows, picture_digests
from softlabel.data.source import load
from softlabel.errors import InputError


def test_the_same_pixels_however_they_are_held():
    X = np.stack([pixels(seed) for seed in range(5)])
    once = picture_digests(X)
    assert once.shape == (5, 32)
    assert len(np.unique(once, axis=0)) == 5
    assert np.array_equal(once, picture_digests(Images.from_array(X)))
    assert np.array_equal(once[[3, 1]], picture_digests(Images.from_array(X).take([3, 1])))
    assert np.array_equal(picture_digests(X[..., 0]), picture_digests(X[..., :1]))


def test_files_count_by_their_bytes_wherever_they_lie(tmp_path):
    first, second = (
        load(class_folder(tmp_path / name, {"a": 2, "b": 2}), cache=cache)
        for name, cache in (("x", "memory"), ("y", "none"))
    )
    assert np.array_equal(picture_digests(first.X), picture_digests(second.X))


def test_found_again_in_any_order():
    known = picture_digests(np.stack([pixels(seed) for seed in (0, 1, 2, 1)]))
    asked = picture_digests(np.stack([pixels(seed) for seed in (2, 9, 1, 0)]))
    assert found_rows(asked, known).tolist() == [2, -1, 1, 0]


def test_what_are_no_pictures_is_refused():
    with pytest.raises(InputError, match="give pictures"):
        picture_digests([[1, 2]])
    with pytest.raises(InputError, match="uint8"):
        picture_digests(np.zeros((2, 4, 4)))
