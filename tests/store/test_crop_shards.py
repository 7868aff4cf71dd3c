import numpy as np
import pytest

from softlabel.errors import DamagedRunError, InputError
from softlabel.store.crop_format import CropPaths
from softlabel.store.crop_shards import checked_crops, joined, read_shard, write_shard
from softlabel.targets.top_classes import top_classes
from stored_labels import labels_of

RECORD = {"n_crops": 3, "top": 2, "classes": ["a", "b", "c", "d"], "class_ids": "uint8"}


def crops(n=5, seed=0, record=RECORD):
    boxes, flips, P = labels_of(np.arange(n) + seed, record["n_crops"], len(record["classes"]))
    return checked_crops(boxes, flips, *top_classes(P, record["top"]), n, record)


def test_a_shard_comes_back_as_it_was_written(tmp_path):
    paths, written = CropPaths(tmp_path), crops()
    write_shard(paths, 3, written)
    read = read_shard(paths, 3, 4)
    for name in ("boxes", "flips", "class_ids", "probabilities"):
        assert np.array_equal(getattr(read, name), getattr(written, name))
        assert getattr(read, name).dtype == getattr(written, name).dtype
    assert np.array_equal(read.targets(), written.targets())


def test_the_arrays_of_a_shard_are_plain(tmp_path):
    write_shard(CropPaths(tmp_path), 0, crops())
    found = {path.stem: np.load(path, allow_pickle=False) for path in tmp_path.rglob("*.npy")}
    assert {name: (array.shape, array.dtype.str) for name, array in found.items()} == {
        "boxes": ((5, 3, 4), "<i2"),
        "flips": ((5, 3), "|b1"),
        "class_ids": ((5, 3, 2), "|u1"),
        "probabilities": ((5, 3, 2), "<f2"),
    }


def test_large_boxes_take_wider_numbers():
    boxes, flips, P = labels_of(np.arange(2), 3, 4)
    boxes[0, 0] = [0, 0, 40_000, 1]
    wide = checked_crops(boxes, flips, *top_classes(P, 2), 2, RECORD)
    assert wide.boxes.dtype == np.int32
    assert wide.boxes[0, 0].tolist() == [0, 0, 40_000, 1]


def test_taken_and_joined():
    one, two = crops(5), crops(4, seed=50)
    both = joined([one, two])
    assert len(both) == 9
    assert np.array_equal(both.take([0, 8]).targets(), np.stack([one.targets()[0], two.targets()[3]]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b, f, i, p: (b[:, :2], f, i, p), r"boxes are \(5, 2, 4\); this shard takes \(5, 3, 4\)"),
        (lambda b, f, i, p: (b.astype(float), f, i, p), "whole pixels"),
        (lambda b, f, i, p: (b, f.astype(int), i, p), "booleans"),
        (lambda b, f, i, p: (b * 0, f, i, p), "height or width below 1"),
        (lambda b, f, i, p: (b, f, i + 3, p), "ids from 0 to 3"),
        (lambda b, f, i, p: (b, f, i, p * 3), "more than 1"),
    ],
)
def test_what_cannot_be_stored_is_refused(change, said):
    boxes, flips, P = labels_of(np.arange(5), 3, 4)
    with pytest.raises(InputError, match=said):
        checked_crops(*change(boxes, flips, *top_classes(P, 2)), 5, RECORD)


@pytest.mark.parametrize("name", ["boxes.npy", "flips.npy", "class_ids.npy", "probabilities.npy", "shard.json"])
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_damaged_shard_is_named_with_what_to_do(tmp_path, name, how):
    paths = CropPaths(tmp_path)
    write_shard(paths, 0, crops())
    file = paths.shard(0) / name
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data) if how == "changed" else file.unlink()
    with pytest.raises(DamagedRunError, match=rf"{name}.*delete the folder .*00000 .*made anew"):
        read_shard(paths, 0, 4)
