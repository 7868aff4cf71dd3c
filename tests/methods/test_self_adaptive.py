"""Self-adaptive training against two epochs by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from methods.one_step import HARD, LR, X, Y, bias, linear
from softlabel import (
    InputError,
    Plain,
    SelfAdaptiveTraining,
    TorchClassifier,
    TorchMultilabelClassifier,
    TorchRegressor,
)


@pytest.mark.parametrize("momentum", [0.9, 0.3, 0.0])
def test_two_epochs_by_hand(momentum):
    one = Plain(linear(), random_state=0).fit(X, Y)
    p = one.predict_proba(X).astype(np.float64)  # answers of epoch 2, before its step
    q = momentum * HARD + (1 - momentum) * p
    trust = q.max(axis=1)  # (n,)
    two = SelfAdaptiveTraining(linear(epochs=2), start=0.5, momentum=momentum, random_state=0).fit(X, Y)
    assert_allclose(two.label_distributions_, q, atol=1e-6)
    step = -LR * (trust[:, None] * (p - q)).sum(axis=0) / trust.sum()
    assert_allclose(bias(two) - bias(one), step, atol=1e-6)
    said = np.where(np.isclose(q.max(axis=1), q[np.arange(24), Y]), Y, q.argmax(axis=1))
    assert_array_equal(two.suggested_labels_, said)
    assert_array_equal(two.transduction_, said)
    assert two.history_[0]["moved"] == np.count_nonzero(said != Y)
    assert momentum > 0 or (said != Y).any()


def test_weights_of_rows_are_multiplied_by_the_trust():
    weight = np.linspace(0.5, 2.0, len(Y))
    one = Plain(linear(), random_state=0).fit(X, Y, sample_weight=weight)
    p = one.predict_proba(X).astype(np.float64)
    q = 0.5 * HARD + 0.5 * p
    w = weight * q.max(axis=1)
    adapted = SelfAdaptiveTraining(linear(epochs=2), start=0.5, momentum=0.5, random_state=0)
    adapted.fit(X, Y, sample_weight=weight)
    assert_allclose(bias(adapted) - bias(one), -LR * (w[:, None] * (p - q)).sum(axis=0) / w.sum(), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "labels", "task"),
    [
        (TorchClassifier, Y, None),
        (TorchMultilabelClassifier, np.c_[Y == 0, Y > 0].astype(int), None),
        (TorchRegressor, Y, "ordinal"),
    ],
    ids=["classes", "entries", "grades"],
)
def test_labels_that_never_move_are_the_plain_method(kind, labels, task):
    network = kind("mlp", epochs=4, batch_size=8, device="cpu")
    options = {"task": task, "random_state": 0}
    plain = Plain(network, **options).fit(X, labels)
    late = SelfAdaptiveTraining(network, start=1, **options).fit(X, labels)
    assert late.predict_targets(X).tobytes() == plain.predict_targets(X).tobytes()
    assert_array_equal(late.label_distributions_, plain.label_distributions_)
    moving = SelfAdaptiveTraining(network, momentum=0.5, **options).fit(X, labels)
    assert moving.predict_targets(X).tobytes() != plain.predict_targets(X).tobytes()
    assert moving.history_[0]["change"] > 0
    still = SelfAdaptiveTraining(network, momentum=1, **options).fit(X, labels)
    assert_array_equal(still.label_distributions_, plain.label_distributions_)


def test_a_wrong_label_among_many_right_ones_is_found():
    rng = np.random.default_rng(0)
    rows = np.r_[rng.normal(-2, 0.5, (30, 2)), rng.normal(2, 0.5, (30, 2))]
    labels = np.repeat([0, 1], 30)
    labels[[3, 40]] = [1, 0]
    fitted = SelfAdaptiveTraining(linear(epochs=30, lr=0.2), random_state=0).fit(rows, labels)
    assert_array_equal(np.flatnonzero(fitted.suggested_labels_ != labels), [3, 40])


def test_the_loss_of_the_network_is_the_one_that_is_weighted():
    """Both see the same start; the squared earth mover's distance leads elsewhere than cross entropy."""
    one, other = (SelfAdaptiveTraining(linear(epochs=3, loss=loss), random_state=0).fit(X, Y) for loss in (None, "emd"))
    assert one.predict_proba(X).tobytes() != other.predict_proba(X).tobytes()
    assert other.estimator_.loss == "emd"


@pytest.mark.parametrize("name", ["start", "momentum"])
@pytest.mark.parametrize("value", [-0.1, 1.1, "half", None, True, np.nan])
def test_bad_numbers_are_refused(name, value):
    with pytest.raises(InputError, match=rf"{name}=.*; give the (share|weight) of the .*, from 0 to 1"):
        SelfAdaptiveTraining(linear(), **{name: value}).fit(X, Y)
