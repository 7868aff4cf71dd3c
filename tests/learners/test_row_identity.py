from __future__ import annotations

import numpy as np
import pytest

from softlabel.learners.row_identity import RowGroups, groups_of, known_groups, known_rows

KEYS = np.array([7, 7, 3, 9, 3, 7])


def test_groups_are_numbered_as_they_appear():
    groups = RowGroups.of(KEYS)
    assert groups.group_of.tolist() == [0, 0, 1, 2, 1, 0]
    assert groups.first.tolist() == [0, 2, 3]
    assert not groups.single


def test_members_come_group_after_group_in_the_order_asked_for():
    groups = RowGroups.of(KEYS)
    assert groups.members([1, 0]).tolist() == [2, 4, 0, 1, 5]
    assert groups.members([]).tolist() == []
    assert groups.members(np.array([False, True, True])).tolist() == [2, 4, 3]


def test_without_a_fit_going_on_equal_rows_belong_together():
    X = KEYS[:, None].astype(float)
    assert known_groups(X, KEYS) is None
    assert groups_of(X, KEYS).group_of.tolist() == [0, 0, 1, 2, 1, 0]


def test_the_fit_going_on_knows_better_than_equal_rows():
    labels = np.array([0, 1, 0, 1, 1, 0])
    groups = RowGroups.of(np.array([0, 0, 1, 1, 2, 3]))
    constant = np.zeros((6, 1))
    with known_rows(groups, labels):
        assert groups_of(constant, labels) is groups
        assert groups_of(constant, labels.astype(float)) is groups
        assert groups_of(constant, np.eye(2)[labels]) is groups  # one-hot, as an estimator may have encoded it
        assert groups_of(constant, labels[:, None]) is groups
        assert groups_of(constant[:4], labels[:4]).group_of.tolist() == [0] * 4  # a part is not the whole
        assert groups_of(constant, 1 - labels).group_of.tolist() == [0] * 6  # nor are other labels
        with known_rows(RowGroups.of(np.arange(6)), labels):
            assert groups_of(constant, labels).single
        assert groups_of(constant, labels) is groups
    assert known_groups(constant, labels) is None


def test_it_is_forgotten_when_the_fit_fails():
    with pytest.raises(RuntimeError), known_rows(RowGroups.of(KEYS), KEYS):
        raise RuntimeError
    assert known_groups(KEYS[:, None], KEYS) is None
