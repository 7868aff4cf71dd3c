from __future__ import annotations

import typing

from softlabel.cli import machine_options
from softlabel.cli.options import HOW
from softlabel.run.data_config import DataConfig


def test_these_are_options_of_every_configuration_in_their_panel():
    options = {
        name: value for name, value in vars(machine_options).items() if typing.get_origin(value) is typing.Annotated
    }
    fields = {"".join(word.capitalize() for word in name.split("_")) for name in DataConfig.model_fields}
    assert {name for name in options if name in fields} - {"Source"} == {"Cache", "Jobs", "TimeLimit"}
    infos = {name: option.__metadata__[0] for name, option in options.items() if name != "Source"}
    assert {info.rich_help_panel for info in infos.values()} == {HOW}
    assert all(info.help.endswith(".") for info in infos.values())


def test_none_of_them_is_part_of_what_a_run_is():
    assert {"cache", "jobs", "time_limit", "device"} <= DataConfig.not_identity
