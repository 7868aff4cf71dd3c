from __future__ import annotations

import pytest
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.networks.build import build_network
from softlabel.learners.networks.names import NETWORK_NAMES


def values(module: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_each_name_builds_a_network_of_the_width_asked_for(name):
    built = build_network(name, (1, 8, 8), 4)
    assert built.module.eval()(torch.rand(2, 1, 8, 8)).shape == (2, 4)
    assert (built.mean, built.std, built.input_size) == (None, None, None)


def test_the_number_in_a_name_is_the_depth():
    convolutions = [
        sum(isinstance(each, nn.Conv2d) for each in build_network(f"se_resnet{depth}", (3, 8, 8), 4).module.modules())
        for depth in (8, 26)
    ]
    assert convolutions == [7, 25]


def test_rows_of_numbers():
    assert build_network("mlp", (5,), 4).module(torch.rand(2, 5)).shape == (2, 4)


@pytest.mark.parametrize("network", ["mlp", "se_resnet8", lambda n_outputs: nn.Linear(5, n_outputs)])
def test_the_seed_decides_the_weights(network):
    shape = (1, 8, 8)
    first, again, other = (values(build_network(network, shape, 4, seed=seed).module) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("network", ["small_cnn", lambda n_outputs: nn.Linear(5, n_outputs), lambda: 3])
def test_the_global_generator_is_left_alone_and_does_not_matter(network):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    try:
        first = values(build_network(network, (1, 8, 8), 4).module)
    except InputError:
        first = None
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    if first is not None:
        assert torch.equal(values(build_network(network, (1, 8, 8), 4).module), first)


def test_large_seeds():
    build_network("mlp", (5,), 4, seed=2**63 - 1)


def test_a_module_is_copied_with_its_weights():
    given = nn.Linear(5, 4)
    built = build_network(given, (5,), 4).module
    assert torch.equal(built.weight, given.weight)
    with torch.no_grad():
        built.weight.zero_()
    assert given.weight.any()


def test_options_reach_the_network():
    assert build_network("mlp", (5,), 4, options={"hidden": [3]}).module.head.in_features == 3
    assert build_network("small_cnn", (1, 8, 8), 4, options={"width": 3}).module.head.in_features == 12
    assert build_network("se_resnet8", (1, 8, 8), 4, options={"reduction": None}).module.stages[0][0].excitation is None


@pytest.mark.parametrize(
    ("network", "shape", "options", "says"),
    [
        ("resnet", (1, 8, 8), {}, "unknown network 'resnet'"),
        ("mlp", (5,), {"width": 3}, "no option 'width'; it has hidden, batch_norm, dropout"),
        ("small_cnn", (1, 8, 8), {"hidden": 3, "depth": 2}, "no option 'hidden', 'depth'; it has width, dropout"),
        ("se_resnet8", (1, 8, 8), {"depth": 8}, "no option 'depth'; it has width, reduction, dropout"),
        ("small_cnn", (1, 8, 8), {"dropout": 2.0}, "cannot be built with options {'dropout': 2.0}"),
        ("se_resnet8", (1, 8, 8), {"reduction": 0}, "cannot be built with options"),
        ("small_cnn", (5,), {}, "takes images.*got rows of 5 numbers; 'mlp'"),
        ("se_resnet8", (3, 7, 8), {}, "8 x 8 pixels or more, and got images of 7 x 8"),
        (nn.Linear(5, 4), (5,), {"width": 3}, "width are given for a network that has no name"),
        (lambda: nn.Linear(5, 4), (5,), {"width": 3}, "functools.partial"),
        (3, (5,), {}, "network is a int"),
        (None, (5,), {}, "network is a NoneType"),
        ("timm:", (3, 8, 8), {}, "unknown network 'timm:'"),
    ],
)
def test_what_cannot_be_built(network, shape, options, says):
    with pytest.raises(InputError, match=says):
        build_network(network, shape, 4, options=options)


def test_weights_go_into_every_kind_of_network(tmp_path):
    saved = build_network("mlp", (5,), 4, seed=1).module
    torch.save(saved.state_dict(), tmp_path / "w.pt")
    built = build_network("mlp", (5,), 4, seed=2, weights=tmp_path / "w.pt").module
    assert torch.equal(values(built), values(saved))
    linear = nn.Linear(5, 4)
    torch.save(linear.state_dict(), tmp_path / "l.pt")
    for network in (nn.Linear(5, 4), lambda: nn.Linear(5, 4)):
        assert torch.equal(build_network(network, (5,), 4, weights=str(tmp_path / "l.pt")).module.weight, linear.weight)


@pytest.mark.parametrize("network", ["mlp", nn.Linear(5, 4)])
def test_only_timm_has_weights_to_download(network):
    with pytest.raises(InputError, match="'pretrained' is for timm:NAME only"):
        build_network(network, (5,), 4, weights="pretrained")
