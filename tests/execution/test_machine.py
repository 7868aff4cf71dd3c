from __future__ import annotations

import subprocess
import sys

import joblib
import pytest
import torch

from softlabel.execution import machine
from softlabel.execution.machine import CONTEXT_BYTES, DeviceMemory, accelerators, release_memory, this_machine


class FakeCuda:
    """Two devices, of which the second was used."""

    def __init__(self):
        self.emptied, self.reset = 0, []

    def is_available(self):
        return True

    is_initialized = is_available

    def device_count(self):
        return 2

    def max_memory_reserved(self, device):
        return {"cuda:0": 0, "cuda:1": 5 * 2**30}[device]

    def mem_get_info(self, device):
        return (60 if self.emptied else 55) * 2**30, 80 * 2**30

    def empty_cache(self):
        self.emptied += 1

    def reset_peak_memory_stats(self, number):
        self.reset.append(number)


@pytest.fixture
def cuda(monkeypatch):
    fake = FakeCuda()
    monkeypatch.setattr(torch, "cuda", fake)
    return fake


def test_the_cores_are_those_that_this_process_may_use():
    assert this_machine("cpu").cores == joblib.cpu_count()


def test_devices_that_are_named_are_not_looked_for():
    assert accelerators("cpu") == ()
    assert accelerators("cuda:3") == ("cuda:3",)
    assert accelerators("cuda") == ("cuda:0",)
    assert accelerators("mps") == ("mps",)


@pytest.mark.parametrize("device", [None, "auto"])
def test_all_cuda_devices_are_found(cuda, device):
    assert accelerators(device) == ("cuda:0", "cuda:1")


def test_memory_of_a_fit_counts_what_cuda_itself_takes_and_not_what_is_kept_for_later(cuda):
    memory = this_machine().memory
    assert memory("cuda:0").taken == 0
    assert memory("cuda:1") == DeviceMemory(5 * 2**30 + CONTEXT_BYTES, 60 * 2**30)


def test_peaks_are_reset_on_every_device(cuda):
    this_machine().reset_memory()
    assert cuda.reset == [0, 1]


def test_memory_is_given_back_on_cuda_only(cuda):
    for device in (None, "cpu", "mps"):
        release_memory(device)
    assert cuda.emptied == 0
    release_memory("cuda:1")
    assert cuda.emptied == 1


def test_a_machine_without_accelerators(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert accelerators() == ()
    assert this_machine().memory("cuda:0") == DeviceMemory(0, 0)


def test_torch_is_not_imported_where_no_driver_is():
    program = (
        "import sys; from softlabel.execution import machine\n"
        "machine.Path.glob = lambda *_: iter(()); machine.shutil.which = lambda name: None; sys.platform = 'linux'\n"
        "found = machine.this_machine(); found.reset_memory(); machine.release_memory('cuda:0')\n"
        "print(found.devices, found.memory('cuda:0').taken, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "() 0 False", done.stderr
    assert machine.find_spec("torch") is not None  # else this would prove nothing
