from __future__ import annotations

import hashlib
import threading
import warnings

import numpy as np
import pytest

from made_pictures import encoded, pixels
from softlabel.data.encoded_images import BytesImages
from softlabel.data.image_survey import common_shape, in_order, quiet, refuse_broken, survey, warn_of_modes
from softlabel.errors import InputError


def bytes_images(*cells):
    return BytesImages(cells, [f"p{row}" for row in range(len(cells))])


def sized(*sizes):
    return survey(bytes_images(*(encoded(pixels(0, height, width)) for width, height in sizes)))


def test_heads_and_digests():
    cells = [encoded(pixels(0, 5, 7)), b"", encoded(pixels(0)[..., 0]), b"no picture"]
    found = survey(bytes_images(*cells))
    assert found.sizes.tolist() == [[7, 5], [0, 0], [8, 8], [0, 0]]
    assert found.modes == ["RGB", "", "L", ""]
    assert found.digests[0].tobytes() == hashlib.sha256(cells[0]).digest()
    assert found.broken[1] == "empty file"
    assert sorted(found.broken) == [1, 3]


def test_broken_pictures_are_named_together():
    images = bytes_images(*[b""] * 30)
    refuse_broken(images, {})
    with pytest.raises(InputError) as caught:
        refuse_broken(images, {7: "empty file", 2: "cut short"})
    assert str(caught.value) == (
        "2 of 30 pictures cannot be read: p2 (cut short), p7 (empty file); mend or remove them"
    )
    with pytest.raises(InputError, match=r"^30 of 30 .* p19 \(empty file\) and 10 more; mend") as caught:
        refuse_broken(images, dict.fromkeys(range(30), "empty file"))
    assert "p20" not in str(caught.value)


def test_one_size_needs_no_number():
    assert common_shape(sized((9, 5), (9, 5)), None) == (5, 9, 3)
    assert common_shape(sized((9, 5), (6, 6)), 4) == (4, 4, 3)


def test_several_sizes():
    with pytest.raises(InputError) as caught:
        common_shape(sized((20, 30), (20, 30), (40, 10), (30, 30), (50, 50)), None)
    assert str(caught.value) == (
        "pictures have 4 sizes (width x height): 2 of 20 x 30, 1 of 30 x 30, 1 of 40 x 10 and 1 more; give "
        "--image-size N to make all N x N, such as --image-size 20, the median of their shorter sides"
    )
    with pytest.raises(InputError, match="such as --image-size 8"):
        common_shape(sized((2, 3), (3, 2)), None)


def test_several_modes_are_told():
    found = survey(bytes_images(encoded(pixels(0)), encoded(pixels(0)[..., 0]), encoded(pixels(1))))
    with pytest.warns(UserWarning, match=r"several colour modes \(2 RGB, 1 L\); all are read as RGB"):
        warn_of_modes(found)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_modes(sized((8, 8), (8, 8)))


@pytest.mark.parametrize("n", [0, 1, 31, 32, 33, 16 * 32, 16 * 32 + 1, 2000])
def test_threads_keep_the_order(n):
    threads = set()

    def square(row):
        threads.add(threading.get_ident())
        return row * row

    assert list(in_order(square, n)) == [row * row for row in range(n)]
    assert threading.get_ident() not in threads


def test_a_failure_in_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda row: 1 // (row - 40), 100))


def test_only_pillows_warnings_are_kept_back():
    with warnings.catch_warnings(record=True) as told, quiet():
        warnings.warn_explicit("of a decoder", UserWarning, "TiffImagePlugin.py", 1, module="PIL.TiffImagePlugin")
        warnings.warn("of another", UserWarning)
    assert [str(one.message) for one in told] == ["of another"]
    np.testing.assert_array_equal(sized((8, 8)).sizes, [[8, 8]])
