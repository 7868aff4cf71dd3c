from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from softlabel.data.folds import (
    check_cv,
    folds_of_matrix,
    rare_classes,
    split_matrix,
    stays_fixed,
    stochastic_folds,
)
from softlabel.errors import InputError

CODES = np.repeat([0, 1, 2], 20)


def _same(a, b):
    return all(
        np.array_equal(x.train, y.train) and np.array_equal(x.held_out, y.held_out) for x, y in zip(a, b, strict=True)
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**31 - 1), st.lists(st.integers(0, 3), min_size=8, max_size=60))
def test_int_folds_partition_the_rows_and_never_overlap(cv, seed, labels):
    codes = np.unique(labels, return_inverse=True)[1]
    folds = stochastic_folds(codes, cv, seed=seed)
    assert np.array_equal(np.sort(np.concatenate([fold.held_out for fold in folds])), np.arange(len(codes)))
    for fold in folds:
        assert not np.intersect1d(fold.train, fold.held_out).size
        assert len(fold.train) + len(fold.held_out) == len(codes)


def test_int_folds_are_stratified():
    for fold in stochastic_folds(CODES, 5, seed=0):
        assert np.bincount(CODES[fold.held_out]).tolist() == [4, 4, 4]


def test_a_new_seed_splits_anew_and_the_same_seed_does_not():
    assert _same(stochastic_folds(CODES, 5, seed=1), stochastic_folds(CODES, 5, seed=1))
    assert not _same(stochastic_folds(CODES, 5, seed=1), stochastic_folds(CODES, 5, seed=2))


def test_a_splitter_without_a_seed_is_split_anew_and_is_not_changed():
    splitter = KFold(3, shuffle=True)
    assert not _same(stochastic_folds(CODES, splitter, seed=1), stochastic_folds(CODES, splitter, seed=2))
    assert splitter.random_state is None


def test_a_splitter_with_a_seed_is_fixed():
    splitter = KFold(3, shuffle=True, random_state=7)
    assert _same(stochastic_folds(CODES, splitter, seed=1), stochastic_folds(CODES, splitter, seed=2))


def test_a_splitter_with_a_moving_stream_is_refused():
    with pytest.raises(InputError, match="generator as its random_state"):
        check_cv(KFold(3, shuffle=True, random_state=np.random.RandomState(0)))


def test_an_iterator_is_listed_once_and_fixed():
    pairs = check_cv(iter([(np.arange(40), np.arange(40, 60)), (np.arange(20, 60), np.arange(20))]))
    assert _same(stochastic_folds(CODES, pairs, seed=1), stochastic_folds(CODES, pairs, seed=2))
    assert len(pairs) == 2


def test_masks_serve_as_pairs():
    held_out = np.arange(60) < 10
    (fold,) = stochastic_folds(CODES, check_cv([(~held_out, held_out)]), seed=0)
    assert fold.held_out.tolist() == list(range(10))


def test_rows_held_out_several_times_or_never():
    folds = stochastic_folds(CODES, RepeatedKFold(n_splits=3, n_repeats=2), seed=0)
    assert np.bincount(np.concatenate([fold.held_out for fold in folds])).tolist() == [2] * 60
    folds = stochastic_folds(CODES, TimeSeriesSplit(3), seed=0)
    assert 0 not in np.concatenate([fold.held_out for fold in folds])


def test_only_the_rows_that_take_part_are_split():
    rows = np.arange(0, 60, 2)
    for cv in (3, KFold(3), [(np.arange(30), np.arange(30, 60))]):
        for fold in stochastic_folds(CODES, check_cv(cv), rows=rows, seed=0):
            assert np.isin(np.concatenate([fold.train, fold.held_out]), rows).all()


def test_groups_stay_whole():
    groups = np.arange(60) // 4
    for fold in stochastic_folds(CODES, 5, groups=groups, seed=0):
        assert not np.intersect1d(groups[fold.train], groups[fold.held_out]).size
    folds = stochastic_folds(CODES, GroupKFold(3), groups=groups, seed=0)
    assert len(folds) == 3


def test_a_users_splitter_that_cuts_a_group_is_refused_by_name():
    with pytest.raises(InputError, match="group anna"):
        stochastic_folds(CODES, KFold(3), groups=np.array(["anna"] * 59 + ["ben"]), seed=0)


@pytest.mark.parametrize(
    ("cv", "groups", "message"),
    [
        (61, None, "cv=61, but there are only 60 rows"),
        (5, np.repeat([0, 1, 2], 20), "only 3 groups"),
        ([([0, 1], [1, 2])], None, "trains on rows that it holds out: row 1"),
        ([([0, 1], [60])], None, "outside 0 to 59"),
        ([([0.5], [1])], None, "row positions"),
        ([([], [1])], None, "trains on no rows"),
        ([([1], [])], None, "holds out no rows"),
    ],
)
def test_folds_that_cannot_be_are_refused(cv, groups, message):
    with pytest.raises(InputError, match=message):
        stochastic_folds(CODES, check_cv(cv), groups=groups, seed=0)


@pytest.mark.parametrize("cv", [1, 0, -3, True, 2.5, "five", [], [(1, 2, 3)], [1, 2, 3], ["ab"]])
def test_cv_that_is_no_cv_is_refused(cv):
    with pytest.raises(InputError, match="cv"):
        check_cv(cv)


def test_classes_that_are_all_rarer_than_the_folds_are_still_split():
    folds = stochastic_folds(np.arange(12) // 2, 4, seed=0)
    assert sorted(len(fold.held_out) for fold in folds) == [3, 3, 3, 3]
    groups = np.arange(12) // 3
    assert len(stochastic_folds(np.arange(12) // 2, 4, groups=groups, seed=0)) == 4


def test_rare_classes_are_those_with_fewer_rows_than_folds():
    assert rare_classes(np.array([0] * 10 + [1] * 5 + [2] * 4), 4, 5) == [2, 3]
    assert rare_classes(np.array([0, 0, 1]), 2, LeaveOneOut()) == [1]


def test_the_split_matrix_can_be_read_back():
    folds = stochastic_folds(CODES, 5, rows=np.arange(50), seed=0)
    matrix = split_matrix(folds, 60)
    assert matrix.dtype == np.int8
    assert (matrix[:, 50:] == 0).all()
    assert (np.count_nonzero(matrix == 2, axis=0)[:50] == 1).all()
    assert _same(folds_of_matrix(matrix), folds)


class Fixed:
    """A splitter that gives the same sides for whatever rows."""

    def __init__(self, *sides):
        self.sides = sides

    def split(self, X, y=None, groups=None):
        yield self.sides

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1


@pytest.mark.parametrize(
    "sides", [([0, 1], [60]), ([0, -1], [2]), ([0.5], [1]), (np.ones(59, dtype=bool), [1]), (["a"], [1])]
)
def test_positions_of_a_splitter_are_checked(sides):
    with pytest.raises(InputError, match="Fixed, given 60 rows, holds row positions outside 0 to 59"):
        stochastic_folds(CODES, Fixed(*sides), seed=0)


def test_masks_of_a_splitter_refer_to_the_rows_that_take_part():
    rows = np.arange(30, 60)
    held_out = np.arange(30) < 10
    (fold,) = stochastic_folds(CODES, Fixed(~held_out, held_out), rows=rows, seed=0)
    assert fold.held_out.tolist() == list(range(30, 40))


def test_a_splitter_with_positions_of_its_own():
    splitter = PredefinedSplit(np.arange(60) % 3)
    assert [fold.held_out[0] for fold in stochastic_folds(CODES, splitter, seed=0)] == [0, 1, 2]
    advice = "give the folds as an iterable of .train, held-out. pairs over all rows"
    with pytest.raises(InputError, match=f"PredefinedSplit .*10 of 60 rows are a guard.*{advice}"):
        stochastic_folds(CODES, splitter, rows=np.arange(50), seed=0)
    with pytest.raises(InputError, match="holds the positions of 40 rows, but there are 60"):
        stochastic_folds(CODES, PredefinedSplit(np.arange(40) % 3), seed=0)
    pairs = check_cv(splitter.split())  # as the message says
    assert len(stochastic_folds(CODES, pairs, rows=np.arange(50), seed=0)) == 3


def test_a_splitter_that_fails_is_named():
    with pytest.raises(InputError, match="GroupKFold cannot split these 60 rows"):
        stochastic_folds(CODES, GroupKFold(3), seed=0)


def _several(seed, n=300):
    return (np.random.default_rng(seed).random((n, 4)) < [0.5, 0.25, 0.1, 0.04]).astype(np.int64)


@pytest.mark.parametrize("grouped", [False, True])
def test_folds_of_several_labels_are_stratified_on_each(grouped):
    codes = _several(0)
    groups = np.arange(300) // 2 if grouped else None
    folds = stochastic_folds(codes, 5, groups=groups, seed=0)
    assert np.array_equal(np.sort(np.concatenate([fold.held_out for fold in folds])), np.arange(300))
    held = np.array([codes[fold.held_out].sum(axis=0) for fold in folds])  # (5, 4)
    # The rarest are dealt out first, and so most evenly; the most frequent is what is left.
    assert (np.ptp(held, axis=0) <= [12, 3, 2, 2]).all()
    assert _same(folds, stochastic_folds(codes, 5, groups=groups, seed=0))
    assert not _same(folds, stochastic_folds(codes, 5, groups=groups, seed=1))
    for fold in folds:
        assert groups is None or not np.intersect1d(groups[fold.train], groups[fold.held_out]).size


def test_several_labels_with_a_guard_and_with_a_splitter():
    codes, rows = _several(1), np.arange(0, 300, 2)
    for fold in stochastic_folds(codes, 3, rows=rows, seed=0):
        assert np.isin(np.concatenate([fold.train, fold.held_out]), rows).all()
    assert [len(fold.held_out) for fold in stochastic_folds(codes, KFold(3), seed=0)] == [100] * 3
    splitter = Fixed([0, 1], [2])
    assert stochastic_folds(codes, splitter, seed=0)[0].train.tolist() == [0, 1]
    with pytest.raises(InputError, match="StratifiedKFold cannot split these 300 rows"):
        stochastic_folds(codes, StratifiedKFold(3), seed=0)
    with pytest.raises(InputError, match="only 2 groups"):
        stochastic_folds(codes, 3, groups=np.arange(300) % 2, seed=0)


def test_rare_labels_are_those_of_fewer_rows_than_folds():
    codes = np.array([[1, 0, 1]] * 4 + [[1, 1, 0]] * 2 + [[1, 0, 0]] * 4)
    assert rare_classes(codes, 3, 5) == [1, 2]
    assert rare_classes(codes, 3, 4) == [1]


@pytest.mark.parametrize("seed", range(10))
def test_grades_are_balanced_though_patients_stay_whole(seed):
    """Four pictures a patient, two an eye, grades of its eyes at most one apart: as DeepDRiD has them."""
    rng = np.random.default_rng(seed)
    base = rng.choice(5, 300, p=[0.45, 0.2, 0.15, 0.12, 0.08])
    eyes = np.clip(base[:, None] + rng.choice([-1, 0, 0, 0, 1], (300, 2)), 0, 4)  # (patients, 2)
    codes, groups = np.repeat(eyes, 2, axis=1).ravel(), np.repeat(np.arange(300), 4)  # (1200,)
    expected = np.bincount(codes, minlength=5) / 5
    for fold in stochastic_folds(codes, 5, groups=groups, seed=seed):
        held = np.bincount(codes[fold.held_out], minlength=5)
        assert (np.abs(held - expected) <= 0.05 * expected + 6).all()
        assert abs(len(fold.held_out) - 240) <= 12


@pytest.mark.parametrize(
    ("cv", "fixed"),
    [
        (5, False),
        ([(np.arange(2), np.arange(2, 4))], True),
        (StratifiedKFold(3, shuffle=True), False),
        (StratifiedKFold(3, shuffle=True, random_state=1), True),
        (KFold(3), True),
        (GroupKFold(3), True),
    ],
    ids=["number", "pairs", "chance", "seed", "no chance", "groups"],
)
def test_which_folds_stay_fixed(cv, fixed):
    assert stays_fixed(cv) is fixed
    if not isinstance(cv, list):
        codes, groups = np.arange(12) % 3, np.arange(12)
        first, second = (
            stochastic_folds(codes, cv, groups=groups if isinstance(cv, GroupKFold) else None, seed=s) for s in (0, 1)
        )
        same = all(np.array_equal(a.held_out, b.held_out) for a, b in zip(first, second, strict=True))
        assert same is fixed
