import math

import pytest
import torch

from softlabel.errors import InputError
from softlabel.learners.training.schedules import make_schedule


def rates(name, steps=100, lr=0.1, warmup=0.0, milestones=(0.5, 0.75), gamma=0.1):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
    schedule = make_schedule(name, optimizer, lr=lr, steps=steps, warmup=warmup, milestones=milestones, gamma=gamma)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if len(found) < steps else None
    return found


def test_one_cycle_rises_to_the_rate_and_falls_far_below_its_start():
    found = rates("one_cycle")
    assert max(found) == pytest.approx(0.1)
    assert found.index(max(found)) == 29  # .3 of the steps
    assert found[0] == pytest.approx(0.1 / 25)
    assert found[-1] == pytest.approx(0.1 / 25 / 1e4)


def test_one_cycle_takes_the_share_of_its_rise():
    assert rates("one_cycle", warmup=0.1).index(max(rates("one_cycle", warmup=0.1))) == 9


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_one_cycle_over_very_few_steps(steps):
    assert all(math.isfinite(rate) and rate > 0 for rate in rates("one_cycle", steps=steps))


def test_cosine_is_half_a_cosine():
    assert rates("cosine") == pytest.approx([0.05 * (1 + math.cos(math.pi * t / 100)) for t in range(100)])


def test_cosine_with_warm_up():
    found = rates("cosine", warmup=0.1)
    assert found[0] == pytest.approx(0.001)
    assert found[5] == pytest.approx(0.1 * (0.01 + 0.99 * 5 / 10))
    assert found[10] == pytest.approx(0.1)
    assert found[55] == pytest.approx(0.05)


def test_steps_fall_at_their_shares():
    found = rates("steps")
    assert found[49] == pytest.approx(0.1)
    assert found[50] == pytest.approx(0.01)
    assert found[75] == pytest.approx(0.001)


def test_steps_after_a_warm_up_fall_at_the_same_shares():
    found = rates("steps", warmup=0.1)
    assert found[0] == pytest.approx(0.001)
    assert (found[49], found[50]) == pytest.approx((0.1, 0.01))


def test_constant():
    assert rates("constant") == pytest.approx([0.1] * 100)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "linear"}, "one_cycle, cosine, steps, constant"),
        ({"name": "cosine", "warmup": 1.0}, "share of the training"),
        ({"name": "steps", "milestones": (30, 60)}, "shares of the training between 0 and 1"),
        ({"name": "steps", "milestones": 0.5}, "shares of the training between 0 and 1"),
        ({"name": "steps", "milestones": ()}, "shares of the training between 0 and 1"),
    ],
)
def test_what_is_no_schedule(options, words):
    with pytest.raises(InputError, match=words):
        rates(**options)


@pytest.mark.parametrize(("steps", "warmup"), [(2, 0.5), (3, 0.1), (4, 0.25), (5, 0.2), (10, 0.1)])
def test_one_cycle_whose_rise_is_a_step_or_less(steps, warmup):
    found = rates("one_cycle", steps=steps, warmup=warmup)
    assert all(math.isfinite(rate) and 0 < rate <= 0.1 for rate in found)
    assert found[0] == pytest.approx(0.1 / 25)


@pytest.mark.parametrize(("momentum", "lowest", "highest"), [(0.0, 0.0, 0.0), (0.9, 0.85, 0.95), (0.5, 0.45, 0.55)])
def test_one_cycle_swings_about_the_momentum_that_was_asked_for(momentum, lowest, highest):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=momentum)
    schedule = make_schedule("one_cycle", optimizer, lr=0.1, steps=101, warmup=0, milestones=(), gamma=1)
    found = []
    for _ in range(100):
        found.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        schedule.step()
    assert (min(found), max(found)) == pytest.approx((lowest, highest), abs=1e-3)
