from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from softlabel.learners.networks.se_resnet import SEResNet


def n_parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


# Without squeeze and excitation, with batch normalisation and ten classes: He et al., table 6, in millions.
@pytest.mark.parametrize(
    ("depth", "exact", "millions"),
    [(20, 269_722, 0.27), (32, 464_154, 0.46), (44, 658_586, 0.66), (56, 853_018, 0.85)],
)
def test_the_plain_network_has_the_papers_number_of_parameters(depth, exact, millions):
    plain = SEResNet(3, 10, depth=depth, reduction=None)
    assert n_parameters(plain) == exact
    assert round(exact / 1e6, 2) == millions


@pytest.mark.parametrize("depth", [8, 20])
def test_squeeze_and_excitation_adds_two_small_layers_a_block(depth):
    n = (depth - 2) // 6
    # channels c, c / 16 squeezed units: c * u + u and u * c + c
    added = sum(n * (2 * c * (c // 16) + c // 16 + c) for c in (16, 32, 64))
    assert (
        n_parameters(SEResNet(3, 10, depth=depth)) - n_parameters(SEResNet(3, 10, depth=depth, reduction=None)) == added
    )


@pytest.mark.parametrize("depth", [8, 14, 56])
def test_depth_counts_the_layers_with_weights_on_the_way(depth):
    network = SEResNet(3, 10, depth=depth)
    assert sum(isinstance(module, nn.Conv2d) for module in network.modules()) + 1 == depth


@pytest.mark.parametrize(("channels", "h", "w"), [(1, 8, 8), (3, 9, 31), (3, 96, 64)])
def test_any_size_and_number_of_channels(channels, h, w):
    network = SEResNet(channels, 7, depth=8)
    assert network(torch.rand(2, channels, h, w)).shape == (2, 7)


def test_stages_halve_the_picture_and_double_the_channels():
    network = SEResNet(3, 10, depth=14).eval()
    x = F.relu(network.stem_norm(network.stem(torch.rand(1, 3, 32, 32))))
    shapes = [x.shape[1:]]
    for stage in network.stages:
        x = stage(x)
        shapes.append(x.shape[1:])
    assert shapes == [(16, 32, 32), (16, 32, 32), (32, 16, 16), (64, 8, 8)]


def test_shortcuts_take_every_second_pixel_and_new_channels_are_zero():
    block = SEResNet(3, 10, depth=8).stages[1][0].eval()
    nn.init.zeros_(block.second_norm.weight)  # the residual branch gives nothing
    x = torch.rand(2, 16, 8, 8)
    y = block(x)
    torch.testing.assert_close(y[:, 8:24], x[:, :, ::2, ::2])
    assert not y[:, :8].any()
    assert not y[:, 24:].any()


def test_excitation_scales_the_residual_branch_only():
    block = SEResNet(3, 10, depth=8).stages[0][0].eval()
    with torch.no_grad():
        block.excitation.excite.weight.zero_()
        block.excitation.excite.bias.fill_(float("-inf"))  # sigmoid gives 0
        x = torch.rand(2, 16, 8, 8)
        torch.testing.assert_close(block(x), x)
        block.excitation.excite.bias.fill_(0.0)  # sigmoid gives 1/2
        branch = block.second_norm(block.second(F.relu(block.first_norm(block.first(x)))))
        torch.testing.assert_close(block(x), F.relu(x + branch / 2))


def test_convolutions_start_as_kaiming_has_it():
    torch.manual_seed(0)
    weight = SEResNet(3, 10, depth=56).stages[2][3].second.weight
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.03)


def test_width_and_dropout():
    network = SEResNet(3, 10, depth=8, width=4, dropout=0.5)
    assert network.head.in_features == 16
    assert network.dropout.p == 0.5


@pytest.mark.parametrize("depth", [0, 2, 9, 57])
def test_depths_that_cannot_be(depth):
    with pytest.raises(ValueError, match="6n \\+ 2"):
        SEResNet(3, 10, depth=depth)
