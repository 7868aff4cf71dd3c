from __future__ import annotations

import typing

from softlabel.cli import label_options
from softlabel.cli.options import DATA, METHOD
from softlabel.run.config import RefineConfig


def test_each_of_these_options_is_one_of_a_run_and_stands_in_a_panel():
    options = {
        name: value for name, value in vars(label_options).items() if typing.get_origin(value) is typing.Annotated
    }
    fields = {"".join(word.capitalize() for word in name.split("_")) for name in RefineConfig.model_fields}
    assert len(options) == 13
    assert set(options) <= fields
    for option in options.values():
        (info,) = option.__metadata__
        assert info.rich_help_panel in (DATA, METHOD)
        assert info.help.endswith(".")
