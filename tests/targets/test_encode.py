"""Labels to codes to target rows, and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes, class_codes, find_classes, harden, one_hot

steady = settings(deadline=None, derandomize=True)
label_lists = st.one_of(
    st.lists(st.integers(-1000, 1000), min_size=2),
    st.lists(st.text(alphabet="abcdé ", max_size=3), min_size=2),
    st.lists(st.booleans(), min_size=2),
).filter(lambda y: len(set(y)) > 1)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([3, 1, 3], [1, 3]),
        ([10, 9, -1], [-1, 9, 10]),
        (["10", "9"], ["10", "9"]),
        ([True, False], [False, True]),
        ([2.0, 1.0], [1.0, 2.0]),
        (["b", "", "a"], ["", "a", "b"]),
        (np.array(["b", "a"], dtype=object), ["a", "b"]),
        # a category without a row is no class
        (pd.Categorical(["b", "a"], categories=["z", "b", "a"]), ["a", "b"]),
    ],
)
def test_classes_are_sorted_and_distinct(y, classes):
    found = find_classes(y)
    assert found.tolist() == classes


@pytest.mark.parametrize("y", [np.array(["b", "a"]), np.array(["b", "a"], dtype=object), np.array([1, 0], np.uint8)])
def test_classes_keep_the_type_of_the_labels(y):
    assert find_classes(y).dtype == y.dtype
    assert_array_equal(find_classes(y), np.unique(y))


def test_one_class_is_refused_with_its_name():
    with pytest.raises(InputError, match=r"only one class \('a'\) in 3 rows; .* at least two classes"):
        find_classes(["a"] * 3)


def test_no_row_is_refused():
    with pytest.raises(InputError, match="y is empty"):
        find_classes([])


@steady
@given(label_lists)
def test_codes_lead_back_to_the_labels(y):
    classes = find_classes(y)
    codes = class_codes(y, classes)
    assert codes.dtype == np.int64
    assert classes[codes].tolist() == y
    assert class_codes(np.array(y, dtype=object), classes).tolist() == codes.tolist()


@steady
@given(label_lists, st.randoms(use_true_random=False))
def test_permuted_classes_permute_the_codes(y, random):
    classes = find_classes(y).tolist()
    random.shuffle(classes)
    codes = class_codes(y, classes)
    assert [classes[code] for code in codes] == y


@steady
@given(label_lists, st.randoms(use_true_random=False))
def test_permuted_rows_permute_the_codes(y, random):
    classes = find_classes(y)
    order = list(range(len(y)))
    random.shuffle(order)
    assert_array_equal(class_codes([y[i] for i in order], classes), class_codes(y, classes)[order])


@pytest.mark.parametrize(
    ("y", "classes", "unknown", "known"),
    [
        (["a", "c", "d", "c"], ["a", "b"], "'c', 'd'", "'a', 'b'"),
        (np.array(["c", "a"], dtype=object), ["a", "b"], "'c'", "'a', 'b'"),
        ([0, 5, -3], [0, 1, 2], "5, -3", "0, 1, 2"),
        (["1", "0"], [0, 1], "'1', '0'", "0, 1"),
        ([1, 0], ["0", "1"], "1, 0", "'0', '1'"),
        ([1, 0], [], "1, 0", ""),
    ],
)
def test_unknown_labels_are_named_with_the_classes(y, classes, unknown, known):
    with pytest.raises(InputError, match=f"not among the classes: {unknown}; the classes are {known}"):
        class_codes(y, classes)


def test_long_lists_are_cut_short():
    with pytest.raises(InputError, match=r"9 and 15 more; the classes"):
        class_codes(np.arange(25), ["a", "b"])


def test_integers_match_whole_floats():
    assert class_codes([1.0, 0.0], [0, 1]).tolist() == [1, 0]


def test_one_class_and_no_row_are_no_error_for_codes():
    assert class_codes(["a"], ["a", "b"]).tolist() == [0]
    assert class_codes([], ["a", "b"]).shape == (0,)


def test_one_hot_by_hand():
    targets = one_hot(np.array([2, 0]), 3)
    assert targets.dtype == np.float32
    assert targets.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot([], 2).shape == (0, 2)


@steady
@given(st.lists(st.integers(0, 6)))
def test_harden_undoes_one_hot(codes):
    hardened = harden(one_hot(codes, 7))
    assert hardened.dtype == np.int64
    assert hardened.tolist() == codes


def test_harden_takes_the_first_of_ties():
    assert harden([[0.2, 0.4, 0.4], [0.5, 0.5, 0.0]]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([0, 3], "has 3 in row 1; with 3 classes the codes are 0 to 2"),
        ([-1, 0], "has -1 in row 0"),
        ([0.0, 1.0], "one-dimensional integers; got shape .* of float64"),
        ([[0, 1]], r"got shape \(1, 2\)"),
        (["a"], "class_codes"),
        ([True, False], "of bool"),
    ],
)
def test_bad_codes_are_refused(codes, message):
    with pytest.raises(InputError, match=message):
        one_hot(codes, 3)


def test_codes_of_another_length_are_refused():
    with pytest.raises(InputError, match="has 2 rows where 3 are needed"):
        check_codes([0, 1], 2, n_rows=3)


@pytest.mark.parametrize("targets", [[0.1, 0.9], np.zeros((2, 0))])
def test_harden_refuses_what_is_no_table(targets):
    with pytest.raises(InputError, match="two-dimensional"):
        harden(targets)
