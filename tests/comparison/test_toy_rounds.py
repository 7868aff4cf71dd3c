"""Targets round by round are those of the refinery."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from softlabel import StochasticLabelRefinery
from softlabel.comparison.toy_rounds import RefinedToy, refine_by_round
from softlabel.comparison.toy_rows import ToyRows
from softlabel.data.toy import toy_posterior
from softlabel.targets.distance import total_variation

KNN = KNeighborsClassifier(5)


@pytest.fixture(scope="module")
def refined():
    return refine_by_round(2, n=90, noise="symmetric:0.3", n_rounds=4, estimator=KNN)


def test_the_last_targets_are_the_refinerys(refined):
    parts = ToyRows(n=90).parts(2, "symmetric:0.3")
    for n_rounds in (1, 4):
        refinery = StochasticLabelRefinery(KNN, n_rounds=n_rounds, final_targets="refined", random_state=2)
        np.testing.assert_array_equal(refined.targets[n_rounds], refinery.fit(parts.X, parts.y).label_distributions_)


def test_it_begins_with_the_given_labels(refined):
    assert refined.targets.shape == (5, 90, 3)
    np.testing.assert_array_equal(refined.targets[0], np.eye(3)[refined.y])
    assert refined.shares_right[0] == (refined.y == refined.y_true).mean() == pytest.approx(0.7)


def test_shares_and_distances_of_each_round(refined):
    for number, targets in enumerate(refined.targets):
        right = [row.argmax() == label for row, label in zip(targets, refined.y_true, strict=True)]
        assert refined.shares_right[number] == pytest.approx(np.mean(right))
        away = total_variation(targets, toy_posterior(refined.X)).mean()
        assert refined.distances[number] == pytest.approx(away)
    assert refined.shares_right[4] > refined.shares_right[0]
    assert refined.distances[4] < refined.distances[0]


def test_rows_are_drawn_again_for_stored_targets(refined):
    again = RefinedToy.drawn_again(2, "symmetric:0.3", refined.targets)
    for name in ("X", "y", "y_true", "targets"):
        np.testing.assert_array_equal(getattr(again, name), getattr(refined, name))


def test_labels_as_drawn_are_all_right():
    refined = refine_by_round(0, n=60, noise="none", n_rounds=0, estimator=KNN)
    assert refined.shares_right.tolist() == [1.0]
    np.testing.assert_array_equal(refined.y, refined.y_true)


def test_options_of_the_refinery_pass():
    kept = refine_by_round(0, n=60, n_rounds=2, estimator=KNN, momentum=1.0)
    np.testing.assert_array_equal(kept.targets[2], kept.targets[0])
