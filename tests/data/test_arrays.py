from __future__ import annotations

import numpy as np
import pytest

from softlabel.data.arrays import array_dataset, array_part
from softlabel.data.images import Images
from softlabel.errors import InputError

X = np.arange(12, dtype=float).reshape(4, 3)
Y = np.array([0, 1, 0, 2])


@pytest.fixture
def save(tmp_path):
    def save_arrays(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return tmp_path / "data.npz"

    return save_arrays


def test_features_labels_ids_groups_and_a_test_part(save):
    path = save(X=X, y=Y, ids=np.array(list("abcd")), groups=Y, X_test=X[:2], y_test=Y[:2])
    data = array_dataset(path)
    np.testing.assert_array_equal(data.X, X)
    assert data.X.dtype == np.float32
    assert data.y.tolist() == Y.tolist()
    assert data.ids.tolist() == list("abcd")
    assert data.groups.tolist() == Y.tolist()
    assert data.test.y.tolist() == [0, 1]
    assert data.test.ids.tolist() == [0, 1]
    assert data.validation is None


def test_pictures_as_medmnist_names_them(save):
    images = np.array([[[0, 51], [102, 255]]] * 3, dtype=np.uint8)  # (3, 2, 2)
    labels = np.array([[1], [0], [4]], dtype=np.uint8)
    path = save(
        train_images=images, train_labels=labels, val_images=images[:1], val_labels=labels[:1], test_images=images[:2],
        test_labels=labels[:2],
    )  # fmt: skip
    data = array_dataset(path)
    assert isinstance(data.X, Images)
    np.testing.assert_array_equal(data.X.read()[..., 0], images)
    assert data.y.tolist() == [1, 0, 4]
    assert data.y.dtype == np.int64
    assert len(data.validation) == 1
    assert len(data.test) == 2
    assert isinstance(data.test.X, Images)
    assert array_part(path).y.tolist() == [1, 0]
    assert array_part(path, labelled=False).X.shape == (2, 2, 2, 1)
    assert len(array_part(path, labelled=False, training=True)) == len(array_dataset(path))


@pytest.mark.parametrize("colours", [1, 3, 4])
def test_pictures_with_colours(save, colours):
    array = np.arange(4 * 2 * 3 * colours, dtype=np.uint8).reshape(4, 2, 3, colours)
    data = array_dataset(save(X=array, y=Y))
    assert data.X.shape == (4, 2, 3, min(colours, 3))
    if colours < 4:
        np.testing.assert_array_equal(data.X.read(), array)


@pytest.mark.parametrize("shape", [(4, 2, 3), (4, 2, 3, 3), (4, 5, 5, 5), (4, 2, 2, 2, 2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_other_arrays_are_flattened(save, shape, dtype):
    array = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    X = array_dataset(save(X=array, y=Y)).X
    if dtype == np.uint8 and (len(shape) == 3 or shape[1:] == (2, 3, 3)):
        assert isinstance(X, Images)
        return
    expected = array.reshape(4, -1)
    np.testing.assert_allclose(X, expected / (np.iinfo(dtype).max if dtype != np.float64 else 1), rtol=1e-6)
    assert X.dtype == np.float32


def test_colours_first(save):
    with pytest.raises(
        InputError, match=r"array 'X' of .* has shape \(4, 3, 8, 9\), .* first; .* X\.transpose\(0, 2, 3, 1\)"
    ):
        array_dataset(save(X=np.zeros((4, 3, 8, 9), np.uint8), y=Y))


def test_test_pictures_of_another_shape(save):
    images = np.zeros((4, 5, 6), np.uint8)
    message = "pictures .* are 6 x 4, 1 colour and training pictures 6 x 5, 1 colour; give pictures of one shape"
    with pytest.raises(InputError, match=message):
        array_dataset(save(X=images, y=Y, X_test=images[:, :4], y_test=Y))
    with pytest.raises(InputError, match="are rows of numbers and training rows pictures; give rows of one kind"):
        array_dataset(save(X=images, y=Y, X_test=images.reshape(4, 30), y_test=Y))


def test_text_labels_and_tests_of_the_same_kind(save):
    data = array_dataset(save(X=X, y=np.array(["1", "a", "1", "2"]), X_test=X[:1], y_test=np.array([1])))
    assert data.y.tolist() == ["1", "a", "1", "2"]
    assert data.test.y.tolist() == ["1"]


def test_rows_to_be_predicted_need_no_labels(save):
    assert array_part(save(X=X), labelled=False).y is None
    assert array_part(save(X=X, y=np.array([1, 2])), labelled=False).y is None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": X}, r"holds \['images'\]; give an .npz file with X and y"),
        ({"X": X}, "no 'y'"),
        ({"X": X, "y": Y[:3]}, "X has 4 rows and y has 3"),
        ({"X": X[0], "y": Y}, r"shape \(3,\); give one row an example"),
        ({"X": X[:0], "y": Y[:0]}, r"shape \(0, 3\)"),
        ({"X": X.astype(str), "y": Y}, "give numbers"),
        ({"X": X, "y": np.eye(4)}, r"label array 'y' has shape \(4, 4\)"),
        ({"X": X, "y": np.array([0, 1, np.nan, 1])}, "'y' is empty in 1 of 4 rows"),
        ({"X": X, "y": Y, "ids": np.array([1, 2, 1, 3])}, "not unique: 1 occur"),
        ({"X": X, "y": Y, "X_test": X[:, :2], "y_test": Y}, "have 2 columns and training rows 3"),
        ({"X": X, "y": Y, "X_test": X}, "'X_test' but no 'y_test'"),
        ({"X": X, "y": Y.astype(object)}, "array 'y' of .* holds pickled Python objects"),
    ],
)
def test_archives_that_cannot_be_used(save, arrays, message):
    with pytest.raises(InputError, match=message) as caught:
        array_dataset(save(**arrays))
    assert "\n" not in str(caught.value)


def test_files_that_are_no_archives(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        array_dataset(tmp_path / "none.npz")
    np.save(tmp_path / "single.npy", X)
    np.savez(tmp_path / "whole.npz", X=X, y=Y)
    whole = (tmp_path / "whole.npz").read_bytes()
    for content in (b"hello", b"", (tmp_path / "single.npy").read_bytes(), whole[: len(whole) // 2]):
        (tmp_path / "data.npz").write_bytes(content)
        with pytest.raises(InputError, match=r"not a whole .npz archive"):
            array_dataset(tmp_path / "data.npz")
    (tmp_path / "data.npz").write_bytes(whole[:60] + bytes(40) + whole[100:])
    with pytest.raises(InputError, match="check that the file is whole"):
        array_dataset(tmp_path / "data.npz")


def test_a_pickle_is_never_read(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was read",))

    np.savez(tmp_path / "trap.npz", X=X, y=np.array([Trap()] * 4, dtype=object))
    with pytest.raises(InputError, match="pickled"):
        array_dataset(tmp_path / "trap.npz")


def test_several_labels_a_row(save):
    several = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=np.uint8)
    path = save(X=X, y=several, X_test=X[:2], y_test=several[:2], label_names=np.array(["p", "q"]))
    data = array_dataset(path, several=True)
    assert data.y.dtype == np.int64
    assert data.y.tolist() == several.tolist()
    assert data.label_names.tolist() == data.test.label_names.tolist() == ["p", "q"]
    assert data.test.y.tolist() == several[:2].tolist()
    assert array_part(path, several=True, label_names=["r", "s"]).label_names.tolist() == ["r", "s"]
    assert array_part(path, several=True, labelled=False).y is None
    named = save(train_images=np.zeros((4, 2, 2), np.uint8), train_labels=several)
    assert array_dataset(named, several=True).label_names.tolist() == ["0", "1"]
    for read in (array_dataset, array_part):
        with pytest.raises(InputError, match=r"'train_labels' has shape \(4, 2\); give one label .*--task multilabel"):
            read(named)
    with pytest.raises(InputError, match=r"'y' has shape \(4,\)"):
        array_dataset(save(X=X, y=Y), several=True)
