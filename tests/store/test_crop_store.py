import copy
import json
import pickle

import numpy as np
import pytest

from softlabel.errors import DamagedRunError, InputError, NewerFormatError, RunError
from softlabel.store.crop_store import CropStore
from softlabel.store.sealed import read_sealed, write_sealed
from softlabel.targets.top_classes import spread_rest, top_classes
from stored_labels import digests, fill, labels_of, writer_of

ALL = np.arange(11)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("stores") / "labels"
    fill(writer_of(root, order=np.random.default_rng(3).permutation(11)))
    return root


def test_what_was_written_is_read(folder):
    store = CropStore(folder)
    boxes, flips, P = labels_of(ALL, 3, 4)
    read = store.read(ALL)
    assert np.array_equal(read.boxes, boxes)
    assert np.array_equal(read.flips, flips)
    assert np.array_equal(read.targets(), spread_rest(*top_classes(P, 2), 4))
    assert len(store) == 11
    assert store.classes.tolist() == ["c0", "c1", "c2", "c3"]
    assert (store.n_crops, store.input_size) == (3, (6, 8))
    assert np.array_equal(store.pictures, digests(11))


@pytest.mark.parametrize("rows", [[3], [10, 0], [5, 5, 1], [7, 2, 9, 4, 0, 10]])
def test_rows_come_in_the_order_in_which_they_are_asked_for(folder, rows):
    assert np.array_equal(CropStore(folder).read(rows).targets(), CropStore(folder).read(ALL).targets()[rows])


def test_shards_are_all_rows_once(folder):
    found = {
        int(row): crops
        for rows, part in CropStore(folder).shards()
        for row, crops in zip(rows, part.targets(), strict=True)
    }
    assert sorted(found) == ALL.tolist()
    assert np.array_equal(np.stack([found[row] for row in ALL]), CropStore(folder).read(ALL).targets())


def test_a_store_can_be_read_while_it_is_written(tmp_path):
    counts = []
    with writer_of(tmp_path / "s") as writer:
        for rows in writer.missing():
            counts.append(CropStore(tmp_path / "s").n_labelled)
            writer.write(rows, *labels_of(rows, 3, 4))
            store = CropStore(tmp_path / "s")
            assert store.labelled()[rows].all()
            assert store.labelled().sum() == store.n_labelled
            assert np.array_equal(store.read(rows).targets(), spread_rest(*top_classes(labels_of(rows, 3, 4)[2], 2), 4))
            if not store.done:
                with pytest.raises(InputError, match=r"have no labels in .* yet .*goes on, or read those of labelled"):
                    store.read(ALL)
    assert counts == [0, 3, 7]
    assert CropStore(tmp_path / "s").done


def test_one_object_sees_what_is_written_later(tmp_path):
    fill(writer_of(tmp_path / "s"), shards=1)
    store = CropStore(tmp_path / "s")
    assert not store.done
    fill(writer_of(tmp_path / "s"))
    assert store.done
    assert store.labelled().all()
    assert len(store.read(ALL)) == 11


def test_positions_that_are_none_are_refused(folder):
    for rows in ([11], [-1], [], [[0]]):
        with pytest.raises(InputError):
            CropStore(folder).read(rows)


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(RunError, match="does not exist"):
        CropStore(tmp_path / "no")
    with pytest.raises(RunError, match="holds no labels"):
        CropStore(tmp_path)
    assert not CropStore.exists(tmp_path)


def test_damage_is_found(tmp_path):
    fill(writer_of(tmp_path / "s", order=ALL[::-1]))
    store = CropStore(tmp_path / "s")
    assert store.verify() == 3
    for name in ("pictures.npy", "order.npy", "shards/00001/flips.npy", "store.json"):
        file = tmp_path / "s" / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        with pytest.raises(DamagedRunError, match=file.name):
            CropStore(tmp_path / "s").verify()
        file.write_bytes(whole)
    assert CropStore(tmp_path / "s").verify() == 3


def test_a_deleted_shard_is_made_anew(tmp_path):
    import shutil

    fill(writer_of(tmp_path / "s"))
    before = (tmp_path / "s" / "shards" / "00001" / "boxes.npy").read_bytes()
    shutil.rmtree(tmp_path / "s" / "shards" / "00001")
    assert not CropStore(tmp_path / "s").done
    fill(writer_of(tmp_path / "s"))
    assert (tmp_path / "s" / "shards" / "00001" / "boxes.npy").read_bytes() == before


def test_a_newer_format_is_refused(tmp_path):
    fill(writer_of(tmp_path / "s"), shards=0)
    file = tmp_path / "s" / "store.json"
    write_sealed(file, read_sealed(file, advice="") | {"format_version": 2})
    with pytest.raises(NewerFormatError, match="upgrade"):
        CropStore(tmp_path / "s")
    assert json.loads(file.read_text())["format_version"] == 2


def test_copied_and_pickled_it_is_its_folder(folder):
    store = CropStore(folder)
    store.read(ALL)
    for other in (copy.deepcopy(store), pickle.loads(pickle.dumps(store))):
        assert other.paths.root == store.paths.root
        assert other._held == {}
        assert np.array_equal(other.read([1]).targets(), store.read([1]).targets())
    assert store.n_bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
