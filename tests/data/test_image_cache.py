from __future__ import annotations

import os
import pickle
import shutil
import warnings
from collections import namedtuple

import numpy as np
import pytest
from PIL import Image

from made_pictures import encoded, pixels
from softlabel.data import image_cache
from softlabel.data.encoded_images import BytesImages, FileImages
from softlabel.data.image_cache import available_memory, load_images
from softlabel.data.image_decoding import decode
from softlabel.data.images import MappedPixels
from softlabel.errors import InputError, StorageError

CELLS = [encoded(pixels(row)) for row in range(40)]
EXPECTED = np.stack([pixels(row) for row in range(40)])


def of(*cells):
    return BytesImages(cells, [f"p{row}" for row in range(len(cells))])


@pytest.fixture
def no_memory(monkeypatch):
    monkeypatch.setattr(image_cache, "available_memory", lambda: 4 * EXPECTED.nbytes - 1)


def kind(images):
    return "none" if images.lazy else "disk" if isinstance(images._stores[0], MappedPixels) else "memory"


@pytest.mark.parametrize("cache", ["auto", "memory", "disk", "none"])
@pytest.mark.parametrize("size", [None, 5])
def test_pixels_and_digests_are_the_same_wherever_they_are_kept(cache, size, tmp_path):
    images = load_images(of(*CELLS), size=size, cache=cache, cache_folder=tmp_path)
    assert kind(images) == ("memory" if cache == "auto" else cache)
    expected = EXPECTED if size is None else np.stack([decode(cell, size) for cell in CELLS])
    np.testing.assert_array_equal(images.read(), expected)
    np.testing.assert_array_equal(images.digests(), load_images(of(*CELLS), cache="memory").digests())
    part = pickle.loads(pickle.dumps(images.take([3, 39])))
    np.testing.assert_array_equal(part.read(), expected[[3, 39]])


def test_what_auto_chooses(no_memory, monkeypatch, tmp_path):
    assert kind(load_images(of(*CELLS))) == "none"
    assert kind(load_images(of(*CELLS[:39]))) == "memory"
    usage = namedtuple("usage", "total used free")
    free = {"bytes": 2 * EXPECTED.nbytes - 1}
    asked = []
    monkeypatch.setattr(shutil, "disk_usage", lambda path: (asked.append(path), usage(0, 0, free["bytes"]))[1])
    assert kind(load_images(of(*CELLS), cache_folder=tmp_path / "a" / "b")) == "none"
    assert asked == [tmp_path]  # the folder that will hold it may not be there yet
    free["bytes"] += 1
    assert kind(load_images(of(*CELLS), cache_folder=tmp_path / "a" / "b")) == "disk"
    free["bytes"] = 0
    assert kind(load_images(of(*CELLS), cache_folder=tmp_path / "a" / "b")) == "disk"  # it is there already


def test_a_cache_is_used_again_if_it_is_of_the_same_pictures(tmp_path, monkeypatch):
    def load(*cells, size=None, name="pictures"):
        return load_images(of(*cells), size=size, cache="disk", cache_folder=tmp_path, name=name)

    load(*CELLS)
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("pictures-")
    np.testing.assert_array_equal(np.load(file), EXPECTED)
    monkeypatch.setattr(image_cache, "decode", None)
    np.testing.assert_array_equal(load(*CELLS).read(), EXPECTED)
    monkeypatch.undo()
    np.testing.assert_array_equal(load(*CELLS[::-1]).read(), EXPECTED[::-1])
    assert load(*CELLS, size=4).shape == (40, 4, 4, 3)
    assert load(*CELLS, size=8).shape == (40, 8, 8, 3)
    load(*CELLS, name="test")
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("damage", ["empty", "other", "cut", "of another shape", "of another type"])
def test_a_damaged_cache_is_made_anew(tmp_path, damage):
    load_images(of(*CELLS), cache="disk", cache_folder=tmp_path)
    (file,) = tmp_path.iterdir()
    if damage.startswith("of"):
        np.save(file, EXPECTED[1:] if damage == "of another shape" else EXPECTED.astype(np.int16))
    else:
        file.write_bytes({"empty": b"", "other": b"nothing", "cut": file.read_bytes()[:-1]}[damage])
    images = load_images(of(*CELLS), cache="disk", cache_folder=tmp_path)
    np.testing.assert_array_equal(images.read(), EXPECTED)


@pytest.mark.parametrize("cache", ["memory", "disk", "none"])
def test_all_broken_pictures_are_named_at_once(cache, tmp_path):
    smooth = np.asarray(Image.fromarray(pixels(0)).resize((40, 40)))
    cut = encoded(smooth, "JPEG")[:-200]
    good = encoded(smooth)
    message = r"^2 of 5 pictures cannot be read: p1 \(cut short\), p4 \(cut short\); mend or remove them$"
    with pytest.raises(InputError, match=message):
        load_images(of(good, cut, good, good, cut), cache=cache, cache_folder=tmp_path)
    message = r"^3 of 5 pictures cannot be read: p0 \(empty file\), p1 \(cut short\), p3 \(no picture of a known format .*\); mend"
    with pytest.raises(InputError, match=message):
        load_images(of(b"", cut, good, b"<svg/>", encoded(pixels(1))), cache=cache, cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []  # nothing half done is left


def test_sizes_and_modes():
    with pytest.raises(InputError, match="pictures have 2 sizes"):
        load_images(of(CELLS[0], encoded(pixels(0, 9, 9))))
    with pytest.warns(UserWarning, match="several colour modes"):
        images = load_images(of(CELLS[0], encoded(pixels(0)[..., 0])))
    assert images.shape == (2, 8, 8, 3)


def test_decoders_do_not_warn(tmp_path):
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_images(of(encoded(pixels(0), exif=exif)))


def test_files_changed_after_the_check(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(CELLS[0])
    images = load_images(FileImages([path], ["a.png"]), cache="none")
    path.write_bytes(CELLS[1])
    with pytest.raises(InputError, match="changed since"):
        images.read()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cache": "ram"}, "cache='ram'; give one of auto, memory, disk, none"),
        ({"cache": "disk"}, "needs a folder"),
        ({"size": 0}, "image_size=0; give the side"),
    ],
)
def test_options(options, message):
    with pytest.raises(InputError, match=message):
        load_images(of(CELLS[0]), **options)
    with pytest.raises(InputError, match="there are no pictures"):
        load_images(of())


def test_a_disk_that_refuses(tmp_path, no_memory):
    (tmp_path / "file").write_text("a file where a folder is needed")
    with pytest.raises(StorageError, match="could not be written"):
        load_images(of(*CELLS), cache="disk", cache_folder=tmp_path / "file")
    with pytest.warns(UserWarning, match="decoded whenever they are read: .* could not be written"):
        images = load_images(of(*CELLS), cache_folder=tmp_path / "file")
    np.testing.assert_array_equal(images.read(), EXPECTED)


def test_available_memory_is_no_more_than_is_installed():
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert installed // 1000 < available_memory() <= installed
