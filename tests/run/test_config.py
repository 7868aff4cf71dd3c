from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.run.config import RefineConfig, make_config

BASE = {"source": "digits", "out": "runs/x"}


def test_defaults_are_the_contracts():
    config = make_config(BASE)
    assert (config.rounds, config.folds, config.momentum, config.seed, config.threads, config.jobs) == (
        3,
        5,
        0.75,
        0,
        1,
        1,
    )
    assert (config.final, config.refit_on, config.guard, config.sharpen) == ("refit", "last", None, None)


def test_a_file_is_read_and_the_command_line_wins(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        'source = "wine"\nout = "runs/wine"\nrounds = 6\nrefit-on = "best"\nguard = 0.2\nestimator = "softmax"\n[set]\nC = 0.5\n'
    )
    config = make_config({"rounds": 2, "folds": None}, file)
    assert (config.source, config.rounds, config.folds, config.refit_on) == ("wine", 2, 5, "best")
    assert config.estimator == ("softmax",)
    assert config.set == {"C": 0.5}


def test_an_unknown_key_is_answered_with_the_valid_ones(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('source = "wine"\nout = "x"\nround = 6\n')
    with pytest.raises(InputError) as caught:
        make_config({}, file)
    message = str(caught.value)
    assert "unknown key 'round'" in message
    assert "did you mean rounds?" in message
    assert all(name in message for name in RefineConfig.model_fields)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rounds": -1}, "rounds=-1"),
        ({"folds": 1}, "folds=1"),
        ({"momentum": 1.5}, "momentum=1.5: give a number from 0 to 1, or average"),
        ({"momentum": "median"}, "momentum='median'"),
        ({"guard": 1.0}, "guard=1.0: give a share"),
        ({"sharpen": 0.0}, "sharpen=0.0"),
        ({"final": "both"}, "final='both'"),
        ({"refit_on": "first"}, "refit-on='first'"),
        ({"method": "magic"}, "method='magic'.*slr"),
        ({"task": "ranking"}, "task='ranking'.*multiclass"),
        ({"jobs": 0}, "jobs=0"),
        ({"seed": -2}, "seed=-2"),
        ({"source": None}, "source is missing; give a .csv"),
        ({"out": None}, "out is missing; give the run directory"),
    ],
)
def test_values_that_cannot_be_are_refused(values, message):
    with pytest.raises(InputError, match=message) as caught:
        make_config({**BASE, **values})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "message"), [(None, "cannot be read"), ("rounds = = 3", "is no TOML")])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text, message):
    file = tmp_path / "run.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=message):
        make_config(BASE, file)


def test_identity_leaves_out_where_and_how_fast():
    one = make_config({**BASE, "jobs": 2, "time_limit": 5.0, "rounds": 6})
    assert one.identity() == make_config({"source": "elsewhere", "out": "other"}).identity()
    assert one.identity() != make_config({**BASE, "momentum": 0.5}).identity()
