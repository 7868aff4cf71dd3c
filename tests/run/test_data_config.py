from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.run.allowed_values import ALLOWED
from softlabel.run.config import RefineConfig, make_config
from softlabel.run.data_config import NEVER_IDENTITY, TRAINING, DataConfig


class Measuring(DataConfig):
    """A command of its own, for these tests."""

    allowed = ALLOWED | {"depth": "a whole number", "words": "any words"}
    not_identity = NEVER_IDENTITY | {"depth"}
    of_others = frozenset({"rounds", "guard"})

    depth: int = 3
    words: str | None = None


def _measuring(values=None, file=None):
    return make_config({"source": "iris", **(values or {})}, file, kind=Measuring)


def test_every_command_has_these_options_and_its_own():
    assert isinstance(_measuring(), Measuring)
    assert set(DataConfig.model_fields) < set(RefineConfig.model_fields)
    assert set(Measuring.model_fields) - set(DataConfig.model_fields) == {"depth", "words"}
    assert set(TRAINING) <= set(DataConfig.model_fields)
    assert not {"rounds", "folds", "momentum", "guard", "tta", "out", "corrupt"} & set(DataConfig.model_fields)
    assert _measuring({"task": "ordinal", "grades": "1,2,3", "time_limit": "2h"}).time_limit == 7200


def test_what_is_wrong_is_told_in_the_words_of_the_command():
    with pytest.raises(InputError, match=r"^depth='deep': give a whole number$"):
        _measuring({"depth": "deep"})
    with pytest.raises(InputError, match=r"^lr=0: give a number above 0$"):
        _measuring({"lr": 0})
    with pytest.raises(InputError, match=r"^depth=True: give a whole number$"):
        _measuring({"depth": True})
    with pytest.raises(InputError, match=r"unknown key 'word' \(did you mean words\?\)") as caught:
        _measuring({"word": "x"})
    valid = str(caught.value).partition("valid keys: ")[2].split(", ")
    assert set(valid) == set(Measuring.model_fields)
    with pytest.raises(InputError, match=r"--view scalar is for grades \(this is --task multiclass\)"):
        _measuring({"view": "scalar"})


def test_a_file_that_commands_share_may_say_more_and_a_call_may_not(tmp_path):
    (tmp_path / "shared.toml").write_text('lr = 0.5\nrounds = 3\nguard = "g.csv"\ndepth = 2\n')
    with pytest.warns(
        UserWarning, match=r"shared\.toml also gives rounds, guard, which no option here is: passed over$"
    ):
        config = _measuring(file=tmp_path / "shared.toml")
    assert (config.lr, config.depth) == (0.5, 2)
    with pytest.raises(InputError, match="unknown key 'rounds'"):
        _measuring({"rounds": 3})
    (tmp_path / "shared.toml").write_text("roundz = 3")
    with pytest.raises(InputError, match="unknown key 'roundz' in"):
        _measuring(file=tmp_path / "shared.toml")


def test_identity_is_what_and_not_where_or_how_fast():
    elsewhere = {"source": "x", "test": "t", "cache": "disk", "jobs": 2, "device": "cpu", "time_limit": 3, "depth": 9}
    assert _measuring(elsewhere).identity() == _measuring().identity()
    for other in ({"words": "two"}, {"epochs": 3}, {"seed": 1}, {"threads": 2}, {"set": {"C": 1}}):
        assert _measuring(other).identity() != _measuring().identity()


def test_an_identity_is_written_in_the_order_of_the_options():
    """The record of a run keeps the order that it always had, whichever class defines an option."""
    *names, last = make_config({"source": "iris", "out": "x"}).identity()
    assert last == "auto_rule"  # no option: how "auto", the default, chooses
    assert names == [name for name in ALLOWED if name in names]
    assert names[:3] == ["label", "id", "groups"]
    assert names[-3:] == ["corrupt", "seed", "threads"]


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"task": "ordinal"}, {"view": "scalar"}),
        ({"task": "ordinal", "view": "distribution"}, {"start": "one_hot"}),
        ({"votes": ["a", "b"]}, {"votes_as": "share"}),
    ],
)
def test_to_say_what_holds_anyway_is_no_other_identity(task, said):
    assert _measuring(task | said).identity() == _measuring(task).identity()
