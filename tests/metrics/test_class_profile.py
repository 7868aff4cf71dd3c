from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.metrics.class_profile import binned_profile, class_accuracies
from softlabel.metrics.scores import accuracy, balanced_accuracy


def test_accuracies_of_classes_by_hand():
    p = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.7, 0.0], [0.5, 0.5, 0.0]])
    found = class_accuracies([0, 0, 1, 1], p, 3)
    assert_array_equal(found.accuracy, [0.5, 0.5, np.nan])  # of ties the first class
    assert_array_equal(found.counts, [2, 2, 0])


def test_their_means_are_accuracy_and_balanced_accuracy():
    draws = np.random.default_rng(0)
    codes, p = draws.integers(0, 6, size=300), draws.dirichlet(np.ones(6), size=300)
    found = class_accuracies(codes, p, 6)
    assert np.average(found.accuracy, weights=found.counts) == pytest.approx(accuracy(codes, p))
    assert found.accuracy.mean() == pytest.approx(balanced_accuracy(codes, p))


def test_bins_by_hand():
    train = [0.9, 0.1, 0.5, 0.7, 0.3]
    validation = [0.8, 0.2, 0.5, 0.6, 0.0]
    profile = binned_profile(train, validation, n_bins=2)
    assert_array_equal(profile.counts, [3, 2])  # .1 .3 .5 | .7 .9
    assert profile.train == pytest.approx([0.3, 0.8])
    assert profile.validation == pytest.approx([0.7 / 3, 0.7])
    assert profile.deviation == pytest.approx([np.std([0.2, 0.0, 0.5]), 0.1])


def test_bins_hold_all_classes_in_order():
    draws = np.random.default_rng(1)
    train, validation = draws.uniform(size=103), draws.uniform(size=103)
    profile = binned_profile(train, validation)
    assert len(profile.train) == 10
    assert set(profile.counts) == {10, 11}
    assert (np.diff(profile.train) > 0).all()
    assert profile.counts @ profile.validation / 103 == pytest.approx(validation.mean())
    order = draws.permutation(103)
    for one, other in zip(profile, binned_profile(train[order], validation[order]), strict=True):
        assert one == pytest.approx(other)


def test_a_model_that_learned_nothing_by_heart_lies_on_the_diagonal():
    accuracies = np.linspace(0, 1, 40)
    profile = binned_profile(accuracies, accuracies)
    assert_array_equal(profile.train, profile.validation)


def test_classes_that_are_not_known_in_both_are_left_out():
    profile = binned_profile([0.5, np.nan, 0.9, 0.7], [0.4, 0.3, np.nan, 0.6], n_bins=10)
    assert_array_equal(profile.train, [0.5, 0.7])  # as many bins as classes
    assert_array_equal(profile.validation, [0.4, 0.6])
    assert_array_equal(profile.deviation, [0, 0])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: class_accuracies([0, 1], np.eye(2), 3), "predictions has 2 columns where 3 are needed"),
        (lambda: class_accuracies([0, 2], np.eye(2), 2), "codes has 2 in row 1"),
        (
            lambda: binned_profile([0.5, 0.5], [0.5]),
            r"accuracies have shapes \(2,\) and \(1,\); give one number a class",
        ),
        (lambda: binned_profile([0.5], [0.5], n_bins=0), "n_bins is 0; give a whole number of 1 or more"),
        (lambda: binned_profile([0.5], [0.5], n_bins=2.0), "n_bins is 2.0; give"),
        (lambda: binned_profile([np.nan], [0.5]), "no class has both a training and a validation accuracy"),
    ],
)
def test_what_is_no_profile(call, says):
    with pytest.raises(InputError, match=says):
        call()
