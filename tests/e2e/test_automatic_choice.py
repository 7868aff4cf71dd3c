"""The default from labels to a model: it does no harm to clean ones, and finds those that are wrong."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from simple_learners import Centroids, blobs
from softlabel import StochasticLabelRefinery


def test_clean_separated_labels_stay_and_so_does_the_model():
    X, y = blobs(30, spread=0.4)
    auto = StochasticLabelRefinery(Centroids(), random_state=0).fit(X, y)
    plain = StochasticLabelRefinery(Centroids(), n_rounds=0, random_state=0).fit(X, y)
    assert auto.final_targets_ == "given"
    assert (auto.final_weights_ == 1).all()
    assert np.array_equal(auto.predict_proba(X), plain.predict_proba(X))
    assert (auto.refined_targets_.argmax(axis=1) == y).all()
    assert not auto.label_issues_.is_issue.any()


def test_nine_of_ten_wrong_labels_of_digits_are_found_and_left_out():
    X, true = load_digits(return_X_y=True)
    X, true = X[:700] / 16.0, true[:700]
    rng = np.random.default_rng(0)
    wrong = np.isin(np.arange(700), rng.permutation(700)[:140])
    given = np.where(wrong, (true + rng.integers(1, 10, size=700)) % 10, true)
    auto = StochasticLabelRefinery(LogisticRegression(C=1.0, max_iter=300), random_state=0).fit(X, given)
    assert auto.final_targets_ == "pruned"
    left_out = auto.final_weights_ == 0
    assert left_out[wrong].mean() >= 0.9
    assert left_out[~wrong].mean() < 0.1
    assert auto.label_issues_.is_issue[wrong].mean() >= 0.9
    assert auto.label_issues_.is_issue[~wrong].mean() < 0.05
