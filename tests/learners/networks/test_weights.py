from __future__ import annotations

import sys
import warnings

import pytest
import torch
from torch import nn

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.networks.weights import load_weights, read_weights_file


def network(outputs: int = 4, inputs: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, 6), nn.BatchNorm1d(6), nn.Linear(6, outputs))


def save(module: nn.Module, path):
    if path.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(module.state_dict(), path)
    else:
        torch.save(module.state_dict(), path)
    return path


def equal(first: nn.Module, second: nn.Module) -> bool:
    return all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt", "w.pth"])
def test_all_weights_arrive(tmp_path, name):
    saved, built = network(), network()
    saved(torch.rand(5, 3))  # running statistics are weights too
    path = save(saved, tmp_path / name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_weights(built, path, 4)
    assert equal(saved, built)


@pytest.mark.parametrize("key", ["state_dict", "model", "model_ema", "state_dict_ema"])
def test_checkpoints_hold_a_state_dict(tmp_path, key):
    saved, built = network(), network()
    torch.save({key: saved.state_dict(), "epoch": 3}, tmp_path / "w.pt")
    load_weights(built, tmp_path / "w.pt", 4)
    assert equal(saved, built)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module.", "module._orig_mod."])
def test_wrappers_leave_their_names_behind(tmp_path, prefix):
    saved, built = network(), network()
    torch.save({prefix + name: value for name, value in saved.state_dict().items()}, tmp_path / "w.pt")
    load_weights(built, tmp_path / "w.pt", 4)
    assert equal(saved, built)


@pytest.mark.parametrize("outputs", [1, 9])
def test_a_last_layer_of_another_width_stays_and_that_is_said(tmp_path, outputs):
    saved, built = network(outputs), network(4)
    start = built[2].weight.clone()
    path = save(saved, tmp_path / "w.pt")
    with pytest.warns(
        UserWarning, match=rf"end in {outputs} outputs and 4 are needed: 2.weight, 2.bias start at random"
    ):
        load_weights(built, path, 4)
    assert torch.equal(built[2].weight, start)
    assert torch.equal(built[0].weight, saved[0].weight)


def test_other_shapes_are_named_and_nothing_is_loaded(tmp_path):
    built = network()
    start = built[2].weight.clone()
    path = save(network(inputs=5), tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"0.weight \(6, 5\) for \(6, 3\)"):
        load_weights(built, path, 4)
    assert torch.equal(built[2].weight, start)


def test_two_layers_of_another_width_are_no_last_layer(tmp_path):
    saved = nn.Sequential(nn.Linear(4, 7), nn.Linear(4, 7))
    path = save(saved, tmp_path / "w.pt")
    with pytest.raises(InputError, match="other shapes"):
        load_weights(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)), path, 4)


def test_other_names_are_named(tmp_path):
    path = save(nn.Sequential(nn.Linear(3, 6)), tmp_path / "w.pt")
    with pytest.raises(
        InputError, match=r"it lacks 1.weight, 1.bias, 1.running_mean, 1.running_var, 2.weight and 1 more;"
    ):
        load_weights(network(), path, 4)
    path = save(network(), tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"it also has 1\.weight"):
        load_weights(nn.Sequential(nn.Linear(3, 6)), path, 6)


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\x80\x04cos\nsystem\n"])
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_damaged_files(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read \(.*\); give a .safetensors file"):
        read_weights_file(tmp_path / name)


def test_code_in_a_file_is_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (print, ("ran",))

    torch.save({"state_dict": Trap()}, tmp_path / "w.pt")
    with pytest.raises(InputError, match="cannot be read"):
        read_weights_file(tmp_path / "w.pt")


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1, 2], torch.zeros(3)])
def test_files_without_weights(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(InputError, match="holds no state dict"):
        read_weights_file(tmp_path / "w.pt")


def test_missing_files(tmp_path):
    for path in (tmp_path / "none.pt", tmp_path):
        with pytest.raises(InputError, match="is no file"):
            read_weights_file(path)


def test_missing_safetensors(tmp_path, monkeypatch):
    path = save(network(), tmp_path / "w.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    with pytest.raises(MissingExtraError, match=r"softlabel\[torch\]"):
        read_weights_file(path)
