from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from softlabel.errors import StorageError
from softlabel.store import atomic
from softlabel.store.atomic import (
    ASIDE,
    remove_file,
    remove_folder,
    remove_leftovers,
    sha256_of,
    write_array,
    write_bytes,
    write_folder,
    write_json,
    write_text,
    writing,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_get_their_content_and_their_digest(tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    digest = write_bytes(path, b"one")
    assert path.read_bytes() == b"one"
    assert digest == hashlib.sha256(b"one").hexdigest() == sha256_of(path)
    assert write_text(path, "zwölf") == sha256_of(path)
    assert path.read_text(encoding="utf-8") == "zwölf"
    assert write_json(path, {"b": np.float32(0.5), "a": [np.nan]}) == sha256_of(path)
    assert json.loads(path.read_text()) == {"b": 0.5, "a": [None]}
    assert names(path.parent) == ["file"]


@given(array=hnp.arrays(st.sampled_from(["<f4", ">f8", "|b1", "<i8", "<U3"]), hnp.array_shapes(min_dims=0, min_side=0)))
def test_equal_arrays_give_equal_files(tmp_path_factory, array):
    folder = tmp_path_factory.mktemp("arrays")
    digest = write_array(folder / "a.npy", array)
    assert digest == sha256_of(folder / "a.npy")
    read = np.load(folder / "a.npy", allow_pickle=False)
    np.testing.assert_array_equal(read, array)
    assert read.shape == array.shape
    assert write_array(folder / "b.npy", np.asfortranarray(array).reshape(array.shape)) == digest
    assert write_array(folder / "b.npy", array.astype(array.dtype.newbyteorder("<"))) == digest


def test_objects_are_not_pickled(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle=False"):
        write_array(tmp_path / "a.npy", np.array([{}, None]))
    assert names(tmp_path) == []


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    write_bytes(path, b"old")
    with pytest.raises(KeyboardInterrupt), writing(path) as writer:  # noqa: PT012
        writer.write(b"new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    with pytest.raises(ZeroDivisionError), write_folder(tmp_path / "folder") as folder:  # noqa: PT012
        (folder / "file").write_text("half")
        1 / 0  # noqa: B018
    assert names(tmp_path) == ["file"]


def test_a_folder_appears_whole_and_replaces_whole(tmp_path):
    place = tmp_path / "deep" / "folder"
    with write_folder(place) as folder:
        write_bytes(folder / "a", b"1")
        (folder / "sub").mkdir()
        (folder / "sub" / "b").write_text("2")
        assert not place.exists()
    assert names(place) == ["a", "sub"]
    with write_folder(place) as folder:
        write_bytes(folder / "c", b"3")
        assert names(place) == ["a", "sub"]
    assert names(place) == ["c"]
    assert names(place.parent) == ["folder"]


def test_the_digest_is_told_before_the_file_is_in_place(tmp_path):
    path, told = tmp_path / "file", []
    digest = write_bytes(path, b"x", lambda digest: told.append((digest, path.exists())))
    assert told == [(digest, False)]


@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "No space left on device.*free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EROFS, "choose another folder, or change the permissions"),
        (errno.EACCES, "change the permissions"),
        (errno.EIO, "check the disk"),
    ],
)
def test_a_disk_that_refuses(tmp_path, monkeypatch, step, number, advice):
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    if step == "write":
        monkeypatch.setattr(atomic.HashedWriter, "write", refuse)
    else:
        monkeypatch.setattr(os, step, refuse)
    with pytest.raises(StorageError, match=advice) as caught:
        write_bytes(path, b"new")
    monkeypatch.undo()
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.errno == number
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_folder_on_a_full_disk(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    place = tmp_path / "folder"
    with pytest.raises(StorageError, match="free some space") as caught, write_folder(place) as folder:  # noqa: PT012
        monkeypatch.setattr(os, "fsync", refuse)
        write_bytes(folder / "a", b"1")
    monkeypatch.undo()
    assert str(caught.value).startswith(f"{place / 'a'} could not be written")
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a matter of POSIX")
def test_a_write_that_the_system_cuts_short(tmp_path):
    """A real refusal: the system writes the first part of the file and then no more."""
    program = (
        "import resource, signal, sys, numpy as np\n"
        "from softlabel.errors import StorageError\n"
        "from softlabel.store.atomic import write_array\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n    write_array(sys.argv[1], np.zeros(1_000_000))\n"
        "except StorageError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.npy")], capture_output=True, text=True, check=True
    )
    assert "a.npy could not be written (File too large); check the disk" in done.stdout
    assert names(tmp_path) == []


def test_a_path_under_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    for write in (lambda p: write_bytes(p, b""), lambda p: write_folder(p).__enter__()):
        with pytest.raises(StorageError, match="a file stands where a folder is needed"):
            write(tmp_path / "file" / "deeper" / "name")


def test_leftovers_of_killed_writers_are_removed(tmp_path):
    (tmp_path / "rounds" / f"{ASIDE}abc-01" / f"{ASIDE}abc-x").mkdir(parents=True)
    (tmp_path / "rounds" / f"{ASIDE}abc-01" / "oof.npy").write_text("half")
    (tmp_path / f"{ASIDE}def-run.json").write_text("half")
    (tmp_path / "kept").write_text("whole")
    assert remove_leftovers(tmp_path) == 2
    assert names(tmp_path) == ["kept", "rounds"]
    assert names(tmp_path / "rounds") == []


def test_removing(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    remove_folder(tmp_path / "a")
    remove_folder(tmp_path / "a")
    write_bytes(tmp_path / "f", b"")
    remove_file(tmp_path / "f")
    remove_file(tmp_path / "f")
    assert names(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "f")
    with pytest.raises(StorageError, match="cannot be read"):
        sha256_of(tmp_path)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_any_step_there_is_the_old_or_the_new(tmp_path, killed_at):
    def state(place: Path):
        return {path.name: path.read_bytes() for path in place.iterdir()} if place.exists() else None

    for step in range(100):
        root = tmp_path / str(step)
        write_bytes(root / "file", b"old")
        with write_folder(root / "folder") as folder:
            write_bytes(folder / "a", b"old")

        def work(root=root):
            write_bytes(root / "file", b"new")
            with write_folder(root / "folder") as folder:
                write_bytes(folder / "a", b"new")
                write_bytes(folder / "b", b"new")

        ended = killed_at(step, work)
        remove_leftovers(root)
        assert (root / "file").read_bytes() in (b"old", b"new")
        assert state(root / "folder") in (None, {"a": b"old"}, {"a": b"new", "b": b"new"})
        assert {path.name for path in root.iterdir()} <= {"file", "folder"}
        if ended:
            assert state(root / "folder") == {"a": b"new", "b": b"new"}
            assert step > 5
            return
    pytest.fail("it never came to its end")
