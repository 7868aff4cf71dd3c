from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.execution import local
from softlabel.execution.local import InProcess, Processes, local_executor
from softlabel.execution.machine import DeviceMemory, Machine
from softlabel.execution.placement import Placed


def _machine(monkeypatch, *devices):
    asked = []

    def machine(device):
        asked.append(device)
        return Machine(4, devices, lambda: 0.0, lambda: None, lambda device: DeviceMemory(0, 0))

    monkeypatch.setattr(local, "this_machine", machine)
    return asked


@pytest.mark.parametrize(("n_jobs", "kind"), [(None, InProcess), (1, InProcess), (2, Processes), (-1, Processes)])
def test_n_jobs_names_the_executor(n_jobs, kind):
    assert type(local_executor(n_jobs)) is kind


@pytest.mark.parametrize("n_jobs", [0, 1.5, "two"])
def test_n_jobs_that_is_no_number_is_refused(n_jobs):
    with pytest.raises(InputError, match="n_jobs"):
        local_executor(n_jobs)


def test_numbers_of_numpy_are_numbers_of_processes():
    executor = local_executor(np.int64(2))
    assert isinstance(executor, Processes)
    assert type(executor.n_jobs) is int


def test_auto_places_by_itself(monkeypatch):
    asked = _machine(monkeypatch)
    assert isinstance(local_executor("auto", "cuda:1"), Placed)
    assert asked == ["cuda:1"]


def test_processes_take_turns_on_the_accelerators(monkeypatch):
    _machine(monkeypatch, "cuda:0", "cuda:1")
    assert local_executor(3).devices == ("cuda:0", "cuda:1", "cuda:0")
    assert isinstance(local_executor(1), InProcess)
    _machine(monkeypatch)
    assert local_executor(3).devices == ()
