"""Progressive self-distillation against epochs by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from methods.one_step import HARD, LR, X, Y, bias, linear
from softlabel import (
    InputError,
    Ordinal,
    Plain,
    ProgressiveDistillation,
    TorchClassifier,
    TorchMultilabelClassifier,
    TorchRegressor,
)


@pytest.mark.parametrize("share", [0.8, 0.3, 1.0])
def test_two_epochs_by_hand(share):
    start = Plain(linear(lr=1e-30), random_state=0).fit(X, Y)
    one = Plain(linear(), random_state=0).fit(X, Y)  # the first epoch trains on the given labels
    before, now = start.predict_proba(X).astype(np.float64), one.predict_proba(X).astype(np.float64)
    targets = (1 - share) * HARD + share * before  # (n, 3) of epoch 2 of 2
    two = ProgressiveDistillation(linear(epochs=2), share=share, random_state=0).fit(X, Y)
    assert_allclose(two.label_distributions_, targets, atol=1e-6)
    assert_allclose(bias(two) - bias(one), -LR * (now - targets).mean(axis=0), atol=1e-6)
    assert_array_equal(two.suggested_labels_, before.argmax(axis=1))
    assert (before.argmax(axis=1) != Y).any()
    assert (two.label_quality_ >= 1 - share - 1e-6).all()


def test_the_share_grows_with_the_epochs():
    four = ProgressiveDistillation(linear(epochs=4, lr=1e-30), share=0.8, random_state=0).fit(X, Y)
    p = four.predict_proba(X)
    assert_allclose(four.label_distributions_, 0.2 * HARD + 0.8 * p, atol=1e-6)
    losses = [row["train_loss"] for row in four.epochs_]  # one linear in the share of answers that never change
    assert_allclose(np.diff(losses)[1:], np.diff(losses)[1], atol=1e-5)
    assert losses[1] - losses[0] == pytest.approx(2 * (losses[2] - losses[1]), abs=1e-5)  # 0 in epoch 1, 2/4 in epoch 2


def test_a_training_that_stopped_early_is_read_by_the_epochs_that_it_had():
    network = linear(epochs=50, lr=1e-30, early_stopping=2, validation_share=0.25)
    fitted = ProgressiveDistillation(network, share=0.8, random_state=0).fit(X, Y)
    epochs = len(fitted.epochs_)
    assert epochs < 10
    trained = np.flatnonzero(fitted.label_quality_ < 1)
    assert len(trained) == 18  # the others were set apart, and keep their labels
    a = 0.8 * epochs / 50
    p = fitted.predict_proba(X)
    assert_allclose(fitted.label_distributions_[trained], ((1 - a) * HARD + a * p)[trained], atol=1e-6)
    assert_array_equal(fitted.suggested_labels_[trained], p.argmax(axis=1)[trained])
    apart = np.setdiff1d(np.arange(len(Y)), trained)
    assert_array_equal(fitted.suggested_labels_[apart], Y[apart])


def test_one_epoch_has_nothing_to_teach():
    fitted = ProgressiveDistillation(linear(), random_state=0).fit(X, Y)
    assert_array_equal(fitted.label_distributions_, HARD)
    assert_array_equal(fitted.suggested_labels_, Y)


@pytest.mark.parametrize(
    ("kind", "labels", "task"),
    [
        (TorchClassifier, Y, None),
        (TorchMultilabelClassifier, np.c_[Y == 0, Y > 0].astype(int), None),
        (TorchRegressor, Y, "ordinal"),
    ],
    ids=["classes", "entries", "grades"],
)
def test_a_share_of_0_is_the_plain_method_to_the_byte(kind, labels, task):
    network = kind("mlp", epochs=4, batch_size=8, device="cpu")
    options = {"task": task, "random_state": 0}
    plain = Plain(network, **options).fit(X, labels)
    none = ProgressiveDistillation(network, share=0, **options).fit(X, labels)
    assert none.predict_targets(X).tobytes() == plain.predict_targets(X).tobytes()
    assert_array_equal(none.label_distributions_, plain.label_distributions_)
    assert_array_equal(none.suggested_labels_, labels)
    some = ProgressiveDistillation(network, **options).fit(X, labels)
    assert some.predict_targets(X).tobytes() != plain.predict_targets(X).tobytes()
    assert some.history_[0]["change"] > 0


def test_grades_below_0_are_numbers_like_others():
    grades = Y - 3
    start = Plain(linear(lr=1e-30, kind=TorchRegressor), task="ordinal", random_state=0).fit(X, grades)
    said = start.predict_targets(X).astype(np.float64)  # within -3 to -1
    network = linear(epochs=2, lr=1e-30, kind=TorchRegressor)
    two = ProgressiveDistillation(network, share=0.5, task="ordinal", random_state=0).fit(X, grades)
    assert_allclose(two.label_distributions_, np.clip(0.5 * grades[:, None] + 0.5 * said, -3, -1), atol=1e-2)
    inside = (said[:, 0] > -3) & (said[:, 0] < -1)
    assert inside.any()
    task = Ordinal.from_labels(grades)
    assert_array_equal(two.suggested_labels_[inside], task.harden(said)[inside])


@pytest.mark.parametrize("share", [-0.1, 1.1, "half", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*; give the weight of the network's own answers"):
        ProgressiveDistillation(linear(), share=share).fit(X, Y)
