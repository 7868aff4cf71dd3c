"""Online label smoothing against its table by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from methods.one_step import HARD, LR, X, Y, bias, linear
from softlabel import InputError, OnlineLabelSmoothing, Plain, TorchClassifier, TorchMultilabelClassifier

EVEN = np.full((3, 3), 1 / 3)


def table(p, old):
    """Return S (3, 3): the mean answer over the rows of each class that are right, where there is one."""
    right = p.argmax(axis=1) == Y
    return np.array([p[right & (c == Y)].mean(axis=0) if (right & (c == Y)).any() else old[c] for c in range(3)])


@pytest.mark.parametrize("share", [0.5, 0.2, 0.0])
def test_two_epochs_by_hand(share):
    start = Plain(linear(lr=1e-30), random_state=0).fit(X, Y)
    first = share * HARD + (1 - share) * EVEN[Y]  # (n, 3) targets of epoch 1
    p = start.predict_proba(X).astype(np.float64)
    one = OnlineLabelSmoothing(linear(), share=share, random_state=0).fit(X, Y)
    assert_allclose(one.label_distributions_, first, atol=1e-6)
    assert_allclose(bias(one) - bias(start), -LR * (p - first).mean(axis=0), atol=1e-6)
    right = p.argmax(axis=1) == Y
    assert 0 < right.sum() < len(Y)
    second = share * HARD + (1 - share) * table(p, EVEN)[Y]
    two = OnlineLabelSmoothing(linear(epochs=2), share=share, random_state=0).fit(X, Y)
    assert_allclose(two.label_distributions_, second, atol=1e-6)
    later = one.predict_proba(X).astype(np.float64)  # answers of epoch 2, before its step
    assert_allclose(bias(two) - bias(one), -LR * (later - second).mean(axis=0), atol=1e-6)
    assert_allclose(two.label_quality_, second[np.arange(24), Y], atol=1e-6)


@pytest.mark.parametrize("targets", [None, 0.7 * HARD + 0.1])
def test_a_share_of_1_is_the_plain_method_to_the_byte(targets):
    network = TorchClassifier("mlp", epochs=4, batch_size=8, device="cpu")
    plain = Plain(network, random_state=0).fit(X, Y, targets=targets)
    whole = OnlineLabelSmoothing(network, share=1, random_state=0).fit(X, Y, targets=targets)
    assert whole.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()
    assert_array_equal(whole.label_distributions_, plain.label_distributions_)
    assert whole.history_ == [{"moved": 0, "change": 0.0}]
    half = OnlineLabelSmoothing(network, random_state=0).fit(X, Y, targets=targets)
    assert half.predict_proba(X).tobytes() != plain.predict_proba(X).tobytes()


def test_rows_of_a_class_share_one_target_and_no_label_is_suggested():
    fitted = OnlineLabelSmoothing(linear(epochs=5), random_state=0).fit(X, Y)
    for c in range(3):
        assert len(np.unique(fitted.label_distributions_[c == Y], axis=0)) == 1
    assert_array_equal(fitted.transduction_, Y)
    assert fitted.history_[0]["change"] == pytest.approx(1 - fitted.label_quality_.mean(), abs=1e-6)
    assert not hasattr(fitted, "suggested_labels_")


def test_true_distributions_are_told_of():
    entry = OnlineLabelSmoothing(linear(), random_state=0).fit(X, Y, reference=HARD).history_[0]
    assert entry["reference_chebyshev"] == pytest.approx(1 / 3, abs=1e-6)  # a sixth to each of the other two


def test_labels_of_several_a_row_are_refused():
    with pytest.raises(InputError, match=r"does not work on an entry from 0 to 1 for each label"):
        OnlineLabelSmoothing(TorchMultilabelClassifier("mlp")).fit(X, np.c_[Y == 0, Y > 0].astype(int))


@pytest.mark.parametrize("share", [-0.1, 1.1, "half", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*; give the weight of the given label, from 0"):
        OnlineLabelSmoothing(linear(), share=share).fit(X, Y)
