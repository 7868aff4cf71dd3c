from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from softlabel.errors import DamagedRunError
from softlabel.store.paths import RunPaths
from softlabel.store.round_files import RoundFiles

ARRAYS = {
    "split": np.array([[1, 2], [2, 1]], dtype=np.int8),
    "oof": np.array([[0.1, 0.9], [0.5, 0.5]], dtype=np.float32),
    "refined": np.array([[0.2, 0.8], [0.6, 0.4]], dtype=np.float32),
}
SCORES = {"oof": {"accuracy": 0.5, "nll": 0.1 + 0.2}, "guard": None}


@pytest.fixture
def files(tmp_path):
    return RoundFiles(RunPaths(tmp_path))


def same(one, two):
    assert one.keys() == two.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
        assert one[name].dtype == two[name].dtype


def test_a_unit_comes_back(files, tmp_path):
    assert files.get_unit(1, 0, 3) is None
    arrays = {"held_out": ARRAYS["oof"], "test": ARRAYS["refined"]}
    files.put_unit(1, 0, 3, arrays, {"loss": [0.5, 0.25]})
    unit = files.get_unit(1, 0, 3)
    same(unit.arrays, arrays)
    assert unit.info == {"loss": [0.5, 0.25]}
    folder = tmp_path / "rounds" / "01" / "units" / "m0-f3"
    assert sorted(path.name for path in folder.iterdir()) == ["held_out.npy", "test.npy", "unit.json"]
    assert files.get_unit(1, 1, 3) is None
    assert files.rounds() == []


def test_a_unit_is_replaced_whole(files):
    files.put_unit(1, 0, 0, {"held_out": np.zeros(2), "test": np.zeros(2)})
    files.put_unit(1, 0, 0, {"held_out": np.ones(2)})
    same(files.get_unit(1, 0, 0).arrays, {"held_out": np.ones(2)})


def test_a_round_comes_back(files, tmp_path):
    assert files.get_round(1) is None
    files.put_unit(1, 0, 0, {"held_out": np.zeros(2)})
    assert files.get_round(1) is None
    files.put_round(1, ARRAYS, SCORES)
    stored = files.get_round(1)
    same(stored.arrays, ARRAYS)
    assert stored.scores == SCORES
    assert isinstance(files.get_round(1, mmap_mode="r").arrays["oof"], np.memmap)
    assert sorted(path.name for path in (tmp_path / "rounds" / "01").iterdir()) == [
        "checksums.json", "oof.npy", "refined.npy", "scores.json", "split.npy", "units",
    ]  # fmt: skip
    assert files.get_unit(1, 0, 0) is not None


def test_rounds_count_up_to_the_first_that_is_not_whole(files):
    for number in (1, 2, 3, 5):
        files.put_round(number, ARRAYS, SCORES)
    assert files.rounds() == [1, 2, 3]
    files.remove_round(2)
    assert files.rounds() == [1]
    assert files.get_round(2) is None
    files.remove_round(2)
    files.put_round(2, ARRAYS, SCORES)
    assert files.rounds() == [1, 2, 3]


def test_a_round_without_its_checksums_is_not_there(files, tmp_path):
    files.put_round(1, ARRAYS, SCORES)
    (tmp_path / "rounds" / "01" / "checksums.json").unlink()  # the last file that is written
    assert files.get_round(1) is None
    assert files.rounds() == []


def test_units_are_removed_apart_from_their_round(files):
    files.put_unit(1, 0, 0, {"held_out": np.zeros(2)})
    files.put_round(1, ARRAYS, SCORES)
    files.remove_units(1)
    assert files.get_unit(1, 0, 0) is None
    assert files.rounds() == [1]


@pytest.mark.parametrize("name", ["oof.npy", "split.npy", "refined.npy", "scores.json", "checksums.json"])
@pytest.mark.parametrize("harm", ["change", "cut", "remove"])
def test_a_damaged_round_names_the_file_and_the_folder_to_delete(files, tmp_path, name, harm):
    files.put_round(1, ARRAYS, SCORES)
    folder = tmp_path / "rounds" / "01"
    damage(folder / name, harm)
    if (name, harm) == ("checksums.json", "remove"):
        assert files.get_round(1) is None
        return
    with pytest.raises(DamagedRunError, match=f"{name}.*delete the folder {folder} and start the same command"):
        files.get_round(1)
    shutil.rmtree(folder)
    files.put_round(1, ARRAYS, SCORES)
    assert files.get_round(1).scores == SCORES


@pytest.mark.parametrize("name", ["held_out.npy", "unit.json"])
@pytest.mark.parametrize("harm", ["change", "cut", "remove"])
def test_a_damaged_unit_names_the_file_and_the_folder_to_delete(files, tmp_path, name, harm):
    files.put_unit(1, 0, 0, {"held_out": ARRAYS["oof"]}, {"loss": 0.25})
    folder = tmp_path / "rounds" / "01" / "units" / "m0-f0"
    damage(folder / name, harm)
    with pytest.raises(DamagedRunError, match=f"{name}.*delete the folder {folder}"):
        files.get_unit(1, 0, 0)


def test_equal_results_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        files = RoundFiles(RunPaths(tmp_path / name))
        files.put_unit(1, 0, 0, {"held_out": ARRAYS["oof"]}, {"loss": 0.25})
        files.put_round(1, ARRAYS, SCORES)
    contents = [
        {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
            if path.is_file()
        }
        for name in ("a", "b")
    ]
    assert contents[0] == contents[1]
    assert len(contents[0]) == 7


def damage(path, harm):
    if harm == "remove":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-3])
    elif path.suffix == ".json":
        record = json.loads(path.read_text())
        path.write_text(json.dumps({**record, "by hand": 1}))
    else:
        content = bytearray(path.read_bytes())
        content[-2] ^= 1
        path.write_bytes(content)
