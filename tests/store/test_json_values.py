from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlabel.errors import DamagedRunError
from softlabel.store.json_values import canonical, plain, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_stay_and_survive_json(value):
    assert plain(value) == value
    assert json.loads(canonical(value)) == value


def test_other_numbers_become_plain():
    value = plain(
        {1: np.int64(3), "a": np.array([[1.5, np.inf]]), "b": (np.bool_(True), Path("x/y")), "c": float("nan")}
    )
    assert value == {"1": 3, "a": [[1.5, None]], "b": [True, "x/y"], "c": None}
    assert type(value["1"]) is int
    assert type(value["b"][0]) is bool
    with pytest.raises(TypeError, match="a set cannot be stored"):
        plain({"a": {1}})


def test_the_order_of_keys_does_not_count():
    assert canonical({"a": 1, "b": [2]}) == canonical({"b": (2,), "a": np.int8(1)})
    assert canonical([1, 2]) != canonical([2, 1])


def test_reading(tmp_path):
    with pytest.raises(DamagedRunError, match="is missing; do this"):
        read_json(tmp_path / "a", advice="do this")
    (tmp_path / "a").write_bytes(b'{"a": 1')
    with pytest.raises(DamagedRunError, match=r"is not JSON .*; do this"):
        read_json(tmp_path / "a", advice="do this")
    (tmp_path / "a").write_bytes(b"\xff\xff")
    with pytest.raises(DamagedRunError, match="is not JSON"):
        read_json(tmp_path / "a", advice="do this")
