from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from softlabel.errors import DamagedRunError, NewerFormatError, RunError, StorageError
from softlabel.store import atomic
from softlabel.store.lock import RunLock
from softlabel.store.run_store import RunStore

RECORD = {"configuration": {"rounds": 3}, "classes": ["a", "b"], "state": "running"}


def test_a_record_comes_back(tmp_path):
    store = RunStore.create(tmp_path / "runs" / "one", RECORD)
    assert store.record == {"format_version": 1, **RECORD}
    opened = RunStore.open(tmp_path / "runs" / "one")
    assert opened.record == store.record
    assert opened.root == tmp_path / "runs" / "one"
    assert RunStore.exists(opened.root)
    assert not RunStore.exists(tmp_path)


def test_the_record_is_a_copy(tmp_path):
    store = RunStore.create(tmp_path, RECORD)
    store.record["configuration"]["rounds"] = 99
    assert store.record["configuration"]["rounds"] == 3


def test_changes_of_the_record_are_stored(tmp_path):
    store = RunStore.create(tmp_path, RECORD)
    store.update_record(state="done", configuration={"rounds": np.int64(4)})
    assert store.record == RunStore.open(tmp_path).record
    assert RunStore.open(tmp_path).record["configuration"] == {"rounds": 4}
    assert RunStore.open(tmp_path).record["classes"] == ["a", "b"]


def test_the_record_says_nothing_of_when(tmp_path):
    for name in ("a", "b"):
        store = RunStore.create(tmp_path / name, RECORD)
        store.append_timing({"fit": 1.5})
        store.update_record(state="done")
    assert (tmp_path / "a" / "run.json").read_bytes() == (tmp_path / "b" / "run.json").read_bytes()
    assert store.timings() == [{"fit": 1.5}]


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RunError, match=r"not empty and holds no run \(it has thesis.tex\); nothing is written"):
        RunStore.create(tmp_path, RECORD)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(RunError, match="is a file"):
        RunStore.create(tmp_path / "thesis.tex", RECORD)


def test_a_second_run_in_one_folder(tmp_path):
    RunStore.create(tmp_path, RECORD)
    with pytest.raises(RunError, match="holds a run already"):
        RunStore.create(tmp_path, RECORD)


def test_a_lock_and_leftovers_are_no_obstacle(tmp_path):
    (tmp_path / f"{atomic.ASIDE}0123-run.json").write_text("half")
    with RunLock(tmp_path / "lock"):
        store = RunStore.create(tmp_path, RECORD)
        assert store.remove_leftovers() == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "run.json"]


def test_there_is_no_run(tmp_path):
    with pytest.raises(RunError, match="does not exist"):
        RunStore.open(tmp_path / "none")
    with pytest.raises(RunError, match="holds no run"):
        RunStore.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="is a file"):
        RunStore.open(tmp_path / "file")


def test_a_newer_run_and_a_damaged_one(tmp_path):
    RunStore.create(tmp_path, RECORD)
    path = tmp_path / "run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "format_version": 2}))
    with pytest.raises(NewerFormatError, match="upgrade"):
        RunStore.open(tmp_path)
    path.write_text(json.dumps({**record, "state": "done"}))
    with pytest.raises(DamagedRunError, match="restore it from a copy"):
        RunStore.open(tmp_path)
    path.write_text("not json")
    with pytest.raises(DamagedRunError, match="is not JSON"):
        RunStore.open(tmp_path)


def test_an_unwritable_place(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((StorageError, RunError), match="file"):
        RunStore.create(tmp_path / "file" / "run", RECORD)


def test_a_full_disk_keeps_what_was_stored(tmp_path, monkeypatch):
    store = RunStore.create(tmp_path, RECORD)
    store.put_unit(1, 0, 0, {"held_out": np.zeros(3)})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="free some space"):
        store.put_unit(1, 0, 1, {"held_out": np.ones(3)})
    with pytest.raises(StorageError, match="free some space"):
        store.update_record(state="done")
    monkeypatch.undo()
    again = RunStore.open(tmp_path)
    assert again.record["state"] == store.record["state"] == "running"
    assert again.get_unit(1, 0, 0).arrays["held_out"].tolist() == [0, 0, 0]
    assert again.get_unit(1, 0, 1) is None
    assert again.remove_leftovers() == 0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_any_step_a_run_can_be_read_and_goes_on(tmp_path, killed_at, monkeypatch):
    """Each kind of write, over what was there, ended at each of its steps on the disk: never damage, never a mixture."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a step to be killed at, which need not take its time here

    def write(store, value):
        store.put_unit(1, 0, 0, {"held_out": np.full(3, value)}, {"n": value})
        store.write_array("given", np.full(3, value))
        store.write_json("metrics", {"n": value})
        store.put_round(1, {"oof": np.full(3, value), "refined": np.full(3, value)}, {"n": value})
        store.update_record(n=value)

    for step in range(200):
        root = tmp_path / str(step)
        write(RunStore.create(root, {}), 1)
        ended = killed_at(step, lambda root=root: write(RunStore.open(root), 2))
        store = RunStore.open(root)
        store.remove_leftovers()
        values = {store.record["n"], *store.read_array("given"), store.read_json("metrics")["n"]}
        for stored, said in ((store.get_unit(1, 0, 0), "info"), (store.get_round(1), "scores")):
            if stored is not None:
                found = {getattr(stored, said)["n"], *np.concatenate(list(stored.arrays.values()))}
                assert len(found) == 1
                values |= found
        assert values <= {1, 2}
        store.put_round(1, {"oof": np.zeros(3)}, {"n": 3})
        assert store.get_round(1).scores == {"n": 3}
        if ended:
            assert step > 30
            return
    pytest.fail("it never came to its end")


WRITER = """
import sys, numpy as np
from softlabel.store.run_store import RunStore
store = RunStore.create(sys.argv[1], {"state": "running"})
print("begun", flush=True)
n = 0
while True:
    n += 1
    store.put_unit(1, 0, n % 3, {"held_out": np.full(5000, n), "test": np.full(10, n)}, {"n": n})
    store.write_array("given", np.full(1000, n))
    store.put_round(1, {"oof": np.full(3000, n)}, {"n": n})
    store.update_record(n=n)
    print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_killed_run_can_be_read(tmp_path, after):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.strip() == str(after):
            break
    process.kill()  # at whatever it is just writing
    process.communicate()
    store = RunStore.open(tmp_path / "run")
    store.remove_leftovers()
    assert store.record["n"] >= after
    for fold in range(3):
        unit = store.get_unit(1, 0, fold)
        if unit is not None:
            assert (unit.arrays["held_out"] == unit.info["n"]).all()
            assert (unit.arrays["test"] == unit.info["n"]).all()
    assert len(np.unique(store.read_array("given"))) == 1
    stored = store.get_round(1)
    assert stored is None or (stored.arrays["oof"] == stored.scores["n"]).all()
    assert not list((tmp_path / "run").rglob(f"{atomic.ASIDE}*"))
