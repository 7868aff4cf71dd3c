import numpy as np
import pytest
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.networks.build import build_network
from softlabel.learners.networks.pooling import Average, GeneralisedMean, exponents, make_pool, pool_by_generalised_mean


@pytest.fixture
def maps():
    return torch.rand(3, 5, 4, 6, generator=torch.Generator().manual_seed(0)) * 4


def test_an_exponent_of_one_is_the_mean_and_a_large_one_the_maximum(maps):
    assert torch.allclose(GeneralisedMean(1.0)(maps), maps.mean(dim=(2, 3)), rtol=1e-5)
    assert torch.allclose(GeneralisedMean(500.0)(maps), maps.amax(dim=(2, 3)), rtol=1e-2)
    assert torch.equal(Average()(maps), maps.mean(dim=(2, 3)))


@pytest.mark.parametrize("p", [0.5, 2.0, 3.0])
def test_the_formula_in_numpy(maps, p):
    values = maps.numpy().astype(np.float64)
    assert np.allclose(GeneralisedMean(p)(maps).detach().numpy(), (values**p).mean(axis=(2, 3)) ** (1 / p), rtol=1e-5)


def test_two_pixels_by_hand():
    x = torch.tensor([[[[1.0, 2.0]]]])
    assert GeneralisedMean()(x).item() == pytest.approx(4.5 ** (1 / 3))  # (1 + 8) / 2
    assert GeneralisedMean(keepdim=True)(x).shape == (1, 1, 1, 1)


def test_its_gradients_are_those_of_the_formula(maps):
    """Towards the features and towards p, by numbers."""
    pool, x = GeneralisedMean().double(), maps[:1, :2].double().requires_grad_()
    pool._parameters["p"] = nn.Parameter(torch.tensor([3.0], dtype=torch.float64))
    h = 1e-3

    def at(p):
        return ((x.detach() ** p).mean(dim=(2, 3)) ** (1 / p)).sum().item()

    pool(x).sum().backward()
    assert pool.p.grad.item() == pytest.approx((at(3 + h) - at(3 - h)) / (2 * h), rel=1e-3)
    leaf = x.detach().clone().requires_grad_()
    ((leaf**3).mean(dim=(2, 3)) ** (1 / 3)).sum().backward()
    assert torch.allclose(x.grad, leaf.grad, rtol=1e-4)


def test_features_that_are_zero_or_negative_or_huge_stay_finite():
    x = torch.tensor([0.0, -3.0, 1e20, 1e-20]).view(4, 1, 1, 1).expand(4, 1, 2, 2).clone().requires_grad_()
    for p in (3.0, 40.0):
        pool = GeneralisedMean(p)
        found = pool(x)
        assert torch.allclose(found.flatten(), torch.tensor([1e-6, 1e-6, 1e20, 1e-6]), rtol=1e-3)
        found[[0, 1, 3]].sum().backward()
        assert torch.isfinite(pool.p.grad).all()
        assert torch.isfinite(x.grad).all()


def test_it_is_computed_in_float32_where_layers_are_not(maps):
    rough = maps.bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        found = GeneralisedMean()(rough)
    assert found.dtype == torch.float32
    assert torch.equal(found, GeneralisedMean()(rough.float()))


def test_names():
    assert isinstance(make_pool("avg"), Average)
    assert isinstance(make_pool("gem"), GeneralisedMean)
    with pytest.raises(ValueError, match="pool is 'max'; give one of avg, gem"):
        make_pool("max")


@pytest.mark.parametrize("name", ["small_cnn", "se_resnet8"])
def test_a_network_ends_in_it(name):
    built = build_network(name, (3, 16, 16), 4, options={"pool": "gem"}, seed=0).module.eval()
    plain = build_network(name, (3, 16, 16), 4, seed=0).module.eval()
    own, names = built.state_dict(), exponents(built)
    assert names == ["pool.p"]
    assert own["pool.p"].item() == 3.0
    assert all(torch.equal(values, own[key]) for key, values in plain.state_dict().items())  # nothing else differs
    x = torch.rand(2, 3, 16, 16)
    assert not torch.allclose(built(x), plain(x))
    with torch.no_grad():
        built.pool.p.fill_(1.0)
    # Features are not negative there, so that an exponent of 1 is the average.
    assert torch.allclose(built(x), plain(x), atol=1e-5)
    assert exponents(plain) == []


def test_networks_that_have_no_such_end():
    with pytest.raises(InputError, match="'mlp' has no option 'pool'"):
        build_network("mlp", (3,), 2, options={"pool": "gem"})
    with pytest.raises(InputError, match="pool is 'max'; give one of avg, gem"):
        build_network("small_cnn", (3, 8, 8), 2, options={"pool": "max"})


def test_weights_of_an_average_are_a_start_and_those_of_a_generalised_mean_are_read(tmp_path):
    for pool, expected in (("avg", 3.0), ("gem", 2.5)):
        module = build_network("small_cnn", (3, 8, 8), 2, options={"pool": pool}, seed=1).module
        if pool == "gem":
            nn.init.constant_(module.pool.p, 2.5)
        torch.save(module.state_dict(), tmp_path / f"{pool}.pt")
        again = build_network(
            "small_cnn", (3, 8, 8), 2, options={"pool": "gem"}, weights=tmp_path / f"{pool}.pt"
        ).module
        assert again.pool.p.item() == expected
        assert torch.equal(again.head.weight, module.head.weight)
    with pytest.raises(InputError, match=r"it also has pool\.p"):
        build_network("small_cnn", (3, 8, 8), 2, weights=tmp_path / "gem.pt")


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet", "test_convnext"])
def test_models_of_timm_end_in_it(name, tmp_path):
    pytest.importorskip("timm")
    x = torch.rand(2, 3, 64, 64)
    built = build_network(f"timm:{name}", (3, 64, 64), 4, options={"pool": "gem"}, seed=0).module.eval()
    plain = build_network(f"timm:{name}", (3, 64, 64), 4, options={"pool": "avg"}, seed=0).module.eval()
    (exponent,) = exponents(built)
    assert exponent.endswith("global_pool.pool.p")
    own = built.state_dict()
    assert all(torch.equal(values, own[key]) for key, values in plain.state_dict().items())
    assert built(x).shape == (2, 4)
    assert not torch.allclose(built(x), plain(x))
    for pool, module, p in (("avg", plain, 3.0), ("gem", built, 2.5)):
        own = module.state_dict()
        if pool == "gem":
            own[exponent].fill_(2.5)
        torch.save(own, tmp_path / f"{pool}.pt")
        again = build_network(
            f"timm:{name}", (3, 64, 64), 4, options={"pool": "gem"}, weights=tmp_path / f"{pool}.pt"
        ).module.eval()
        assert again.state_dict()[exponent].item() == p
        assert all(torch.equal(values, own[key]) for key, values in again.state_dict().items() if key != exponent)
        assert again.pretrained_cfg.get("state_dict") is None
    with pytest.raises(InputError, match="do not fit timm"):
        build_network(f"timm:{name}", (3, 64, 64), 4, weights=tmp_path / "gem.pt")


def test_models_of_timm_that_do_not_end_in_an_average():
    pytest.importorskip("timm")
    with pytest.raises(InputError, match="'timm:test_vit' does not end in an average over pixels"):
        build_network("timm:test_vit", (3, 160, 160), 4, options={"pool": "gem"})
    with pytest.raises(InputError, match="pool of timm:test_resnet is 'max'; give one of avg, gem"):
        build_network("timm:test_resnet", (3, 64, 64), 4, options={"pool": "max"})
    with pytest.raises(InputError, match="two"):
        pool_by_generalised_mean(nn.Linear(1, 1), "two", {})
