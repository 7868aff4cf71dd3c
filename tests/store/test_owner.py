from __future__ import annotations

import os
import subprocess
import sys

import pytest

from softlabel.store.owner import boot_id, is_alive, this_process

on_linux = pytest.mark.skipif(boot_id() is None, reason="needs /proc")


def test_this_process_lives():
    me = this_process("t")
    assert me.pid == os.getpid()
    assert me.token == "t"
    assert is_alive(me)
    assert me == this_process("t")


def test_an_ended_process_is_dead():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert not is_alive(this_process()._replace(pid=process.pid, started=None))


@on_linux
def test_an_ended_process_that_nobody_waited_for_is_dead():
    process = subprocess.Popen([sys.executable, "-c", "print()"], stdout=subprocess.PIPE)
    assert process.stdout.read() == b"\n"  # at its end the pipe closes
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and still in the table of processes
    assert not is_alive(this_process()._replace(pid=process.pid, started=None))
    process.wait()
    process.stdout.close()


@on_linux
def test_another_process_of_the_same_number_is_not_the_owner():
    me = this_process()
    assert me.started is not None
    assert not is_alive(me._replace(started="1"))
    assert is_alive(me._replace(started=None))


@on_linux
def test_nothing_outlives_its_machine():
    assert not is_alive(this_process()._replace(boot="another"))
    assert is_alive(this_process()._replace(boot=None))


def test_a_process_of_somebody_else_lives(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert is_alive(this_process()._replace(pid=1, started=None))
