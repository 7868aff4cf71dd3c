from __future__ import annotations

import typing

from softlabel.cli import source_options
from softlabel.cli.options import DATA
from softlabel.run.data_config import DataConfig


def test_these_are_options_of_every_configuration_in_their_panel():
    options = {
        name: value for name, value in vars(source_options).items() if typing.get_origin(value) is typing.Annotated
    }
    fields = {"".join(word.capitalize() for word in name.split("_")) for name in DataConfig.model_fields}
    assert {name for name in options if name in fields} - {"Source"} == {
        "Drop",
        "Groups",
        "Id",
        "Image",
        "ImageSize",
        "Test",
    }
    infos = {name: option.__metadata__[0] for name, option in options.items() if name != "Source"}
    assert {info.rich_help_panel for info in infos.values()} == {DATA}
    assert all(info.help.endswith(".") for info in infos.values())


def test_the_source_may_come_from_a_file_of_options():
    (info,) = source_options.Source.__metadata__
    assert info.metavar == "SOURCE"
    assert type(None) in typing.get_args(typing.get_args(source_options.Source)[0])
