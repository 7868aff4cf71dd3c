from __future__ import annotations

import pytest
import torch

from softlabel.execution.executor import Failure, Resources, attempt, current_resources

INNER = [Resources(1), Resources(3, "cpu")]


def test_there_are_no_resources_outside_of_a_task():
    assert current_resources() is None
    assert attempt(lambda task: current_resources(), 0, Resources(2, "cuda:1"))[1].value == Resources(2, "cuda:1")
    assert current_resources() is None


def test_they_are_taken_back_where_a_task_fails_and_those_outside_come_back():
    def failing(task):
        raise ArithmeticError("two is too much")

    def nested(task):
        inner = attempt(failing, 0, Resources(3))[1]
        return isinstance(inner, Failure), current_resources()

    assert attempt(nested, 0, Resources(2))[1].value == (True, Resources(2))
    assert current_resources() is None


def test_a_task_within_a_task_inherits_the_device_and_not_the_threads():
    def nested(task):
        inner = [attempt(lambda task: current_resources(), 0, own)[1].value for own in INNER]
        return inner, current_resources()

    inner, outer = attempt(nested, 0, Resources(2, "cuda:1"))[1].value
    assert inner == [Resources(1, "cuda:1"), Resources(3, "cpu")]
    assert outer == Resources(2, "cuda:1")
    assert attempt(nested, 0, Resources(2))[1].value == (INNER, Resources(2))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_torch_is_bounded_and_put_back(threads):
    before = torch.get_num_threads()
    assert attempt(lambda task: torch.get_num_threads(), 0, Resources(threads))[1].value == threads
    assert torch.get_num_threads() == before


def test_torch_is_put_back_where_a_task_fails_or_changes_it():
    before = torch.get_num_threads()

    def careless(task):
        torch.set_num_threads(before + 3)
        raise ArithmeticError

    attempt(careless, 0, Resources(2))
    assert torch.get_num_threads() == before
