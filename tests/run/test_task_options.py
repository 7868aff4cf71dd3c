from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.task_options import SAID_BY_DEFAULT, check_start, said, target_kind

BASE = {"source": "iris", "out": "x"}
ORDINAL = {"task": "ordinal"}


def _config(**values):
    return make_config({**BASE, **values})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, "distribution"),
        (ORDINAL, "scalar"),
        (ORDINAL | {"view": "scalar"}, "scalar"),
        (ORDINAL | {"view": "distribution"}, "distribution"),
        ({"task": "multilabel"}, "independent"),
    ],
)
def test_the_kind_of_targets_is_known_before_any_data(values, kind):
    assert target_kind(_config(**values)) == kind


def test_what_holds_where_nothing_is_said():
    config = _config(**ORDINAL)
    assert {option: said(config, option) for option in SAID_BY_DEFAULT} == SAID_BY_DEFAULT
    assert said(_config(**ORDINAL, view="distribution"), "view") == "distribution"


@pytest.mark.parametrize("start", [None, "one_hot", "unimodal", "unimodal:0.3", "unimodal:2"])
def test_starts(start):
    assert check_start(start) == start


@pytest.mark.parametrize(
    "start", ["", "bump", "one_hot:1", "unimodal:", "unimodal:x", "unimodal:0", "unimodal:nan", "unimodal:inf"]
)
def test_what_is_no_start(start):
    with pytest.raises(ValueError):  # noqa: PT011  # each of these says nothing: the configuration has the words
        check_start(start)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"view": "scalar"}, r"--view scalar is for grades \(this is --task multiclass\); give --task ordinal"),
        ({"grades": "a,b"}, r"--grades a,b is for grades"),
        ({"start": "one_hot"}, "--start one_hot is for grades"),
        ({"thresholds": "fitted"}, "--thresholds fitted is for grades"),
        ({"task": "multilabel", "view": "scalar"}, "--view scalar is for grades"),
        (ORDINAL | {"start": "unimodal"}, r"--start unimodal is for distributions .*--view scalar\); give --view dist"),
        (ORDINAL | {"sharpen": 0.5}, r"--sharpen 0\.5 is for probabilities, and the scalar view has none"),
        (ORDINAL | {"view": "distribution", "thresholds": "fitted"}, "--thresholds fitted is for grades as numbers"),
        (ORDINAL | {"thresholds": "fitted", "rounds": 0}, "with --rounds 0 there are none"),
        ({"separator": ";"}, "--separator ; is for several labels in one cell"),
        ({"task": "multilabel", "separator": ";", "label": ["a", "b"]}, "2 columns are given as labels"),
        ({"task": "multilabel", "votes": ["a", "b"]}, "--votes a b is for one label a row"),
        ({"votes_as": "share"}, "--votes-as share says how votes become targets"),
        ({"reference": "votes"}, "--reference votes takes the shares of the votes, and there are none; give --votes"),
        (
            ORDINAL | {"view": "distribution", "start": "unimodal", "votes": ["a", "b"]},
            "--start unimodal makes first targets of labels, and the votes are these",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_line(values, message):
    with pytest.raises(InputError, match=message) as caught:
        _config(**values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        ORDINAL | {"grades": "1,2,3", "thresholds": "fitted"},
        ORDINAL | {"view": "distribution", "start": "unimodal:0.4", "sharpen": 0.5},
        ORDINAL | {"votes": ["a", "b"], "votes_as": "dawid-skene", "reference": "votes"},
        {"task": "multilabel", "separator": ";", "label": "tags", "sharpen": 0.5},
        {"task": "multilabel", "label": ["a", "b"], "reference": ["c", "d"]},
        {"votes": "votes.csv", "votes_as": "dawid-skene", "reference": ["a", "b"]},
    ],
    ids=str,
)
def test_what_goes_together(values):
    assert _config(**values)
