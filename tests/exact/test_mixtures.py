"""Gaussian mixtures, whose posterior is known in closed form: which targets come nearest to it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.tree import DecisionTreeClassifier

from softlabel import SoftmaxRegression, StochasticLabelRefinery, smooth_uniform
from softlabel.targets.distance import kl_divergence, squared_euclidean

PAPER = {"final_targets": "refined"}  # and with it the paper's momentum
CENTRES = 1.5 * np.array([[0.0, 1.0], [-0.9, -0.5], [0.9, -0.5]])  # unit variance: classes overlap


def _mixture(n, seed):
    """Return X (n, 2), labels drawn from the posterior (n,), and the posterior (n, 3)."""
    rng = np.random.default_rng(seed)
    X = CENTRES[rng.integers(3, size=n)] + rng.normal(size=(n, 2))
    density = np.exp(-0.5 * ((X[:, None] - CENTRES[None]) ** 2).sum(axis=2))
    posterior = density / density.sum(axis=1, keepdims=True)
    return X, (rng.random(n)[:, None] > posterior.cumsum(axis=1)).sum(axis=1), posterior


def _distances(learner, rounds, seed, **options):
    """Return the mean squared distance to the posterior of four kinds of targets."""
    X, y, posterior = _mixture(600, seed)
    one_hot = np.eye(3)[y]
    options = PAPER | {"random_state": seed} | options
    refined = StochasticLabelRefinery(learner, n_rounds=rounds, **options).fit(X, y)
    single = StochasticLabelRefinery(learner, n_rounds=1, **(options | {"momentum": 0.0})).fit(X, y)
    kinds = {
        "one-hot": one_hot,
        "smoothed": smooth_uniform(one_hot, 0.1),
        "single": single.label_distributions_,
        "refined": refined.label_distributions_,
    }
    return {name: float(squared_euclidean(posterior, targets).mean()) for name, targets in kinds.items()}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_high_variance_learner_gains_by_refinement(seed):
    """A fully grown tree answers with hard labels of its own: only their average over rounds comes near the posterior."""
    found = _distances(DecisionTreeClassifier(), 8, seed)
    assert found["refined"] < 0.7 * min(found["one-hot"], found["smoothed"], found["single"]), found


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_well_specified_learner_is_better_off_with_one_out_of_fold_prediction(seed):
    """The mixture's posterior is a softmax of linear scores: the blend keeps a share of the hard label for nothing."""
    found = _distances(SoftmaxRegression(), 4, seed)
    assert found["single"] < found["refined"] < found["smoothed"] < found["one-hot"], found


def test_the_posterior_is_right():
    X, y, posterior = _mixture(20_000, 0)
    oracle = LinearDiscriminantAnalysis().fit(X, y).predict_proba(X)
    assert kl_divergence(posterior, oracle).mean() < 0.001
