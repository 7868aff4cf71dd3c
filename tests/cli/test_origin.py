from __future__ import annotations

from pathlib import Path

import pytest

from softlabel.cli.origin import weights_from
from softlabel.errors import InputError
from softlabel.run.config import make_config

FILE = Path("deepdrid")


def _told(file, typed, message, weights="pretrained"):
    chosen = make_config({"source": "iris", "out": "x", "weights": weights})
    with pytest.raises(InputError) as caught, weights_from(file, typed, chosen):
        raise InputError(message)
    return str(caught.value)


def test_weights_of_a_configuration_say_so_and_how_to_clear_them():
    message = "weights of timm:resnet cannot be had"
    assert _told(FILE, None, message) == (
        f"{message} (weights='pretrained' comes from the configuration deepdrid; --weights none clears it)"
    )


@pytest.mark.parametrize(
    ("file", "typed", "message", "weights"),
    [
        (None, "pretrained", "weights cannot be had", "pretrained"),
        (FILE, "pretrained", "weights cannot be had", "pretrained"),
        (FILE, None, "weights cannot be had", None),
        (FILE, None, "there is no file train.csv", "pretrained"),
    ],
)
def test_all_else_passes_as_it_is(file, typed, message, weights):
    assert _told(file, typed, message, weights) == message


def test_the_command_line_tells_it(call, table, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('weights = "none.pt"\nestimator = "torch_mlp"\n')
    status, _, err = call("refine", table, "--label", "kind", "--config", file, "--out", tmp_path / "run")
    assert status == 2
    assert f"weights='none.pt' comes from the configuration {file}; --weights none clears it" in " ".join(err.split())
