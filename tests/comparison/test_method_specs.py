from __future__ import annotations

import pytest

from softlabel.comparison.method_specs import MethodSpec, parse_method, parse_methods
from softlabel.errors import InputError


def test_a_name_alone():
    assert parse_method(" slr ") == MethodSpec("slr", "slr")
    assert parse_method("slr").combinations() == [{}]


def test_values_are_given_or_to_be_chosen():
    spec = parse_method("slr: n_rounds = 1/2 : momentum=average")
    assert spec.label == "slr:n_rounds=1/2:momentum=average"
    assert spec.given == {"momentum": "average"}
    assert spec.combinations() == [{"momentum": "average", "n_rounds": 1}, {"momentum": "average", "n_rounds": 2}]


def test_all_combinations_in_the_order_written():
    combinations = parse_method("ils:shift=0.9/0.8:slope=1/2").combinations()
    assert combinations == [{"shift": a, "slope": b} for a in (0.9, 0.8) for b in (1, 2)]


@pytest.mark.parametrize("text", ["slr:rounds", "slr:=3", "slr:n_rounds=", "slr:n_rounds=1//2", ":a=1"])
def test_what_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(InputError, match=r"slr:n_rounds=6"):
        parse_method(text)


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(InputError, match="gives n_rounds twice"):
        parse_method("slr:n_rounds=1:n_rounds=2")


def test_a_method_named_twice_is_one():
    assert [spec.label for spec in parse_methods(["plain", "slr", " plain"])] == ["plain", "slr"]
    with pytest.raises(InputError, match="no method is named"):
        parse_methods([" "])
