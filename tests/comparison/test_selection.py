from __future__ import annotations

from dataclasses import replace

import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from softlabel import Plain, StochasticLabelRefinery, TorchClassifier, WeightAveraging
from softlabel.comparison.method_specs import parse_method
from softlabel.comparison.registry import METHODS
from softlabel.comparison.selection import describe, select_methods
from softlabel.errors import InputError
from softlabel.methods.auto_settings import AUTO_RULE

LEARNER = LogisticRegression()


def test_the_cheap_rivals_are_always_there_and_the_baseline_first():
    found = select_methods(["slr", "smoothing"], "distribution", LEARNER)
    assert list(found.methods) == ["plain", "temperature", "slr", "smoothing"]
    assert found.added == ("plain", "temperature")
    assert found.skipped == {}
    assert select_methods(["temperature", "plain"], "distribution", LEARNER).added == ()


def test_another_baseline_is_added_and_first():
    found = select_methods(["plain"], "distribution", LEARNER, baseline="smoothing:share=0.2")
    assert next(iter(found.methods)) == "smoothing:share=0.2"


def test_all_leaves_out_what_cannot_work():
    found = select_methods(["all", "slr:n_rounds=6"], "distribution", LEARNER)
    networks = {"online_smoothing", "self_adaptive", "pskd", "focal", "ohem", "swa"}
    assert set(found.skipped) == networks
    assert set(found.methods) == (set(METHODS) | {"slr:n_rounds=6"}) - networks


def test_grades_as_numbers_have_no_temperature_and_nobody_is_told_who_did_not_ask():
    found = select_methods(["slr"], "scalar", Ridge())
    assert list(found.methods) == ["plain", "slr"]
    assert found.skipped == {}


def test_what_was_named_and_cannot_work_is_refused_or_left_out():
    with pytest.raises(InputError, match=r"swa: .*torch_mlp.* \(--unsuited skip"):
        select_methods(["slr", "swa"], "distribution", LEARNER)
    assert list(select_methods(["slr", "swa"], "distribution", LEARNER, unsuited="skip").skipped) == ["swa"]
    with pytest.raises(InputError, match="focal"):
        select_methods(["all"], "distribution", LEARNER, unsuited="refuse")


def test_parameters_that_cannot_work_are_refused_or_left_out_as_methods_are():
    asked = ["slr", "plain:length=1/3"]
    with pytest.raises(
        InputError, match=r"^plain:length=1/3: with length=3: length=3 .*; leave it out \(--unsuited skip"
    ):
        select_methods(asked, "distribution", LEARNER)
    found = select_methods(asked, "distribution", LEARNER, unsuited="skip")
    assert list(found.methods) == ["plain", "temperature", "slr"]
    assert found.skipped["plain:length=1/3"].startswith("with length=3")
    with pytest.raises(InputError, match="length=3"):
        select_methods(["slr"], "distribution", LEARNER, baseline="plain:length=3", unsuited="skip")


def test_what_rows_are_decides_where_a_method_looks_at_them():
    network = TorchClassifier("small_cnn")
    assert "ldl:mix=cutmix" in select_methods(["ldl:mix=cutmix"], "distribution", network, pictures=True).methods
    with pytest.raises(InputError, match=r"^ldl:mix=cutmix: mix='cutmix' mixes pictures"):
        select_methods(["ldl:mix=cutmix"], "distribution", network, pictures=False)


def test_a_baseline_that_cannot_work_is_always_refused():
    with pytest.raises(InputError, match="WeightAveraging"):
        select_methods(["slr"], "distribution", LEARNER, baseline="swa", unsuited="skip")


def test_what_a_label_stands_for():
    told = describe({"slr:n_rounds=1/2": parse_method("slr:n_rounds=1/2"), "mine": Plain(LogisticRegression(C=0.5))})
    assert told["slr:n_rounds=1/2"] == {
        "name": "slr",
        "given": {},
        "grid": {"n_rounds": [1, 2]},
        "auto_rule": AUTO_RULE,
    }
    assert told["mine"]["estimator"]["C"] == 0.5


@pytest.mark.parametrize(
    ("method", "chooses"),
    [
        (parse_method("slr"), True),
        (parse_method("slr:final_targets=refined"), False),
        (parse_method("slr:final_targets=refined/auto"), True),
        (parse_method("plain"), False),
        (StochasticLabelRefinery(), True),
        (StochasticLabelRefinery(final_targets="pruned"), False),
        (StochasticLabelRefinery(final_targets="pruned", momentum="bayes"), True),
    ],
    ids=["default", "named", "grid", "another", "own", "own named", "own by Bayes' rule"],
)
def test_the_rule_of_a_choice_is_part_of_what_a_method_is(method, chooses):
    assert describe({"one": method})["one"].get("auto_rule") == (AUTO_RULE if chooses else None)


def test_methods_under_labels_of_the_callers_own_may_be_the_baseline():
    labelled = {"mine": Plain(), "soft": replace(parse_method("smoothing:share=0.3"), label="soft")}
    found = select_methods([], "distribution", LEARNER, baseline="mine", labelled=labelled)
    assert list(found.methods) == ["mine", "plain", "temperature", "soft"]
    assert found.methods["mine"] is labelled["mine"]
    assert found.methods["soft"].given == {"share": 0.3}


def test_a_method_of_ones_own_that_cannot_work_is_refused_like_others():
    with pytest.raises(InputError, match="mine: WeightAveraging changes how"):
        select_methods([], "distribution", LEARNER, labelled={"mine": WeightAveraging()})
    with pytest.raises(InputError, match="mine: length=2 changes how long"):
        select_methods([], "distribution", TorchClassifier("mlp"), labelled={"mine": Plain(LEARNER, length=2)})
    network = {"mine": WeightAveraging(TorchClassifier("mlp"))}
    assert "mine" in select_methods([], "distribution", LEARNER, labelled=network).methods
