from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from softlabel.errors import InputError
from softlabel.execution.executor import Done, Failure, Resources
from softlabel.execution.local import InProcess, Processes, local_executor

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
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_of_a_task_are_bounded(executor, threads):
    outcomes = list(executor.run(_threads, [0, 1], resources=Resources(threads)))
    assert all(outcome.value <= threads for _, outcome in outcomes)


def test_processes_are_other_processes_and_one_task_needs_none():
    several = {outcome.value for _, outcome in Processes(2).run(_process, range(4), resources=Resources())}
    assert os.getpid() not in several
    ((_, alone),) = Processes(2).run(_process, [0], resources=Resources())
    assert alone.value == os.getpid()


@pytest.mark.parametrize(("n_jobs", "kind"), [(None, InProcess), (1, InProcess), (2, Processes), (-1, Processes)])
def test_n_jobs_names_the_executor(n_jobs, kind):
    assert type(local_executor(n_jobs)) is kind


@pytest.mark.parametrize("n_jobs", [0, 1.5, "two"])
def test_n_jobs_that_is_no_number_is_refused(n_jobs):
    with pytest.raises(InputError, match="n_jobs"):
        local_executor(n_jobs)


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


def test_numbers_of_numpy_are_numbers_of_processes():
    executor = local_executor(np.int64(2))
    assert isinstance(executor, Processes)
    assert type(executor.n_jobs) is int
