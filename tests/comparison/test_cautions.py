from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from softlabel.comparison.cautions import cautions
from softlabel.data.dataset import Dataset

X = np.arange(20.0).reshape(10, 2)


def _data(test=None, groups=None):
    train = Dataset(X, np.zeros(10, dtype=int), np.arange(10), groups=groups)
    return SimpleNamespace(train=train, test=test)


def _test(rows, n_new=0, **beside):
    features = np.vstack([X[list(rows)], -1 - np.arange(2.0 * n_new).reshape(n_new, 2)])
    n = len(features)
    return Dataset(features, np.zeros(n, dtype=int), beside.pop("ids", np.arange(n)), **beside)


@pytest.mark.parametrize(
    ("test", "told"),
    [
        (None, ()),
        (_test([], 3), ()),
        (_test([4], 2), ("1 of 3 test rows is also a training row (the same features): scores on it are too good",)),
        (_test([4, 5]), ("2 of 2 test rows are also training rows (the same features): scores on them are too good",)),
    ],
    ids=range(4),
)
def test_test_rows_that_are_training_rows(test, told):
    assert cautions(_data(test), 30, ids_named=False) == told


def test_ids_are_compared_where_they_are_names():
    data = _data(_test([], 2, ids=np.array([7, 70])))
    assert cautions(data, 30, ids_named=False) == ()
    assert cautions(data, 30, ids_named=True) == ("1 of 2 ids of test rows are also ids of training rows (7)",)


def test_groups_on_both_sides():
    names = np.array(list("aabbccddee"))
    data = _data(_test([], 3, groups=np.array(["e", "z", "e"])), groups=names)
    (told,) = cautions(data, 30, ids_named=False)
    assert told == "1 group with test rows also has training rows (e): scores on rows of such groups are too good"
    data = _data(_test([], 4, groups=np.array(list("abcd"))), groups=names)
    (told,) = cautions(data, 30, ids_named=False)
    assert told.startswith("4 groups with test rows also have training rows (a, b, c, ...)")


@pytest.mark.parametrize(("n", "told"), [(30, ()), (2, ("only 2 rows",)), (1, ("only 1 row",))])
def test_few_test_rows(n, told):
    found = cautions(_data(), n, ids_named=False)
    assert found == tuple(f"{start} to score with: scores are coarse" for start in told)
