"""Weight averaging against the mean of the weights of shorter trainings."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from methods.one_step import HARD, X, Y, linear
from softlabel import InputError, Plain, TorchClassifier, WeightAveraging
from softlabel.learners.torch_learner import network_arrays


def weights(fitted):
    return network_arrays(fitted.estimator_.network_)


@pytest.mark.parametrize(("start", "first"), [(0.0, 1), (0.5, 3), (0.75, 4), (0.99, 4)])
def test_the_mean_of_the_weights_of_the_last_epochs(start, first):
    # At a constant rate a training of e epochs is the beginning of a longer one.
    after = [weights(Plain(linear(epochs=e, batch_size=8), random_state=0).fit(X, Y)) for e in range(1, 5)]
    averaged = weights(WeightAveraging(linear(epochs=4, batch_size=8), start=start, random_state=0).fit(X, Y))
    for name, values in averaged.items():
        assert_allclose(values, np.mean([epoch[name] for epoch in after[first - 1 :]], axis=0), atol=1e-6)
    assert np.abs(after[0]["head.weight"] - after[3]["head.weight"]).max() > 1e-2


def test_the_last_epoch_alone_is_the_plain_method_and_the_steps_are_its_own():
    network = TorchClassifier("mlp", epochs=4, batch_size=8, device="cpu")
    plain = Plain(network, random_state=0).fit(X, Y)
    last = WeightAveraging(network, start=0.9, random_state=0).fit(X, Y)
    assert last.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()
    more = WeightAveraging(network, start=0.0, random_state=0).fit(X, Y)
    assert more.predict_proba(X).tobytes() != plain.predict_proba(X).tobytes()
    assert [row["train_loss"] for row in more.epochs_] == [row["train_loss"] for row in plain.epochs_]
    assert_array_equal(more.label_distributions_, HARD)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"average": "ema"}, r"average='ema', and WeightAveraging would make that 'swa'"),
        ({"swa_start": 0.5}, r"swa_start=0.5, and WeightAveraging would make that 0.6"),
        ({"early_stopping": 3}, r"average='swa' and early_stopping=3"),
    ],
)
def test_other_ways_to_choose_the_weights_are_refused(own, said):
    with pytest.raises(InputError, match=said):
        WeightAveraging(linear(**own), start=0.6).fit(X, Y)


def test_what_the_network_says_itself_already_is_no_conflict():
    said = WeightAveraging(linear(average="swa", swa_start=0.6), start=0.6, random_state=0).fit(X, Y)
    unsaid = WeightAveraging(linear(), start=0.6, random_state=0).fit(X, Y)
    assert said.predict_proba(X).tobytes() == unsaid.predict_proba(X).tobytes()


@pytest.mark.parametrize("start", [1, 1.1, -0.1, "late", None, True, np.nan])
def test_bad_starts_are_refused(start):
    with pytest.raises(InputError, match=r"start=.*; give the share of the epochs before the first"):
        WeightAveraging(linear(), start=start).fit(X, Y)
