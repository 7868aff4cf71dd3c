from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from softlabel.execution import processes
from softlabel.execution.executor import Done, Failure, Resources, attempt, current_resources
from softlabel.execution.pool import Broken
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


DIED = "the process that fitted it died, perhaps for lack of memory; lower n_jobs"


def _begin(folder, number):
    """Leave a trace of each time that a task is begun."""
    (folder / f"{number} in {os.getpid()}").touch()


def _begun(folder, number):
    return len(list(folder.glob(f"{number} in *")))


def _die(task):
    number, folder, killers = task
    _begin(folder, number)
    if number == 0 or number in killers:
        while not (_begun(folder, 0) and _begun(folder, 1)):  # 0 and 1 are both begun where the first one dies
            pass
    if number in killers:
        os._exit(1)
    if number == 0:
        while _begun(folder, 0) < 2:  # not before it was begun again
            pass
    return number


@pytest.mark.parametrize("killers", [{1}, {1, 2, 5}])
def test_where_a_process_dies_only_its_task_fails_and_the_next_call_works(tmp_path, killers):
    tasks = [(number, tmp_path, frozenset(killers)) for number in range(7)]
    outcomes = list(Processes(2).run(_die, tasks, resources=Resources()))
    assert sorted(number for (number, *_), _ in outcomes) == list(range(7))
    told = {task[0]: str(outcome.error) for task, outcome in outcomes if isinstance(outcome, Failure)}
    assert told == dict.fromkeys(killers, DIED)
    assert all(outcome.value == task[0] for task, outcome in outcomes if isinstance(outcome, Done))
    times = [_begun(tmp_path, number) for number in range(7)]
    assert times[0] == 2
    assert max(times) == 2
    again = dict(Processes(2).run(_square_or_fail, range(3), resources=Resources()))
    assert again[1].value == 1


def _always_die(task):
    os._exit(1)


def test_where_every_task_dies_it_comes_to_an_end():
    outcomes = list(Processes(2).run(_always_die, range(3), resources=Resources()))
    assert sorted(task for task, _ in outcomes) == list(range(3))
    assert {str(outcome.error) for _, outcome in outcomes} == {DIED}


def _breaking_pools(pools, suspects):
    """Pools that do tasks up to the first suspect; what they were given is noted."""

    def run_in_pool(function, unfinished, resources, n_jobs, devices):
        pools.append((list(unfinished.values()), n_jobs))
        for position, task in list(unfinished.items()):
            if task in suspects:
                found = [number for number, task in unfinished.items() if task in suspects][:2]
                return Broken(RuntimeError("it broke"), tuple(found))
            yield unfinished.pop(position), Done(task)
        return None

    return run_in_pool


def test_suspects_are_run_one_at_a_time_and_the_rest_by_all_processes(monkeypatch):
    pools = []
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    monkeypatch.setattr(processes, "run_in_pool", _breaking_pools(pools, "cdf"))
    outcomes = list(Processes(3).run(_process, "abcdefg", resources=Resources()))
    assert pools == [(list("abcdefg"), 3), (["c"], 2), (["d"], 2), (list("efg"), 3), (["f"], 2), (["g"], 3)]
    assert [task for task, _ in outcomes] == list("abcdefg")
    assert [task for task, outcome in outcomes if isinstance(outcome, Failure)] == list("cdf")


def test_a_pool_that_breaks_without_a_suspect_is_not_tried_again(monkeypatch):
    def never(function, unfinished, *_):
        pools.append(len(unfinished))
        return Broken(OSError("no more processes"), ())
        yield

    pools = []
    monkeypatch.setattr(processes, "run_in_pool", never)
    outcomes = dict(Processes(2).run(_process, range(4), resources=Resources()))
    assert pools == [4]
    assert [str(outcomes[task].error) for task in range(4)] == ["no more processes"] * 4


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


def test_a_result_that_cannot_be_sent_is_a_failure_and_the_only_one():
    outcomes = dict(Processes(2).run(_unsendable, range(5), resources=Resources()))
    assert [task for task in range(5) if isinstance(outcomes[task], Failure)] == [1]
    assert "pickle" in str(outcomes[1].error)


class Deadly:
    """A task that ends the process which reads it, before it is begun."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_task_that_cannot_be_read_is_a_failure_and_the_only_one():
    tasks = [Deadly(), *range(5)]
    outcomes = dict(Processes(2).run(_process, tasks, resources=Resources()))
    assert [task for task in tasks if isinstance(outcomes[task], Failure)] == tasks[:1]
    assert str(outcomes[tasks[0]].error) == DIED


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


def _die_or_meet(task):
    deadly, number, room = task
    met = _meet((number, room))
    folder = " ".join(path.name for path in room.parent.glob("claims/softlabel-*"))
    (room.parent / f"folder of {room.name} {number}").write_text(folder)
    if deadly:
        os._exit(1)
    return met


def test_places_of_dead_processes_are_free_again(tmp_path, monkeypatch):
    rooms = [tmp_path / "first", tmp_path / "second"]
    for folder in (*rooms, tmp_path / "claims"):
        folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "claims"))
    tasks = [(room is rooms[0], number, room) for room in rooms for number in range(2)]
    outcomes = dict(Processes(2, ("cuda:0", "cuda:1")).run(_die_or_meet, tasks, resources=Resources()))
    assert all(isinstance(outcomes[task], Failure) for task in tasks[:2])
    assert sorted(outcomes[task].value for task in tasks[2:]) == ["cuda:0", "cuda:1"]
    before, after = ((tmp_path / f"folder of {room.name} 1").read_text() for room in rooms)
    assert len({before, after, ""}) == 3  # nobody waits for a claim that is left of the dead


@BOTH
def test_within_a_task_the_tasks_of_an_executor_inherit_its_device(executor):
    def outer(task):
        return [outcome.value[0] for _, outcome in executor.run(_told, range(2), resources=Resources(1))]

    assert attempt(outer, 0, Resources(2, "cuda:1"))[1].value == [Resources(1, "cuda:1")] * 2


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
import os, signal
from softlabel.execution.executor import Resources
from softlabel.execution.processes import Processes

def hears(task):
    if task == 3:
        os._exit(1)
    return signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())

found = dict(Processes(2).run(hears, range(12), resources=Resources()))
print(type(found.pop(3)).__name__, [outcome.value for outcome in found.values()], hears(None))
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system has no masks of signals")
def test_only_this_process_hears_an_interrupt_after_others_died_too():
    # In an interpreter of its own: the first pool starts more than its processes.
    done = subprocess.run([sys.executable, "-c", _WHO_HEARS], capture_output=True, text=True, check=True)
    assert done.stdout == f"Failure {[False] * 11} True\n"
    assert done.stderr == ""


def test_whoever_stops_early_hears_nothing_of_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcomes = Processes(2).run(_process, range(12), resources=Resources())
        next(outcomes)
        outcomes.close()
