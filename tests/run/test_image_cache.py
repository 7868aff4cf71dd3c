from __future__ import annotations

import pytest

from softlabel.run.image_cache import image_cache
from softlabel.store.run_store import RunStore


def _fill(folder):
    folder.mkdir(parents=True)
    (folder / "pixels.npy").write_bytes(b"pixels")


def test_a_run_that_is_not_done_keeps_its_pictures(tmp_path):
    with image_cache(tmp_path / "run") as folder:
        _fill(folder)
        store = RunStore.create(tmp_path / "run", {"state": "running"})  # which a cache does not keep from beginning
    assert (folder / "pixels.npy").exists()
    with image_cache(tmp_path / "run"):
        store.update_record(state="done")
    assert not folder.exists()
    assert (tmp_path / "run" / "run.json").exists()


def test_a_run_that_never_began_leaves_nothing(tmp_path):
    def begin():
        with image_cache(tmp_path / "run") as folder:
            _fill(folder)
            raise ValueError("bad input")

    with pytest.raises(ValueError, match="bad"):
        begin()
    assert not (tmp_path / "run").exists()


def test_folders_that_were_there_stay(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    for name in ("run", "other"):
        with image_cache(tmp_path / name) as folder:
            _fill(folder)
        assert not folder.exists()
        assert (tmp_path / name).is_dir()
    assert (tmp_path / "other" / "letter.txt").exists()


def test_what_a_damaged_run_has_is_left_alone(tmp_path):
    RunStore.create(tmp_path / "run", {"state": "running"})
    (tmp_path / "run" / "run.json").write_text("{")
    with image_cache(tmp_path / "run") as folder:
        _fill(folder)
    assert folder.exists()
