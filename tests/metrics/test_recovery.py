"""Counts of wrong labels found, corrected and spoiled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabel.errors import InputError
from softlabel.metrics.recovery import Recovery, label_recovery

steady = settings(deadline=None, derandomize=True)
codes = st.integers(0, 3)


def test_by_hand():
    #         kept right  spoiled  corrected  corrected  found, not corrected  missed
    given_ = [0, 0, 0,    1, 1,    2,         2,         0,                    3]  # fmt: skip
    true = [0, 0, 0,      1, 1,    0,         1,         1,                    2]  # fmt: skip
    now = [0, 0, 0,       2, 0,    0,         1,         2,                    3]  # fmt: skip
    assert label_recovery(given_, true, now) == Recovery(
        n=9,
        n_wrong=4,
        n_found=3,
        n_corrected=2,
        n_moved=5,
        n_spoiled=2,
        share_corrected=0.5,
        share_spoiled=0.4,
        precision=0.6,
        recall=0.75,
        f1=6 / 9,
    )


@steady
@given(st.lists(st.tuples(codes, codes, codes)))
def test_counts_add_up(rows):
    given_, true, now = np.array(rows, dtype=int).reshape(-1, 3).T
    found = label_recovery(given_, true, now)
    assert found.n == len(rows)
    assert found.n_wrong == sum(g != t for g, t, _ in rows)
    assert found.n_moved == sum(g != r for g, _, r in rows) == found.n_found + found.n_spoiled
    assert found.n_corrected == sum(g != t == r for g, t, r in rows)
    assert found.n_spoiled == sum(g == t != r for g, t, r in rows)
    assert found.n_corrected <= found.n_found <= found.n_wrong
    assert found.n_spoiled <= found.n - found.n_wrong
    for share in (found.share_corrected, found.share_spoiled, found.precision, found.recall, found.f1):
        assert share is None or 0 <= share <= 1
    if found.precision and found.recall:
        assert found.f1 == pytest.approx(2 / (1 / found.precision + 1 / found.recall))


def test_shares_of_nothing_are_none():
    clean = label_recovery([0, 1], [0, 1], [0, 1])
    assert (clean.share_corrected, clean.precision, clean.recall, clean.f1) == (None, None, None, None)
    assert clean.share_spoiled == 0.0
    all_wrong = label_recovery([0, 1], [1, 0], [0, 1])
    assert (all_wrong.share_spoiled, all_wrong.precision) == (None, None)
    assert (all_wrong.recall, all_wrong.f1) == (0.0, 0.0)
    assert label_recovery([], [], []).n == 0


def test_counts_are_plain_integers():
    found = label_recovery(np.array([0, 1]), np.array([1, 1]), np.array([1, 1]))
    assert {type(value) for value in vars(found).values()} <= {int, float}


def test_labels_as_strings():
    assert label_recovery(["a", "b"], ["b", "b"], ["b", "b"]).n_corrected == 1


@pytest.mark.parametrize("arguments", [([0], [0, 1], [0, 1]), ([0, 1], [0, 1], [[0], [1]]), (0, 0, 0)])
def test_other_shapes_are_refused(arguments):
    with pytest.raises(InputError, match="one-dimensional of one length; got shapes"):
        label_recovery(*arguments)
