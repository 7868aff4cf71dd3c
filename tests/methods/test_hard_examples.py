"""Hard example mining against one step by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from methods.one_step import HARD, LR, X, Y, bias, linear
from softlabel import (
    HardExampleMining,
    InputError,
    Plain,
    TorchClassifier,
    TorchMultilabelClassifier,
    TorchRegressor,
)


@pytest.mark.parametrize(("share", "n_hard"), [(0.5, 12), (0.25, 6), (1 / 24, 1), (1.0, 24)])
def test_one_step_by_hand(share, n_hard):
    start = Plain(linear(lr=1e-30), random_state=0).fit(X, Y)
    p = start.predict_proba(X).astype(np.float64)  # (n, 3)
    hardest = np.argsort(p[np.arange(len(Y)), Y])[:n_hard]  # those whose label is least probable
    stepped = HardExampleMining(linear(), share=share, random_state=0).fit(X, Y)
    assert_allclose(bias(stepped) - bias(start), -LR * (p - HARD)[hardest].mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "labels", "task"),
    [
        (TorchClassifier, Y, None),
        (TorchMultilabelClassifier, np.c_[Y == 0, Y > 0].astype(int), None),
        (TorchRegressor, Y, "ordinal"),
    ],
    ids=["classes", "entries", "grades"],
)
def test_all_rows_are_the_plain_method(kind, labels, task):
    network = kind("mlp", epochs=3, batch_size=8, device="cpu")
    options = {"task": task, "random_state": 0}
    plain = Plain(network, **options).fit(X, labels).predict_targets(X)
    all_rows = HardExampleMining(network, share=1, **options).fit(X, labels)
    assert all_rows.predict_targets(X).tobytes() == plain.tobytes()
    half = HardExampleMining(network, **options).fit(X, labels)
    assert half.predict_targets(X).tobytes() != plain.tobytes()
    assert half.estimator_.hardest == 0.5
    assert_array_equal(half.label_distributions_, Plain(network, **options).fit(X, labels).label_distributions_)


def test_a_loss_of_one_number_is_refused_before_anything_is_fitted():
    with pytest.raises(InputError, match="callable"):
        HardExampleMining(linear(loss=lambda output, targets, weight: output.sum())).fit(X, Y)


@pytest.mark.parametrize("share", [0, -0.1, 1.1, "half", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*; give the share of each batch that counts, above 0"):
        HardExampleMining(linear(), share=share).fit(X, Y)
