from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.store.archive import npz_bytes, read_archive, write_archive


def test_header_and_arrays_come_back(tmp_path):
    arrays = {"x": np.arange(3), "names": np.array(["a", "bb"], dtype=object), "flags": np.array([True])}
    write_archive(tmp_path / "a.npz", {"format": 1, "note": "é"}, arrays)
    header, read = read_archive(tmp_path / "a.npz", 1)
    assert header == {"format": 1, "note": "é"}
    assert read["x"].tolist() == [0, 1, 2]
    assert read["names"].tolist() == ["a", "bb"]
    assert not any(array.dtype == object for array in read.values())


def test_objects_are_refused(tmp_path):
    with pytest.raises(InputError, match="things holds Python objects"):
        write_archive(tmp_path / "a.npz", {"format": 1}, {"things": np.array([{}, None], dtype=object)})
    assert list(tmp_path.iterdir()) == []


def test_a_newer_format_is_refused(tmp_path):
    write_archive(tmp_path / "a.npz", {"format": 2}, {})
    with pytest.raises(InputError, match="has format 2, this version reads up to 1; upgrade"):
        read_archive(tmp_path / "a.npz", 1)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(InputError, match="no stored refinement, or is damaged"):
        read_archive(tmp_path / "a.npz", 1)


def test_equal_arrays_are_equal_bytes_and_numpy_reads_them(tmp_path):
    arrays = {"x": np.arange(5.0), "words": np.array(["a", "bb"])}
    assert npz_bytes(arrays) == npz_bytes({name: array.copy() for name, array in arrays.items()})
    (tmp_path / "a.npz").write_bytes(npz_bytes(arrays))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as read:
        assert set(read.files) == {"x", "words"}
        assert read["words"].tolist() == ["a", "bb"]
    with pytest.raises(ValueError, match="allow_pickle"):
        npz_bytes({"x": np.array([{}], dtype=object)})
