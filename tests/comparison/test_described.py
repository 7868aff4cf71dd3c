from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from softlabel import LabelSmoothing, TorchClassifier
from softlabel.comparison.described import described


def first():
    return 1


def second():
    return [1]


def _voting(c):
    parts = [(f"part{i}", LogisticRegression(C=1.0 if i != 4 else c)) for i in range(12)]
    return VotingClassifier(parts)


def _with_array(number):
    weights = np.zeros(2000)
    weights[500] = number
    return LogisticRegression(class_weight={"all": weights})


@pytest.mark.parametrize(
    "make",
    [
        lambda number: LogisticRegression(C=number),
        _voting,
        _with_array,
        lambda number: LabelSmoothing(LogisticRegression(tol=number)),
        lambda number: KFold(3 if number < 1 else 4),
        lambda number: TorchClassifier(first if number < 1 else second),
    ],
    ids=["parameter", "deep", "long array", "method", "splitter", "function"],
)
def test_what_differs_is_told_apart_and_what_is_equal_is_not(make):
    assert described(make(0.5)) == described(make(0.5))
    assert described(make(0.5)) != described(make(1.5))


def test_no_address_is_in_it():
    assert "0x" not in str(described(TorchClassifier(lambda n_outputs: None)))
    assert "0x" not in str(described(KFold(3)))


def test_where_and_how_fast_does_not_matter():
    here, there = (
        TorchClassifier("mlp", device="cpu", workers=0),
        TorchClassifier("mlp", device="cuda", workers=2, verbose=1),
    )
    assert described(here) == described(there)


def test_weights_are_told_by_their_content(tmp_path):
    (tmp_path / "a.pt").write_bytes(b"1")
    (tmp_path / "b.pt").write_bytes(b"1")
    a, b = (described(TorchClassifier("mlp", weights=str(tmp_path / f"{name}.pt"))) for name in "ab")
    assert a == b
    (tmp_path / "b.pt").write_bytes(b"2")
    assert described(TorchClassifier("mlp", weights=str(tmp_path / "b.pt"))) != a
