from __future__ import annotations

import pytest

from softlabel.errors import DamagedRunError
from softlabel.store.atomic import write_bytes
from softlabel.store.checksums import Checksums, verify_file


def checksums(tmp_path):
    return Checksums(tmp_path / "checksums.json", advice="do this")


def test_between_announcing_and_settling_both_contents_are_right(tmp_path):
    path = tmp_path / "a"
    checksums(tmp_path).settle("a", write_bytes(path, b"old"))
    checksums(tmp_path).verify("a")
    new = write_bytes(tmp_path / "other", b"new")
    checksums(tmp_path).announce("a", new)
    checksums(tmp_path).verify("a")  # killed here, the old file is still right
    write_bytes(path, b"new")
    checksums(tmp_path).verify("a")  # and killed here, the new one is
    checksums(tmp_path).settle("a", new)
    checksums(tmp_path).verify("a")
    write_bytes(path, b"old")
    with pytest.raises(DamagedRunError, match=r"is not what was stored there .*; do this"):
        checksums(tmp_path).verify("a")


def test_files_without_checksum_and_missing_files(tmp_path):
    one = checksums(tmp_path)
    one.settle("a", write_bytes(tmp_path / "a", b"1"))
    assert one.names == ["a"]
    with pytest.raises(DamagedRunError, match="b has no checksum"):
        one.verify("b")
    (tmp_path / "a").unlink()
    with pytest.raises(DamagedRunError, match="a is missing; do this"):
        one.verify("a")
    one.forget("a")
    one.forget("a")
    assert checksums(tmp_path).names == []


def test_settling_again_writes_nothing(tmp_path):
    one = checksums(tmp_path)
    one.settle("a", "0" * 64)
    (tmp_path / "checksums.json").unlink()
    one.settle("a", "0" * 64)
    assert not (tmp_path / "checksums.json").exists()


def test_verify_file(tmp_path):
    digest = write_bytes(tmp_path / "a", b"1")
    verify_file(tmp_path / "a", ["0" * 64, digest], advice="do this")
    with pytest.raises(DamagedRunError, match="do this"):
        verify_file(tmp_path / "a", ["0" * 64], advice="do this")
