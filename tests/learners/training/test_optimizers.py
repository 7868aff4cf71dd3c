import pytest
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.training.optimizers import make_optimizer


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_weight_decay_spares_biases_and_scales(name):
    built = network()
    groups = make_optimizer(name, built, lr=0.1, momentum=0.9, weight_decay=0.01).param_groups
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0]
    assert all(p.ndim >= 2 for p in groups[0]["params"])
    assert sum(len(group["params"]) for group in groups) == len(list(built.parameters()))


def test_sgd_is_nesterovs_and_without_momentum_plain():
    assert make_optimizer("sgd", network(), lr=0.1, momentum=0.9, weight_decay=0).defaults["nesterov"]
    assert not make_optimizer("sgd", network(), lr=0.1, momentum=0.0, weight_decay=0).defaults["nesterov"]


def test_one_step_of_sgd_by_hand():
    line = nn.Linear(1, 1)
    with torch.no_grad():
        line.weight.fill_(2.0), line.bias.fill_(1.0)
    optimizer = make_optimizer("sgd", line, lr=0.1, momentum=0.0, weight_decay=0.5)
    line(torch.tensor([[3.0]])).sum().backward()
    optimizer.step()
    assert line.weight.item() == pytest.approx(2 - 0.1 * (3 + 0.5 * 2))
    assert line.bias.item() == pytest.approx(1 - 0.1 * 1)


def test_frozen_parameters_are_left_out():
    built = network()
    built[0].requires_grad_(False)
    groups = make_optimizer("sgd", built, lr=0.1, momentum=0.9, weight_decay=0.01).param_groups
    assert sum(len(group["params"]) for group in groups) == 4


def test_what_cannot_be_optimised():
    with pytest.raises(InputError, match="sgd, adamw"):
        make_optimizer("adam", network(), lr=0.1, momentum=0.9, weight_decay=0)
    with pytest.raises(InputError, match="no parameter"):
        make_optimizer("sgd", nn.Flatten(), lr=0.1, momentum=0.9, weight_decay=0)


def test_momentum_is_the_first_beta_of_adamw():
    assert make_optimizer("adamw", network(), lr=0.1, momentum=0.8, weight_decay=0).defaults["betas"] == (0.8, 0.999)
