from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from made_pictures import encoded, pixels
from softlabel.data.encoded_images import BytesImages, DecodedOnDemand, FileImages, digest_of
from softlabel.data.image_decoding import UnreadableImageError
from softlabel.data.images import Images
from softlabel.errors import InputError


def test_bytes_stay_apart():
    cells = [b"", b"ab", b"", b"c", b"\0\0"]
    images = BytesImages(cells, range(5))
    assert [images.read(row) for row in range(5)] == cells
    assert len(images) == 5
    assert images.names == list("01234")
    again = pickle.loads(pickle.dumps(images))
    assert [again.read(row) for row in range(5)] == cells
    assert len(BytesImages([], [])) == 0


def test_files(tmp_path):
    (tmp_path / "ä.png").write_bytes(b"ab")
    (tmp_path / "link.png").symlink_to(tmp_path / "ä.png")
    images = FileImages([tmp_path / "ä.png", str(tmp_path / "link.png")], ["ä", "link"])
    assert [images.read(row) for row in range(2)] == [b"ab", b"ab"]


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "locked.png").write_bytes(b"ab")
    reasons = {
        "folder.png": "a folder",
        "none.png": "does not exist",
        "link.png": "a link to a file that does not exist",
        "pipe.png": "no regular file",
        "locked.png": "no permission to read it",
        "a" * 300: "name too long",
    }
    read = Path.read_bytes

    def locked(path):
        if path.name == "locked.png":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", locked)  # the superuser may read everything
    images = FileImages([tmp_path / name for name in reasons], reasons)
    for row, reason in enumerate(reasons.values()):
        with pytest.raises(UnreadableImageError) as caught:
            images.read(row)
        assert caught.value.reason.lower().endswith(reason)


def test_decoding_on_demand_reads_what_was_checked(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(pixels(1)))
    other = tmp_path / "b.png"
    other.write_bytes(encoded(pixels(2)))
    digests = np.stack([np.frombuffer(hashlib.sha256(p.read_bytes()).digest(), np.uint8) for p in (path, other)])
    store = DecodedOnDemand(FileImages([path, other], ["a", "b"]), (8, 8, 3), None, digests)
    images = Images.of_store(store, 2)
    assert images.lazy
    assert "decoded when read" in repr(images)
    np.testing.assert_array_equal(images.take([1, 0, 1]).read(), [pixels(2), pixels(1), pixels(2)])
    np.testing.assert_array_equal(images.take([1]).digests(), digests[1:])
    assert images.take([1]).digests()[0].tobytes() == digest_of(other.read_bytes())
    path.write_bytes(encoded(pixels(3)))
    with pytest.raises(InputError, match=r"a cannot be read any more \(changed since it was checked\); put it back"):
        images.read([0])
    path.unlink()
    with pytest.raises(InputError, match=r"a cannot be read any more \(does not exist\)"):
        images.read()
