from __future__ import annotations

import pytest
import torch
from torch import nn

from softlabel.learners.networks.mlp import MLP


@pytest.mark.parametrize(("shape", "inputs"), [((7,), 7), ((3, 4, 5), 60)])
def test_layers(shape, inputs):
    network = MLP(shape, 3, hidden=(11, 5))
    linear = [(each.in_features, each.out_features) for each in network.modules() if isinstance(each, nn.Linear)]
    assert linear == [(inputs, 11), (11, 5), (5, 3)]
    assert network(torch.rand(2, *shape)).shape == (2, 3)


def test_without_hidden_layers_it_is_linear():
    network = MLP((2, 2, 2), 3, hidden=())
    x = torch.rand(5, 2, 2, 2)
    torch.testing.assert_close(network(x), x.flatten(1) @ network.head.weight.T + network.head.bias)


def test_one_number_is_one_hidden_layer():
    assert MLP((4,), 3, hidden=9).head.in_features == 9


def test_normalisation_and_dropout_follow_each_hidden_layer():
    kinds = [type(each).__name__ for each in MLP((4,), 3, hidden=(6, 6), batch_norm=True, dropout=0.1).layers]
    assert kinds == ["Flatten", *["Linear", "BatchNorm1d", "ReLU", "Dropout"] * 2]
