from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from softlabel.learners.networks.build import build_network
from softlabel.learners.training.student import start_at_the_mean

GRADES = np.array([[0.0], [1.0], [4.0], [3.0]], np.float32)


def settings(**options):
    return SimpleNamespace(**({"target_kind": "scalar", "network": "mlp", "weights": None} | options))


def body_and_head(n_outputs=1):
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, n_outputs))


def test_the_last_bias_starts_at_the_mean_and_nothing_else_changes():
    network = body_and_head()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    start_at_the_mean(network, GRADES, None, settings())
    assert network[2].bias.item() == 2.0
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items() if name != "2.bias")
    start_at_the_mean(network, GRADES, np.array([3.0, 0.0, 1.0, 0.0]), settings(weights="pretrained"))
    assert network[2].bias.item() == 1.0
    assert network[2].bias.requires_grad
    several = body_and_head(2)
    start_at_the_mean(several, np.array([[1.0, 10.0], [3.0, 30.0]], np.float32), None, settings())
    assert several[2].bias.tolist() == [2.0, 20.0]


@pytest.mark.parametrize(
    "options",
    [
        {"target_kind": "independent"},
        {"target_kind": "distribution"},
        {"weights": "w.pt"},
        {"network": nn.Linear(1, 1)},
    ],
    ids=str,
)
def test_other_kinds_and_weights_of_the_users_stay(options):
    network = body_and_head()
    before = network[2].bias.item()
    start_at_the_mean(network, GRADES, None, settings(**options))
    assert network[2].bias.item() == before


def test_networks_that_end_in_another_way_stay():
    for network in (nn.Conv2d(1, 1, 1), nn.Linear(3, 1, bias=False), nn.Sequential(nn.Linear(3, 1), nn.Linear(1, 7))):
        before = [values.clone() for values in network.state_dict().values()]
        start_at_the_mean(network, GRADES, None, settings())
        assert all(map(torch.equal, before, network.state_dict().values()))


@pytest.mark.parametrize("name", ["small_cnn", "se_resnet8", "mlp", "timm:test_efficientnet", "timm:test_resnet"])
def test_the_networks_with_a_name_end_in_a_linear_layer(name):
    if name.startswith("timm:"):
        pytest.importorskip("timm")
    network = build_network(name, (3, 32, 32), 1).module
    start_at_the_mean(network, GRADES + 100, None, settings())
    assert network.eval()(torch.zeros(2, 3, 32, 32)).detach().numpy() == pytest.approx(102, abs=5)
