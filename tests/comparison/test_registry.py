from __future__ import annotations

import inspect

import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from softlabel import TorchClassifier
from softlabel.comparison import registry
from softlabel.comparison.method_specs import parse_method
from softlabel.comparison.registry import METHODS, check_spec, make_method, method_class, why_not
from softlabel.errors import InputError


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_the_shape_of_the_others(name):
    kind = method_class(name)
    parameters = inspect.signature(kind).parameters
    assert {"estimator", "task", "threads", "random_state"} <= set(parameters)
    assert {"targets", "sample_weight", "reference", "validation"} <= set(inspect.signature(kind.fit).parameters)
    assert set(METHODS[name].options) <= set(parameters)
    made = make_method(parse_method(name), {}, estimator=LogisticRegression(), task=None, threads=2, random_state=7)
    assert (made.random_state, made.threads) == (7, 2)


def test_an_unknown_method_is_refused_with_the_list():
    with pytest.raises(
        InputError, match=r"unknown method 'smothing' \(did you mean smoothing\?\); give plain, temperature"
    ):
        check_spec(parse_method("smothing"))


def test_an_unknown_parameter_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"has no parameter 'rounds'; it has n_rounds, cv"):
        check_spec(parse_method("slr:rounds=3"))
    with pytest.raises(InputError, match="has no parameter 'random_state'; it has length"):
        check_spec(parse_method("plain:random_state=3"))


def test_given_parameters_win_over_those_of_the_name():
    spec = parse_method("self_distillation:n_generations=5")
    made = make_method(spec, spec.given, estimator=None, task=None, threads=1, random_state=0)
    assert made.n_generations == 5
    plain = make_method(parse_method("self_distillation"), {}, estimator=None, task=None, threads=1, random_state=0)
    assert plain.n_generations == 3


def test_what_cannot_work_says_why(monkeypatch):
    assert why_not(parse_method("swa"), "distribution", LogisticRegression()).startswith("WeightAveraging changes how")
    assert "does not work on grades as numbers" in why_not(parse_method("smoothing"), "scalar", LogisticRegression())
    assert why_not(parse_method("plain"), "scalar", Ridge()) is None
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    assert "softlabel[peers]" in why_not(parse_method("confident_learning"), "distribution", LogisticRegression())


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("plain:length=3", "length=3 changes how long"),
        ("plain:length=1/3/2", "with length=3: length=3 changes how long"),
        ("ldl:mix=cutmix", "mix='cutmix' mixes pictures"),
        ("ldl:length=1/2:mix=none/cutmix", "with length=1, mix='cutmix': mix='cutmix' mixes pictures"),
        ("label_refinery:loss=kl", "loss='kl' is how a network is trained"),
        ("self_distillation:temperature=2", "temperature=2 divides"),
        ("slr:teacher_budget=0.5", "teacher_budget=0.5 shortens a training"),
    ],
)
def test_parameters_that_cannot_work_say_why_and_of_several_which(method, reason):
    found = why_not(parse_method(method), "distribution", LogisticRegression())
    assert found.startswith(reason)
    assert "\n" not in found
    network = TorchClassifier("mlp")
    assert why_not(parse_method(method), "distribution", network, pictures=True) is None
    on_tables = why_not(parse_method(method), "distribution", network, pictures=False)
    assert on_tables == (found if "cutmix" in method else None)


def test_how_teachers_train_is_said_as_parameters_of_slr():
    spec = parse_method("slr:teacher_budget=0.3:fixed_folds=True:warm_start=True")
    made = make_method(spec, spec.given, estimator=None, task=None, threads=1, random_state=0)
    assert (made.teacher_budget, made.fixed_folds, made.warm_start) == (0.3, True, True)
