import warnings

import numpy as np
import pandas as pd
import pytest
import torch

from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.training.input_rows import LoadedRows, NumberRows, PictureRows, input_rows

CPU = torch.device("cpu")
AT = torch.tensor([3, 0, 3])


def pixels(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


class Held:
    """Rows that answer len and take, and nothing else."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def take(self, rows):
        return self.values[rows]


def test_pictures_come_channels_first():
    X = pixels(5, 4, 6, 3)
    for given in (X, Images.from_array(X), Held(X)):
        rows = input_rows(given, CPU)
        assert (rows.n, rows.shape, rows.pictures) == (5, (3, 4, 6), True)
        found = rows.read(AT)
        assert found.dtype == torch.uint8
        assert torch.equal(found, torch.from_numpy(X.transpose(0, 3, 1, 2)[[3, 0, 3]]))


def test_grey_pictures_have_one_channel():
    X = pixels(5, 4, 6)
    for given in (X, X[..., None], Held(X), Held(X[..., None])):
        rows = input_rows(given, CPU)
        assert (rows.shape, rows.pictures) == ((1, 4, 6), True)
        assert torch.equal(rows.read(AT)[:, 0], torch.from_numpy(X[[3, 0, 3]]))


@pytest.mark.parametrize("shape", [(5, 2), (5, 2, 3), (5, 3, 4, 4)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, bool])
def test_numbers_keep_their_shape_and_become_float32(shape, dtype):
    X = (np.arange(np.prod(shape)).reshape(shape) % 7).astype(dtype)
    for given in (X, Held(X)):
        rows = input_rows(given, CPU)
        assert (rows.n, rows.shape, rows.pictures) == (5, shape[1:], False)
        found = rows.read(AT)
        assert found.dtype == torch.float32
        assert np.array_equal(found.numpy(), X[[3, 0, 3]].astype(np.float32))


def test_bytes_of_a_table_are_numbers():
    assert not input_rows(pixels(5, 4), CPU).pictures


def test_each_kind_has_its_rows():
    assert isinstance(input_rows(pixels(2, 4, 4, 3), CPU), PictureRows)
    assert isinstance(input_rows([[1.0], [2.0]], CPU), NumberRows)
    assert isinstance(input_rows(pd.DataFrame({"a": [1.0, 2.0]}), CPU), NumberRows)
    assert isinstance(input_rows(Held(np.ones((2, 2))), CPU), LoadedRows)


@pytest.mark.parametrize("shape", [(5, 2), (5, 4, 6, 3)])
@pytest.mark.parametrize("kind", [np.asarray, Held])
def test_what_is_read_only_is_read_without_a_warning_and_not_changed(shape, kind):
    X = pixels(*shape).astype(np.float32) if len(shape) == 2 else pixels(*shape)
    X.setflags(write=False)
    before = X.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = input_rows(Whole(X) if kind is Held else X, CPU)
        rows.read(torch.arange(5))
    assert np.array_equal(X, before)


class Whole(Held):
    """Rows whose parts are views of the read-only whole."""

    def take(self, rows):
        return self.values[: len(rows)]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none(bad):
    with pytest.raises(InputError, match="NaN or infinite"):
        input_rows(np.array([[1.0], [bad]]), CPU)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.array([["a"], ["b"]]), "rows of ndarray become an array of <U1"),
        (Held(np.array(["a", "b"], dtype=object)), r"rows of Held become an array of object and shape \(1,\)"),
        (np.ones(3), r"shape \(3,\)"),
    ],
)
def test_what_is_neither_numbers_nor_pictures(given, words):
    with pytest.raises(InputError, match=words):
        input_rows(given, CPU)
