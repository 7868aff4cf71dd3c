from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import DamagedRunError
from softlabel.store.arrays import read_array
from softlabel.store.atomic import write_array


def test_reading_and_mapping(tmp_path):
    path, array = tmp_path / "a.npy", np.arange(6.0).reshape(2, 3)
    write_array(path, array)
    np.testing.assert_array_equal(read_array(path, advice=""), array)
    mapped = read_array(path, advice="", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, array)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1


@pytest.mark.parametrize("mode", [None, "r"])
def test_what_is_no_array(tmp_path, mode):
    path = tmp_path / "a.npy"
    with pytest.raises(DamagedRunError, match="is missing; do this"):
        read_array(path, advice="do this", mmap_mode=mode)
    write_array(path, np.arange(100))
    whole = path.read_bytes()
    for content in (b"", b"text", whole[:50], whole[:200]):
        path.write_bytes(content)
        with pytest.raises(DamagedRunError, match=r"is no array as softlabel stores them .*; do this"):
            read_array(path, advice="do this", mmap_mode=mode)


def test_a_pickle_is_never_read(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was read",))

    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object))
    with pytest.raises(DamagedRunError, match="do this"):
        read_array(tmp_path / "a.npy", advice="do this")
