"""One training shared by two processes is the training of one, to rounding. The processes are real."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np

from softlabel import TorchClassifier
from softlabel.learners.training import processes
from softlabel.learners.training.processes import OneProcess, processes_for

SCRIPT = """
import atexit, sys
import numpy as np
import torch.distributed as dist
from softlabel import TorchClassifier
atexit.register(lambda: np.save(sys.argv[1] + "left" + sys.argv[2], not dist.is_initialized()))  # after all that comes later
draws = np.random.default_rng(0)
X, targets = draws.normal(size=(30, 4)).astype(np.float32), draws.dirichlet(np.ones(3), 30)
model = TorchClassifier("mlp", epochs=3, batch_size=8, device="cpu", random_state=0, network_options=OPTIONS)
model.fit(X, targets, sample_weight=WEIGHT)
np.save(sys.argv[1] + sys.argv[2], model.predict_proba(X))
# With statistics of their own, seeds that nobody gave, and an end that one of them decides.
stopped = TorchClassifier("mlp", epochs=40, batch_size=8, device="cpu", early_stopping=2, schedule="constant")
np.save(sys.argv[1] + "stopped" + sys.argv[2], stopped.fit(X, targets).predict_proba(X))
"""


def launch(folder, options, weight):
    script = folder / "train.py"
    script.write_text(SCRIPT.replace("OPTIONS", repr(options)).replace("WEIGHT", weight))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    started = []
    for rank in ("0", "1"):
        surroundings = os.environ | {
            "WORLD_SIZE": "2", "RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": "2",
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true",
        }  # fmt: skip
        started.append(
            subprocess.Popen(
                [sys.executable, str(script), str(folder / "p"), rank],
                env=surroundings,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    said = [process.communicate(timeout=240)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    return [np.load(folder / f"{name}{rank}.npy") for name in ("p", "pstopped", "pleft") for rank in ("0", "1")]


def test_two_processes_train_as_one(tmp_path: Path):
    options = {"batch_norm": False}  # its statistics are those of a process's own part
    first, second, *stopped, one_left, other_left = launch(tmp_path, options, "np.arange(30) + 1.0")
    draws = np.random.default_rng(0)
    X, targets = draws.normal(size=(30, 4)).astype(np.float32), draws.dirichlet(np.ones(3), 30)
    alone = TorchClassifier("mlp", epochs=3, batch_size=8, device="cpu", random_state=0, network_options=options)
    expected = alone.fit(X, targets, sample_weight=np.arange(30) + 1.0).predict_proba(X)
    assert np.array_equal(first, second)
    assert np.array_equal(*stopped)
    assert [bool(one_left), bool(other_left)] == [True, True]  # a group that stays aborts a process now and then
    assert np.allclose(first, expected, atol=1e-4)
    assert not np.allclose(expected, expected[0], atol=1e-2)  # there is something to agree on


def test_after_an_error_nobody_waits_for_an_orderly_leave(monkeypatch):
    left = []
    monkeypatch.setattr(processes.dist, "is_initialized", lambda: True)
    monkeypatch.setattr(processes.dist, "destroy_process_group", lambda: left.append(True))
    monkeypatch.setattr(processes.sys, "last_value", ValueError("of the training"), raising=False)
    processes.leave()
    assert not left
    monkeypatch.delattr(processes.sys, "last_value")
    processes.leave()
    assert left


def test_without_a_launcher_there_is_one_process(monkeypatch):
    import torch

    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert isinstance(processes_for(torch.device("cpu")), OneProcess)


def test_one_process_takes_the_gradient_as_it_is():
    import torch

    weight = torch.tensor([3.0], requires_grad=True)
    OneProcess().backward((weight**2).sum())
    assert weight.grad.item() == 6.0
