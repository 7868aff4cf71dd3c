from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from softlabel.data.toy import COVARIANCES, MEANS, PRIORS, toy_mixture, toy_posterior
from softlabel.errors import InputError


def test_the_same_seed_draws_the_same_rows():
    X, y = toy_mixture(50, seed=3)
    again, labels = toy_mixture(50, seed=3)
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(y, labels)
    assert not np.array_equal(X, toy_mixture(50, seed=4)[0])
    assert X.shape == (50, 2)
    assert X.dtype == np.float32
    assert y.dtype == np.int64


def test_the_posterior_is_bayes_rule():
    X, _ = toy_mixture(200, seed=1)
    joint = np.column_stack(
        [PRIORS[c] * multivariate_normal(MEANS[c], COVARIANCES[c]).pdf(X.astype(float)) for c in range(3)]
    )
    np.testing.assert_allclose(toy_posterior(X), joint / joint.sum(axis=1, keepdims=True), rtol=1e-10)


def test_labels_follow_the_posterior():
    X, y = toy_mixture(200_000, seed=0)
    posterior = toy_posterior(X)
    n = len(y)
    # Share of each class, and its mean posterior: both estimate the prior, with a standard deviation below 0.0012.
    np.testing.assert_allclose(np.bincount(y) / n, PRIORS, atol=0.005)
    np.testing.assert_allclose(posterior.mean(axis=0), PRIORS, atol=0.005)
    # Calibration: where the posterior of class 0 is near p, a share p of the rows is of class 0.
    near = np.abs(posterior[:, 0] - 0.5) < 0.05
    assert abs((y[near] == 0).mean() - posterior[near, 0].mean()) < 4 * np.sqrt(0.25 / near.sum())


def test_far_away_rows_still_sum_to_one():
    far = toy_posterior([[1e4, -1e4], [0.0, 1e6]])
    np.testing.assert_allclose(far.sum(axis=1), 1)
    assert np.isfinite(far).all()


def test_wrong_input():
    with pytest.raises(InputError, match="at least 1 row"):
        toy_mixture(0)
    with pytest.raises(InputError, match=r"\(n, 2\)"):
        toy_posterior(np.zeros((4, 3)))
