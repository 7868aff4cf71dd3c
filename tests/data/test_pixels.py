from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from skops.io import dumps, loads

from made_pictures import pixels
from softlabel.data import pixels as pixels_module
from softlabel.data.images import Images
from softlabel.data.pixels import PixelFeatures
from softlabel.errors import InputError

ARRAY = np.stack([pixels(row, 4, 5) for row in range(7)])


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1024])
def test_bytes_become_numbers_from_0_to_1(chunk, monkeypatch):
    monkeypatch.setattr(pixels_module, "_CHUNK", chunk)
    expected = (ARRAY.reshape(7, -1) / np.float32(255)).astype(np.float32)
    for X in (ARRAY, Images.from_array(ARRAY), Images.from_array(ARRAY[::-1]).take(np.arange(7)[::-1])):
        features = PixelFeatures().fit_transform(X)
        np.testing.assert_array_equal(features, expected)
        assert features.dtype == np.float32
    assert features.max() <= 1
    assert PixelFeatures().fit_transform(np.full((1, 2, 2), 255, np.uint8)).tolist() == [[1, 1, 1, 1]]


def test_the_shape_is_remembered():
    features = PixelFeatures().fit(ARRAY)
    assert features.image_shape_ == (4, 5, 3)
    assert features.n_features_in_ == 60
    assert features.transform(Images.from_array(ARRAY).take([])).shape == (0, 60)
    for other in (ARRAY.transpose(0, 2, 1, 3), ARRAY[..., 0]):
        with pytest.raises(InputError, match="and 5 x 4, 3 colours when the features were fitted; give pictures"):
            features.transform(other)
    with pytest.raises(NotFittedError):
        clone(features).transform(ARRAY)


def test_what_are_no_pictures():
    with pytest.raises(InputError, match="X is a list; give pictures"):
        PixelFeatures().fit([[1, 2]])
    with pytest.raises(InputError, match="array of float64"):
        PixelFeatures().fit(ARRAY / 255)


def test_it_is_stored_without_pickle():
    features = PixelFeatures().fit(ARRAY)
    stored = loads(dumps(features), trusted=["softlabel.data.pixels.PixelFeatures"])
    np.testing.assert_array_equal(stored.transform(ARRAY), features.transform(ARRAY))
