from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from softlabel.execution.executor import Done, Failure, Resources, current_resources
from softlabel.execution.processes import InProcess, Processes

BOTH = pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=["in-process", "processes"])


def _square_or_fail(task):
    if task == 2:
        raise ArithmeticError("two is too much")
    warnings.warn(f"task {task} is warm", RuntimeWarning, stacklevel=1)
    return task * task


def _threads(task):
    np.ones((2, 2)) @ np.ones((2, 2))
    return max(pool["num_threads"] for pool in threadpool_info())


def _process(task):
    return os.getpid()


@BOTH
def test_a_failing_task_does_not_stop_the_others(executor):
    outcomes = dict(executor.run(_square_or_fail, range(5), resources=Resources()))
    assert {task: outcome.value for task, outcome in outcomes.items() if isinstance(outcome, Done)} == {
        0: 0,
        1: 1,
        3: 9,
        4: 16,
    }
    failure = outcomes[2]
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, ArithmeticError)
    assert "_square_or_fail" in failure.traceback


@BOTH
def test_warnings_come_back_with_the_result(executor):
    outcomes = dict(executor.run(_square_or_fail, [0, 1], resources=Resources()))
    assert outcomes[1].warnings == ((RuntimeWarning, "task 1 is warm"),)


@BOTH
@pytest.mark.filterwarnings("ignore:2 processes with 2 threads")
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_of_a_task_are_bounded(executor, threads):
    outcomes = list(executor.run(_threads, [0, 1], resources=Resources(threads)))
    assert all(outcome.value <= threads for _, outcome in outcomes)


def test_processes_are_other_processes_and_one_task_needs_none():
    several = {outcome.value for _, outcome in Processes(2).run(_process, range(4), resources=Resources())}
    assert os.getpid() not in several
    ((_, alone),) = Processes(2).run(_process, [0], resources=Resources())
    assert alone.value == os.getpid()


class OddError(Exception):
    """An error that pickle cannot rebuild."""

    def __init__(self, what, where):
        super().__init__(f"{what} in {where}")


class TwiceError(Exception):
    """An error that pickle rebuilds with another message."""

    def __init__(self, what):
        super().__init__(f"got {what}")


class OddTypeError(OddError, TypeError):
    pass


def _odd(task):
    if task == 1:
        raise OddError("a hole", "the road")
    if task == 2:
        raise TwiceError("wet")
    if task == 3:
        raise OddTypeError("a text", "the sum")
    return task


@BOTH
def test_an_error_that_cannot_be_sent_is_told_by_its_name_and_text(executor):
    outcomes = dict(executor.run(_odd, range(6), resources=Resources()))
    assert {task: outcome.value for task, outcome in outcomes.items() if isinstance(outcome, Done)} == {
        0: 0,
        4: 4,
        5: 5,
    }
    errors = {task: outcome.error for task, outcome in outcomes.items() if isinstance(outcome, Failure)}
    assert {task: (type(error), str(error)) for task, error in errors.items()} == {
        1: (RuntimeError, "OddError: a hole in the road"),
        2: (RuntimeError, "TwiceError: got wet"),
        3: (TypeError, "OddTypeError: a text in the sum"),
    }
    assert "_odd" in outcomes[1].traceback


def _die(task):
    number, folder = task
    if number == 1:
        os._exit(1)
    (folder / str(number)).touch()
    return number


def test_where_a_process_dies_what_was_not_finished_fails_and_the_next_call_works(tmp_path):
    tasks = [(number, tmp_path) for number in range(4)]
    outcomes = dict(Processes(2).run(_die, tasks, resources=Resources()))
    assert set(outcomes) == set(tasks)
    assert isinstance(outcomes[tasks[1]], Failure)
    for (number, _), outcome in outcomes.items():
        if isinstance(outcome, Failure):
            assert str(outcome.error) == ("the process that fitted it died, perhaps for lack of memory; lower n_jobs")
        else:
            assert outcome.value == number
    again = dict(Processes(2).run(_square_or_fail, range(3), resources=Resources()))
    assert again[1].value == 1


def _die_after_the_first(task):
    number, folder = task
    if number == 1:
        while not (folder / "0 is kept").exists():  # the first task's result has reached the caller
            pass
        os._exit(1)
    return number


def test_what_was_finished_before_a_process_died_is_kept(tmp_path):
    tasks = [(0, tmp_path), (1, tmp_path)]
    outcomes = {}
    for (number, folder), outcome in Processes(2).run(_die_after_the_first, tasks, resources=Resources()):
        outcomes[number] = outcome
        (folder / f"{number} is kept").touch()
    assert isinstance(outcomes[0], Done)
    assert isinstance(outcomes[1], Failure)


def _unsendable(task):
    return (lambda: task) if task != 1 else (number for number in range(3))


def test_a_result_that_cannot_be_sent_is_a_failure():
    outcomes = dict(Processes(2).run(_unsendable, range(2), resources=Resources()))
    assert isinstance(outcomes[1], Failure)
    assert "pickle" in str(outcomes[1].error)


def _told(task):
    return current_resources(), os.environ.get("OMP_NUM_THREADS")


@BOTH
def test_a_task_finds_its_resources(executor):
    outcomes = list(executor.run(_told, range(2), resources=Resources(1)))
    assert [outcome.value[0] for _, outcome in outcomes] == [Resources(1)] * 2


def test_threads_are_the_default_of_libraries_that_a_task_loads_first():
    outcomes = list(Processes(2).run(_told, range(2), resources=Resources(1)))
    assert [outcome.value[1] for _, outcome in outcomes] == ["1", "1"]


def _meet(task):
    """Return the device once both tasks are running, so that neither process can do both."""
    number, folder = task
    (folder / str(number)).touch()
    while len(list(folder.iterdir())) < 2:
        pass
    return current_resources().device


def test_each_process_has_its_device_and_nothing_is_left_of_its_claim(tmp_path, monkeypatch):
    rooms, claims = tmp_path / "rooms", tmp_path / "claims"
    rooms.mkdir()
    claims.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(claims))
    executor = Processes(2, ("cuda:0", "cuda:1"))
    outcomes = list(executor.run(_meet, [(0, rooms), (1, rooms)], resources=Resources()))
    assert sorted(outcome.value for _, outcome in outcomes) == ["cuda:0", "cuda:1"]
    assert not [path for path in claims.iterdir() if path.name.startswith("softlabel-")]


def test_a_single_task_takes_the_first_device_here():
    ((_, outcome),) = Processes(2, ("cuda:0", "cuda:1")).run(_told, [0], resources=Resources())
    assert outcome.value[0] == Resources(1, "cuda:0")


def test_more_threads_than_cores_are_told_once(monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    executor = Processes(2)
    with pytest.warns(UserWarning, match="2 processes with 3 threads each on 2 cores: they wait"):
        list(executor.run(_told, range(2), resources=Resources(3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(executor.run(_told, range(2), resources=Resources(3)))
        list(Processes(2).run(_told, range(2), resources=Resources(1)))


def _loaded_by_processes(task):
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    batches = DataLoader(TensorDataset(torch.arange(4)), batch_size=2, num_workers=2)
    return [batch.tolist() for (batch,) in batches]


def test_a_task_may_load_its_batches_by_processes_of_its_own():
    """loky's start method, left as it is, lets no other process be started within its own."""
    outcomes = list(Processes(2).run(_loaded_by_processes, range(2), resources=Resources()))
    assert [outcome.value for _, outcome in outcomes] == [[[0, 1], [2, 3]]] * 2


def test_a_process_that_is_replaced_does_not_end_the_pool_where_warnings_are_errors():
    """The words are those of joblib, of the thread that minds its processes: raised there, they would leave us waiting."""
    import inspect

    from joblib.externals.loky import process_executor

    words = "A worker stopped while some jobs were given to the "
    assert words in inspect.getsource(process_executor)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in Processes(2).run(_process, range(3), resources=Resources()):
            warnings.warn(words + "executor.", UserWarning, stacklevel=1)
            with pytest.raises(UserWarning, match="another"):
                warnings.warn("another", UserWarning, stacklevel=1)


_WHO_HEARS = """
import signal
from softlabel.execution.executor import Resources
from softlabel.execution.processes import Processes

def hears(task):
    return signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())

print([outcome.value for _, outcome in Processes(2).run(hears, range(4), resources=Resources())], hears(None))
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system has no masks of signals")
def test_only_this_process_hears_an_interrupt():
    # In an interpreter of its own: the first pool starts more than its processes.
    done = subprocess.run([sys.executable, "-c", _WHO_HEARS], capture_output=True, text=True, check=True)
    assert done.stdout == "[False, False, False, False] True\n"
