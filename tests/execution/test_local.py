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
