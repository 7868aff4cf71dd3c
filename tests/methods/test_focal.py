"""Focal training against one step by hand, and against the network with that loss."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from methods.one_step import HARD, LR, X, Y, bias, linear
from softlabel import (
    FocalTraining,
    InputError,
    Ordinal,
    Plain,
    TorchClassifier,
    TorchMultilabelClassifier,
    TorchRegressor,
)
from softlabel.learners.losses import Focal


def focal(outputs, gamma):
    """Return the mean loss of logits (n, k), as the paper writes it."""
    p = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    p_y = p[np.arange(len(Y)), Y]
    return np.mean(-((1 - p_y) ** gamma) * np.log(p_y))


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_one_step_by_hand(gamma):
    start = Plain(linear(lr=1e-30), random_state=0).fit(X, Y)
    outputs = np.log(start.predict_proba(X).astype(np.float64))  # (n, 3) logits but for a constant in each row
    around = [focal(outputs + h * np.eye(3)[c], gamma) for c in range(3) for h in (1e-5, -1e-5)]
    slope = (np.array(around[::2]) - around[1::2]) / 2e-5  # (3,) of the bias
    stepped = FocalTraining(linear(), gamma=gamma, random_state=0).fit(X, Y)
    assert_allclose(bias(stepped) - bias(start), -LR * slope, atol=1e-6)
    assert stepped.epochs_[0]["train_loss"] == pytest.approx(focal(outputs, gamma), rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "labels"), [(TorchClassifier, Y), (TorchMultilabelClassifier, np.c_[Y == 0, Y > 0, Y == 2].astype(int))]
)
def test_gamma_0_is_the_plain_method_to_rounding(kind, labels):
    network = kind("mlp", epochs=3, batch_size=8, device="cpu")
    plain = Plain(network, random_state=0).fit(X, labels).predict_targets(X)
    assert_allclose(FocalTraining(network, gamma=0, random_state=0).fit(X, labels).predict_targets(X), plain, atol=1e-5)
    far = FocalTraining(network, random_state=0).fit(X, labels).predict_targets(X)
    assert np.abs(far - plain).max() > 1e-2


def test_labels_stay_and_nothing_is_suggested():
    fitted = FocalTraining(linear(), random_state=0).fit(X, Y)
    assert_array_equal(fitted.label_distributions_, HARD)
    assert_array_equal(fitted.transduction_, Y)
    assert fitted.history_ == []
    assert not hasattr(fitted, "suggested_labels_")


def test_the_default_is_the_papers_gamma():
    one, other = (FocalTraining(linear(), random_state=0, **g).fit(X, Y) for g in ({}, {"gamma": 2.0}))
    assert one.predict_proba(X).tobytes() == other.predict_proba(X).tobytes()
    assert one.estimator_.loss == Focal(2.0)


def test_grades_need_the_view_of_distributions():
    with pytest.raises(InputError, match=r"FocalTraining does not work on grades as numbers: .*view distribution"):
        FocalTraining(TorchRegressor("mlp"), task="ordinal").fit(X, Y)
    fitted = FocalTraining(linear(), task=Ordinal.from_labels(Y, view="distribution"), random_state=0).fit(X, Y)
    assert fitted.predict_proba(X).shape == (24, 3)


@pytest.mark.parametrize("gamma", [-0.1, "two", None, True, np.nan, np.inf])
def test_bad_exponents_are_refused(gamma):
    with pytest.raises(InputError, match=r"gamma=.*; give a number of 0 \(cross entropy\) or more"):
        FocalTraining(linear(), gamma=gamma).fit(X, Y)
