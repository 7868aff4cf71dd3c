from __future__ import annotations

import typing

from softlabel.cli import training_options
from softlabel.cli.options import METHOD, NETWORKS
from softlabel.run.data_config import DataConfig


def test_these_are_options_of_every_configuration_in_their_panel():
    options = {
        name: value for name, value in vars(training_options).items() if typing.get_origin(value) is typing.Annotated
    }
    fields = {"".join(word.capitalize() for word in name.split("_")) for name in DataConfig.model_fields}
    assert {name for name in options if name in fields} - {"Source"} == {
        "Augment",
        "BatchSize",
        "Epochs",
        "Lr",
        "Seed",
        "Threads",
        "Weights",
    }
    infos = {name: option.__metadata__[0] for name, option in options.items() if name != "Source"}
    assert {info.rich_help_panel for info in infos.values()} == {METHOD, NETWORKS}
    assert all(info.help.endswith(".") for info in infos.values())
