from __future__ import annotations

import os

import pytest

from softlabel.execution.executor import Done, Failure, Resources, current_resources
from softlabel.execution.machine import DeviceMemory, Machine
from softlabel.execution.placement import Placed, cpu_slots, device_slots, spread

GIB = 2**30


def _machine(*seconds, cores=2, devices=(), taken=None, free=80 * GIB):
    """A machine on which fits take so many seconds, and so much memory by device."""
    times = iter([time for one in seconds for time in (0.0, one)])
    memory = {device: DeviceMemory((taken or {}).get(device, 0), free) for device in devices}
    return Machine(cores, tuple(devices), times.__next__, lambda: None, memory.__getitem__)


def _where(task):
    return os.getpid(), current_resources()


def _run(placed, n_tasks=4, function=_where, threads=1, kind=""):
    outcomes = dict(placed.run(function, range(n_tasks), resources=Resources(threads, kind=kind)))
    assert sorted(outcomes) == list(range(n_tasks))
    return {task: outcome.value for task, outcome in outcomes.items() if isinstance(outcome, Done)}


def _here(found):
    return [task for task, (process, _) in found.items() if process == os.getpid()]


# --- decisions -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cores", "threads", "n"), [(8, 1, 8), (8, 3, 2), (8, 8, 1), (2, 4, 1), (1, 1, 1)])
def test_cores_are_divided_by_the_threads_of_a_fit(cores, threads, n):
    assert cpu_slots(cores, threads) == (None,) * n


@pytest.mark.parametrize(
    ("taken", "cores", "n"),
    [
        (20 * GIB, 16, 3),  # 0.85 * 80 / 20 = 3.4
        (1 * GIB, 16, 8),  # never more than 8
        (1 * GIB, 4, 4),  # nor than there are cores
        (60 * GIB, 16, 1),
        (100 * GIB, 16, 1),  # it ran alone, so one fits whatever was measured
    ],
)
def test_a_device_carries_as_many_fits_as_memory_and_cores_allow(taken, cores, n):
    slots = device_slots({"cuda:0": DeviceMemory(taken, 80 * GIB)}, taken, cores, 1)
    assert slots == ("cuda:0",) * n


def test_devices_take_turns_and_each_gets_one():
    memory = {"cuda:0": DeviceMemory(0, 30 * GIB), "cuda:1": DeviceMemory(0, 80 * GIB)}
    assert device_slots(memory, 20 * GIB, 16, 1) == ("cuda:0", "cuda:1", "cuda:1", "cuda:1")
    assert device_slots(memory, 20 * GIB, 3, 1) == ("cuda:0", "cuda:1", "cuda:1")
    assert device_slots(memory, 20 * GIB, 2, 2) == ("cuda:0", "cuda:1")


def test_processes_of_a_number_take_turns():
    assert spread(5, ("cuda:0", "cuda:1")) == ("cuda:0", "cuda:1", "cuda:0", "cuda:1", "cuda:0")


# --- on a CPU ------------------------------------------------------------------------------------------------------------------


def test_short_fits_stay_here():
    placed = Placed(_machine(2.9))
    assert len(_here(_run(placed))) == 4
    assert placed.slots == (None,)


def test_long_fits_go_to_processes_after_the_first_and_later_runs_know_it():
    placed = Placed(_machine(60.0))
    assert placed.slots is None
    found = _run(placed)
    assert _here(found) == [0]
    assert [resources for _, resources in found.values()] == [Resources(1)] * 4
    assert placed.slots == (None, None)
    assert _here(_run(placed)) == []


def test_fits_that_want_all_cores_stay_here():
    assert len(_here(_run(Placed(_machine(60.0)), threads=2))) == 4


@pytest.mark.parametrize(("second", "here"), [(0.5, 4), (6.0, 2)])
def test_a_first_fit_that_may_have_loaded_libraries_is_measured_again(second, here):
    assert len(_here(_run(Placed(_machine(5.0, second))))) == here


def _fail_first(task):
    if task == 0:
        raise ArithmeticError("two is too much")
    return _where(task)


def test_a_failure_says_nothing_of_how_long_fits_take():
    placed = Placed(_machine(0.1, 60.0))
    found = _run(placed, function=_fail_first)
    assert sorted(found) == [1, 2, 3]
    assert _here(found) == [1]


def test_no_tasks_decide_nothing():
    placed = Placed(_machine())
    assert _run(placed, 0) == {}
    assert placed.slots is None


# --- on devices ----------------------------------------------------------------------------------------------------------------


def _devices(found):
    return {task: resources.device for task, (_, resources) in found.items()}


def test_fits_are_packed_on_one_device():
    placed = Placed(_machine(60.0, devices=["cuda:0"], taken={"cuda:0": 20 * GIB}))
    found = _run(placed)
    assert placed.slots == ("cuda:0", "cuda:0")
    assert set(_devices(found).values()) == {"cuda:0"}
    assert _here(found) == [0]


def test_short_fits_stay_here_on_the_device_that_they_had():
    found = _run(Placed(_machine(1.0, devices=["cuda:0", "cuda:1"], taken={"cuda:1": GIB})))
    assert len(_here(found)) == 4
    assert set(_devices(found).values()) == {"cuda:1"}


def test_a_learner_that_leaves_devices_alone_is_placed_by_cores():
    placed = Placed(_machine(60.0, devices=["cuda:0"]))
    _run(placed)
    assert placed.slots == (None, None)


def test_a_learner_that_has_a_device_of_its_own_keeps_it():
    placed = Placed(_machine(60.0, cores=16, devices=["cuda:0", "cuda:1"], taken={"cuda:0": 40 * GIB}))
    assert _run(placed, 1)[0][1].device == "cuda:1"  # it was shown the last one, and took the first
    assert placed.slots == ("cuda:0",)


def test_all_devices_are_used_where_the_first_fit_followed():
    placed = Placed(_machine(60.0, cores=16, devices=["cuda:0", "cuda:1"], taken={"cuda:1": 40 * GIB}))
    _run(placed, 1)
    assert placed.slots == ("cuda:0", "cuda:1")


def _crowded(task):
    """Fail in every process but the one that asked."""
    asker, number = task
    if os.getpid() != asker:
        raise RuntimeError("out of memory on cuda:0 with batches of 128")
    return number


def test_fits_without_room_beside_each_other_are_done_again_one_by_one():
    placed = Placed(_machine(60.0, devices=["cuda:0"], taken={"cuda:0": GIB}))
    tasks = [(os.getpid(), number) for number in range(4)]
    outcomes = dict(placed.run(_crowded, tasks, resources=Resources()))
    assert [outcomes[task].value for task in tasks] == [0, 1, 2, 3]
    assert placed.slots == ("cuda:0",)


def _starving_but_first(task):
    if task > 0:
        raise RuntimeError("out of memory on cuda:0 with batches of 128")


def test_what_has_no_room_alone_fails():
    placed = Placed(_machine(60.0, devices=["cuda:0"], taken={"cuda:0": GIB}))
    outcomes = dict(placed.run(_starving_but_first, range(3), resources=Resources()))
    assert sorted(task for task, outcome in outcomes.items() if isinstance(outcome, Failure)) == [1, 2]


def test_fits_of_another_kind_are_measured_for_themselves():
    """A forest that happens to be the first says nothing of where networks go."""
    placed = Placed(_machine(0.1, 60.0, devices=["cuda:0"], taken={}))
    alone = _run(placed, kind="forest")
    assert _here(alone) == [0, 1, 2, 3]
    assert placed.slots is None
    assert len(_here(_run(placed))) == 1
    assert placed.slots == (None, None)
    assert _here(_run(placed, kind="forest")) == [0, 1, 2, 3]
