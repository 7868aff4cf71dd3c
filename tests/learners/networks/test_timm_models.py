from __future__ import annotations

import sys
import warnings

import pytest
import torch

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.networks.build import build_network

timm = pytest.importorskip("timm")

# No test may reach for the network: what would be downloaded is refused at once.


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no connection")

    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", refuse)
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_url", refuse)


def saved(tmp_path, name="test_resnet", suffix=".safetensors", **settings):
    torch.manual_seed(7)
    module = timm.create_model(name, **settings)
    path = tmp_path / f"w{suffix}"
    if suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(module.state_dict(), path)
    else:
        torch.save(module.state_dict(), path)
    return module, path


def same(first, second, but=()):
    other = second.state_dict()
    return {name for name, value in first.state_dict().items() if not torch.equal(value, other[name])} == set(but)


def test_a_model_brings_its_normalisation_and_size():
    built = build_network("timm:test_resnet.r160_in1k", (3, 32, 32), 7)
    config = timm.get_pretrained_cfg("test_resnet.r160_in1k")
    assert (built.mean, built.std) == (config.mean, config.std)
    assert built.input_size == config.input_size[1:] == (160, 160)
    assert built.module(torch.rand(2, 3, 160, 160)).shape == (2, 7)


def test_normalisation_of_imagenet():
    built = build_network("timm:resnet18", (3, 32, 32), 7)
    assert built.mean == (0.485, 0.456, 0.406)
    assert built.std == (0.229, 0.224, 0.225)


def test_grey_images_have_one_channel_and_the_mean_of_the_statistics():
    built = build_network("timm:resnet18", (1, 32, 32), 7)
    assert built.mean == pytest.approx((0.449,), abs=1e-3)
    assert built.std == pytest.approx((0.226,), abs=1e-3)
    assert built.module(torch.rand(2, 1, 32, 32)).shape == (2, 7)


def test_other_channels_have_no_statistics():
    built = build_network("timm:test_resnet", (5, 32, 32), 7)
    assert (built.mean, built.std) == (None, None)
    assert built.module(torch.rand(2, 5, 32, 32)).shape == (2, 7)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit3"])
@pytest.mark.parametrize(("given", "size"), [(64, (64, 64)), ((64, 96), (64, 96))])
def test_another_size_can_be_asked_for(name, given, size):
    built = build_network(f"timm:{name}", (3, 32, 32), 7, options={"input_size": given})
    assert built.input_size == size
    assert built.module.eval()(torch.rand(1, 3, *size)).shape == (1, 7)


def test_timms_own_word_for_the_size_counts_too():
    assert build_network("timm:test_vit", (3, 32, 32), 7, options={"img_size": 64}).input_size == (64, 64)


def test_the_seed_decides_and_the_global_generator_is_left():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, again, other = (build_network("timm:test_vit", (3, 32, 32), 7, seed=seed).module for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert same(first, again)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_options_go_to_timm():
    assert build_network("timm:test_resnet", (3, 32, 32), 7, options={"drop_rate": 0.25}).module.drop_rate == 0.25
    with pytest.raises(InputError, match=r"options \{'nonsense': 3\}.*unexpected keyword argument 'nonsense'"):
        build_network("timm:test_resnet", (3, 32, 32), 7, options={"nonsense": 3})
    with pytest.raises(InputError, match="input_size of timm:test_resnet is 'large'"):
        build_network("timm:test_resnet", (3, 32, 32), 7, options={"input_size": "large"})


def test_unknown_names_get_close_ones():
    with pytest.raises(InputError, match="timm has no model 'resnet_18'; close are resnet18"):
        build_network("timm:resnet_18", (3, 32, 32), 7)
    with pytest.raises(InputError, match=r"timm\.list_models"):
        build_network("timm:qqqqqqqq", (3, 32, 32), 7)
    with pytest.raises(InputError, match="no weights 'foo' of 'test_resnet'; there are r160_in1k"):
        build_network("timm:test_resnet.foo", (3, 32, 32), 7)


def test_rows_of_numbers_are_refused():
    with pytest.raises(InputError, match="takes images, and got rows of 9 numbers"):
        build_network("timm:test_resnet", (9,), 7)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
def test_local_weights_of_the_same_width_arrive_whole(tmp_path, name, suffix):
    module, path = saved(tmp_path, name, suffix, num_classes=7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        built = build_network(f"timm:{name}", (3, 32, 32), 7, weights=str(path))
    assert same(module, built.module)


@pytest.mark.parametrize("width", [0, 5, 1000])
def test_a_head_of_another_width_is_replaced_and_that_is_said(tmp_path, width):
    module, path = saved(tmp_path, num_classes=width)
    with pytest.warns(UserWarning, match=f"end in {width or 'no'} outputs and 7 are needed.*starts at random"):
        built = build_network("timm:test_resnet", (3, 32, 32), 7, weights=path, seed=3)
    assert built.module.eval()(torch.rand(1, 3, 64, 64)).shape == (1, 7)
    assert built.module.num_classes == 7
    own, theirs = built.module.state_dict(), module.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in own.items() if not name.startswith("fc."))
    with pytest.warns(UserWarning, match="random"):
        again = build_network("timm:test_resnet", (3, 32, 32), 7, weights=path, seed=3)
    assert torch.equal(again.module.fc.weight, built.module.fc.weight)


def test_colour_weights_serve_grey_images(tmp_path):
    module, path = saved(tmp_path, num_classes=7)
    built = build_network("timm:test_resnet", (1, 32, 32), 7, weights=path)
    assert same_but_first(module, built.module)
    torch.testing.assert_close(built.module.conv1[0].weight, module.conv1[0].weight.sum(dim=1, keepdim=True))


def same_but_first(first, second):
    other = second.state_dict()
    return all(torch.equal(v, other[k]) for k, v in first.state_dict().items() if not k.startswith("conv1.0"))


def test_weights_of_a_grey_model_serve_grey_images(tmp_path, caplog):
    for channels in (1, 5):
        module, path = saved(tmp_path, num_classes=7, in_chans=channels)
        with caplog.at_level("WARNING"):
            built = build_network("timm:test_resnet", (channels, 32, 32), 7, weights=path)
        assert same(module, built.module)
        assert not caplog.records


def test_local_weights_at_another_size(tmp_path):
    module, path = saved(tmp_path, "test_vit3", num_classes=7)
    built = build_network("timm:test_vit3", (3, 32, 32), 7, weights=path, options={"input_size": 64})
    assert torch.equal(built.module.head.weight, module.head.weight)
    assert built.module.eval()(torch.rand(1, 3, 64, 64)).shape == (1, 7)


@pytest.mark.parametrize("outputs", [7, 5])
def test_weights_of_another_model_are_refused_even_where_the_head_differs(tmp_path, outputs):
    _, path = saved(tmp_path, "test_vit", num_classes=7)
    with pytest.raises(InputError, match=r"do not fit timm:test_resnet: .*Missing key"):
        build_network("timm:test_resnet", (3, 32, 32), outputs, weights=path)


def test_missing_and_damaged_files(tmp_path):
    with pytest.raises(InputError, match="is no file"):
        build_network("timm:test_resnet", (3, 32, 32), 7, weights=tmp_path / "none.pth")
    (tmp_path / "w.pth").write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read"):
        build_network("timm:test_resnet", (3, 32, 32), 7, weights=tmp_path / "w.pth")


def test_a_download_that_fails_is_an_error_and_says_what_to_do():
    for name in ("test_resnet", "resnet18"):
        with pytest.raises(
            InputError, match=rf"weights of timm:{name} cannot be had \(no connection\); give weights=PATH.*at random"
        ):
            build_network(f"timm:{name}", (3, 32, 32), 7, weights="pretrained")


def test_a_model_without_weights_does_not_start_at_random_in_silence():
    bare = next(name for name in timm.list_models("*resnet*") if not timm.get_pretrained_cfg(name).has_weights)
    with pytest.raises(InputError, match=r"cannot be had \(timm knows none\)"):
        build_network(f"timm:{bare}", (3, 32, 32), 7, weights="pretrained")


def test_downloaded_weights_are_used(tmp_path, monkeypatch):
    module, _ = saved(tmp_path, num_classes=1000)
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", lambda *args, **kwargs: module.state_dict())
    built = build_network("timm:test_resnet", (3, 32, 32), 1000, weights="pretrained")
    assert same(module, built.module)


def test_missing_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"timm is not installed.*softlabel\[vision\]"):
        build_network("timm:resnet18", (3, 32, 32), 7)
