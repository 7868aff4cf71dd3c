from __future__ import annotations

import pytest

from softlabel.errors import StorageError
from softlabel.store.timing import append_line, read_lines


def test_records_are_lines(tmp_path):
    path = tmp_path / "timing.jsonl"
    assert read_lines(path) == []
    append_line(path, {"what": "fit", "seconds": 1.5})
    append_line(path, {"what": "ü"})
    assert path.read_text(encoding="utf-8").count("\n") == 2
    assert read_lines(path) == [{"what": "fit", "seconds": 1.5}, {"what": "ü"}]


def test_a_line_cut_short_costs_one_record(tmp_path):
    path = tmp_path / "timing.jsonl"
    append_line(path, {"n": 1})
    append_line(path, {"n": 2})
    path.write_bytes(path.read_bytes()[:-4])
    append_line(path, {"n": 3})
    assert read_lines(path) == [{"n": 1}, {"n": 3}]
    path.write_bytes(path.read_bytes() + b"\xff\n[1]\n\n")
    assert read_lines(path) == [{"n": 1}, {"n": 3}]


def test_a_disk_that_refuses(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        append_line(tmp_path / "file" / "timing.jsonl", {})
    with pytest.raises(StorageError, match="cannot be read"):
        read_lines(tmp_path)
