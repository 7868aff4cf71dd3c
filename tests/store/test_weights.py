from __future__ import annotations

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from softlabel.errors import DamagedRunError, InputError, MissingExtraError, StorageError
from softlabel.store import weights
from softlabel.store.weights import read_weights, write_weights

ARRAYS = {
    "stem.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "norm.count": np.array(7, dtype=np.int64),
    "norm.on": np.array([True, False]),
    "half": np.array([1.5, -2.0], dtype=np.float16),
    "none": np.zeros((0, 3), dtype=np.float64),
}


def test_weights_come_back(tmp_path):
    write_weights(tmp_path / "a.safetensors", ARRAYS)
    found = read_weights(tmp_path / "a.safetensors")
    assert list(found) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)
    found["stem.weight"][0, 0] = 5  # one's own


def test_the_package_itself_reads_the_file(tmp_path):
    write_weights(tmp_path / "a.safetensors", ARRAYS)
    for name, array in safetensors.numpy.load_file(tmp_path / "a.safetensors").items():
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_neither_order_nor_layout_is_part_of_the_file(tmp_path):
    square = np.arange(9, dtype=np.float32).reshape(3, 3)
    other = [("b", np.asfortranarray(square).astype(">f4")), ("a", np.arange(6.0)[::2])]
    first = write_weights(tmp_path / "1", {"a": np.array([0.0, 2.0, 4.0]), "b": square})
    assert write_weights(tmp_path / "2", dict(other)) == first
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    np.testing.assert_array_equal(read_weights(tmp_path / "2")["b"], square)


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.array([1j])])
def test_what_is_no_number_is_refused(tmp_path, array):
    with pytest.raises(InputError, match="the weights 'a' are of type"):
        write_weights(tmp_path / "a", {"a": array})
    assert not (tmp_path / "a").exists()


def test_damage(tmp_path):
    path = tmp_path / "a.safetensors"
    with pytest.raises(DamagedRunError, match=r"a.safetensors is missing; make it again"):
        read_weights(path)
    write_weights(path, ARRAYS)
    whole = path.read_bytes()
    for cut in (b"", whole[:5], whole[:-3], b"\xff" * 40):
        path.write_bytes(cut)
        with pytest.raises(DamagedRunError, match=r"a.safetensors holds no weights .*; start anew") as caught:
            read_weights(path, advice="start anew")
        assert "\n" not in str(caught.value)
    with pytest.raises(StorageError, match="cannot be read"):
        read_weights(tmp_path)


def test_without_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    for use in (lambda: write_weights(tmp_path / "a", {}), lambda: read_weights(tmp_path / "a")):
        with pytest.raises(MissingExtraError, match=r"pip install 'softlabel\[torch\]'"):
            use()
