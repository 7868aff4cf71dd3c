from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.errors import DamagedRunError
from softlabel.store.paths import RunPaths
from softlabel.store.top_files import TopFiles


@pytest.fixture
def files(tmp_path):
    return TopFiles(RunPaths(tmp_path))


def test_what_was_written_is_read(files, tmp_path):
    given = np.eye(3, dtype=np.float32)
    files.write_array("given", given)
    files.write_table("ids", pd.DataFrame({"id": [3, 1, 2]}))
    files.write_json("metrics", {"accuracy": 0.5})
    np.testing.assert_array_equal(files.read_array("given"), given)
    assert isinstance(files.read_array("given", mmap_mode="r"), np.memmap)
    assert files.read_table("ids")["id"].tolist() == [3, 1, 2]
    assert files.read_json("metrics") == {"accuracy": 0.5}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checksums.json",
        "given.npy",
        "ids.parquet",
        "metrics.json",
    ]


def test_has(files, tmp_path):
    assert not files.has("given.npy")
    (tmp_path / "given.npy").write_text("by hand")
    assert not files.has("given.npy")
    files.write_array("given", np.zeros(2))
    assert files.has("given.npy")
    (tmp_path / "given.npy").unlink()
    assert not files.has("given.npy")


def test_writing_again_replaces(files):
    for value in (1, 2, 2):
        files.write_array("given", np.full(3, value))
        assert files.read_array("given").tolist() == [value] * 3


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("given.npy", "restore it from a copy, or start a new run"),
        ("labels.parquet", "delete it and start the same command"),
    ],
)
def test_a_file_changed_by_hand_says_what_to_do(files, tmp_path, name, advice):
    files.write_array("given", np.arange(10.0))
    files.write_table("labels", pd.DataFrame({"id": [1]}))
    read = {"given.npy": lambda: files.read_array("given"), "labels.parquet": lambda: files.read_table("labels")}[name]
    content = bytearray((tmp_path / name).read_bytes())
    content[-1] ^= 1  # one bit
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedRunError, match=f"{name} is not what was stored.*{advice}") as caught:
        read()
    assert "\n" not in str(caught.value)
    (tmp_path / name).unlink()
    with pytest.raises(DamagedRunError, match=f"{name} is missing; {advice}"):
        read()


def test_a_swapped_array_is_noticed(files, tmp_path):
    """A whole and valid file that is not the one that was stored."""
    files.write_array("given", np.zeros(3))
    np.save(tmp_path / "given.npy", np.ones(3))
    with pytest.raises(DamagedRunError, match="is not what was stored"):
        files.read_array("given")
    with pytest.raises(DamagedRunError, match="is not what was stored"):
        files.read_array("given", mmap_mode="r")


def test_damaged_checksums(files, tmp_path):
    files.write_json("metrics", [1])
    (tmp_path / "checksums.json").write_text("{")
    with pytest.raises(DamagedRunError, match=r"checksums.json is not JSON"):
        files.read_json("metrics")
    with pytest.raises(DamagedRunError, match="has no checksum"):
        TopFiles(RunPaths(tmp_path / "empty")).read_json("metrics")
