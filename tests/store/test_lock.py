from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from softlabel.errors import RunLockedError, StorageError
from softlabel.store import lock as lock_module
from softlabel.store.lock import RunLock
from softlabel.store.owner import this_process

HOLDER = """
import sys
from softlabel.store.lock import RunLock
lock = RunLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.read()
lock.release()
"""

CONTENDER = """
import sys
from softlabel.store.lock import RunLock
from softlabel.errors import RunLockedError
sys.stdin.readline()
try:
    lock = RunLock(sys.argv[1]); lock.acquire()
    print("won", flush=True)
except RunLockedError:
    print("lost", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "lock"


def hold(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def dead_owner(path, **changes):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    path.parent.mkdir(parents=True, exist_ok=True)
    owner = this_process("dead")._replace(pid=process.pid, **changes)
    path.write_text(json.dumps(owner._asdict()))


def test_held_and_given_back(path):
    with RunLock(path) as lock:
        owner = json.loads(path.read_text())
        assert owner["pid"] == os.getpid()
        assert {"host", "started", "boot"} <= owner.keys()
        assert lock.path == path
    assert list(path.parent.iterdir()) == []
    with RunLock(path):
        pass


def test_given_back_after_an_error(path):
    with pytest.raises(KeyboardInterrupt), RunLock(path):
        raise KeyboardInterrupt
    assert not path.exists()


def test_one_owner_in_one_process(path, tmp_path):
    with RunLock(path):
        with pytest.raises(RunLockedError, match="this very process"):
            RunLock(path).acquire()
        with pytest.raises(RunLockedError, match="this very process"):
            RunLock(tmp_path / "run" / ".." / "run" / "lock").acquire()
        caught = []

        def other_thread():
            try:
                RunLock(path).acquire()
            except RunLockedError as error:
                caught.append(error)

        thread = threading.Thread(target=other_thread)
        thread.start()
        thread.join()
        assert len(caught) == 1
        assert path.exists()
    RunLock(path).acquire()
    lock_module._held.clear()


def test_a_living_process_keeps_its_lock(path):
    process = hold(path)
    with pytest.raises(RunLockedError, match=f"in use by process {process.pid} on this machine"):
        RunLock(path).acquire()
    process.communicate("")
    with RunLock(path):
        pass


def test_the_lock_of_a_killed_process_is_taken_over(path):
    process = hold(path)
    process.kill()
    process.communicate()
    assert json.loads(path.read_text())["pid"] == process.pid
    with RunLock(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()
        assert [entry.name for entry in path.parent.iterdir()] == ["lock"]
    assert not path.exists()


def test_of_many_that_find_a_dead_owner_one_wins(path):
    dead_owner(path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CONTENDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(5)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.stdout.readline().strip() for process in processes]
    owner = json.loads(path.read_text())["pid"]
    for process in processes:
        process.communicate("")
    assert sorted(answers) == ["lost"] * 4 + ["won"]
    assert owner == processes[answers.index("won")].pid


def test_another_took_over_in_between(path, monkeypatch):
    """Two find the same dead owner; the slower must not push out the quicker."""
    dead_owner(path)
    quicker = this_process("quicker")._replace(pid=os.getppid(), started=None)
    same_file = lock_module._same_file

    def overtaken(descriptor, lock_path):
        monkeypatch.setattr(lock_module, "_same_file", same_file)
        path.with_name("other").write_text(json.dumps(quicker._asdict()))
        os.replace(path.with_name("other"), path)
        return same_file(descriptor, lock_path)

    monkeypatch.setattr(lock_module, "_same_file", overtaken)
    with pytest.raises(RunLockedError, match=f"process {os.getppid()} on this machine"):
        RunLock(path).acquire()
    assert json.loads(path.read_text())["token"] == "quicker"


def test_an_owner_on_another_host_stays(path):
    dead_owner(path, host="elsewhere")
    with pytest.raises(RunLockedError, match=f"on elsewhere, which cannot be looked at .* delete {path}"):
        RunLock(path).acquire()
    path.unlink()
    with RunLock(path):
        pass


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": 1}', "\0\0"])
def test_a_lock_that_says_nothing_is_left_to_the_user(path, content):
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(RunLockedError, match=f"does not say who owns .* delete {path}"):
        RunLock(path).acquire()
    assert path.read_text() == content
    assert [entry.name for entry in path.parent.iterdir()] == ["lock"]


def test_a_lock_that_was_taken_away_is_not_given_back(path):
    lock = RunLock(path)
    lock.acquire()
    other = this_process("other")._asdict()
    path.write_text(json.dumps(other))
    lock.release()
    assert json.loads(path.read_text())["token"] == "other"
    lock.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_neither_owns_nor_releases(path):
    with RunLock(path) as lock:
        child = os.fork()
        if child == 0:
            try:
                lock.release()
                try:
                    RunLock(path).acquire()
                    os._exit(1)
                except RunLockedError as error:
                    os._exit(0 if f"process {os.getppid()} on this machine" in str(error) else 2)
            finally:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert path.exists()


def test_a_file_system_without_hard_links(path, monkeypatch):
    def refuse(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with RunLock(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()
        lock_module._held.clear()
        with pytest.raises(RunLockedError, match=f"process {os.getpid()}"):
            RunLock(path).acquire()


def test_an_unwritable_place(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="choose another folder"):
        RunLock(tmp_path / "file" / "run" / "lock").acquire()
    assert not lock_module._held
