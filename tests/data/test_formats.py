from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_pictures import encoded, pixels
from softlabel.data.formats import FORMATS, format_dataset
from softlabel.data.image_datasets import Decoding
from softlabel.errors import InputError


def test_a_sheet_becomes_pictures_and_labels(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded(pixels(0)))
    frame = pd.DataFrame({"image_id": ["a"], "healthy": [0], "multiple_diseases": [0], "rust": [1], "scab": [0]})
    frame.to_csv(tmp_path / "train.csv", index=False)
    data = format_dataset("plant-pathology", tmp_path / "train.csv", Decoding(size=4))
    assert data.X.shape == (1, 4, 4, 3)
    assert (data.y.tolist(), data.ids.tolist(), data.groups) == (["rust"], ["a"], None)
    assert format_dataset("plant-pathology", tmp_path / "train.csv", Decoding(), labelled=False).y is None
    whole = format_dataset("plant-pathology", tmp_path / "train.csv", Decoding())
    np.testing.assert_array_equal(whole.X.read(), [pixels(0)])


def test_formats_are_named():
    assert FORMATS == ("deepdrid", "plant-pathology")
    with pytest.raises(InputError, match="there is no format 'coco'; there are deepdrid, plant-pathology"):
        format_dataset("coco", "t.csv", Decoding())
