"""What a network says of stored rows by the statistics of batches, redone by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.transforms.v2 import functional as V

from coloured_pictures import coloured
from learners.training.small_teachers import CPU, X, answered_by_hand, state_bytes, trained
from softlabel import InputError, TorchClassifier
from softlabel.learners.training.teacher_batches import answers_by_batches, answers_resized, of_another_size


@pytest.fixture(scope="module")
def fitted():
    return trained()


def seen(fitted, rows=X):
    return fitted.preparation_.on(CPU, True)(torch.from_numpy(rows), CPU).numpy().astype(np.float64)


@pytest.mark.parametrize(("n", "sizes"), [(40, [8] * 5), (39, [10, 10, 10, 9]), (15, [15]), (8, [8])])
def test_batches_are_drawn_and_as_equal_as_can_be(fitted, n, sizes):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(5)).numpy()
    expected = np.empty((n, 4))
    for part in np.split(order, np.cumsum(sizes)[:-1]):
        expected[part] = answered_by_hand(fitted.network_, seen(fitted)[part])
    found = answers_by_batches(fitted, X[:n], 5)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-5)
    assert np.abs(found - fitted.predict_targets(X[:n])).max() > 0.01


def test_the_seed_draws_and_the_network_stays_as_it_is(fitted):
    before = state_bytes(fitted.network_)
    first = answers_by_batches(fitted, X, 1)
    assert answers_by_batches(fitted, X, 1).tobytes() == first.tobytes()
    assert not np.array_equal(answers_by_batches(fitted, X, 2), first)
    assert state_bytes(fitted.network_) == before


def test_rows_that_lie_by_class_are_labelled_as_shuffled_ones_are(fitted):
    """Batches of one class would have the statistics of that class, and say less of it."""
    y = X[:, 0] > 0
    fitted = trained(rows=np.eye(4)[y.astype(int)], epochs=20)
    order = np.argsort(y, kind="stable")
    sorted_rows = np.array([answers_by_batches(fitted, X[order], seed)[np.argsort(order)] for seed in range(8)])
    shuffled = np.array([answers_by_batches(fitted, X, seed) for seed in range(8)])
    assert np.abs(sorted_rows.mean(axis=0) - shuffled.mean(axis=0)).mean() < 0.03
    x = seen(fitted)[order]
    by_class = np.concatenate([answered_by_hand(fitted.network_, x[i : i + 8]) for i in range(0, 40, 8)])[
        np.argsort(order)
    ]
    assert np.abs(by_class - shuffled.mean(axis=0)).mean() > 0.1  # which is what batches in order would have said


@pytest.mark.parametrize("n", [1, 7])
def test_of_few_rows_it_says_what_it_learned(fitted, n):
    assert np.allclose(answers_by_batches(fitted, X[:n], 0), fitted.predict_targets(X[:n]), atol=1e-6)


def test_a_small_batch_of_its_training_is_none_of_these():
    fitted = trained(batch_size=2)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0)).numpy()
    expected = answered_by_hand(fitted.network_, seen(fitted)[order[:8]])
    assert np.allclose(answers_by_batches(fitted, X, 0)[order[:8]], expected, atol=1e-5)


def test_without_batch_normalisation_it_says_what_it_always_says():
    fitted = trained("mlp", network_options={"hidden": (6,), "dropout": 0.5})
    assert not any("running" in name for name in fitted.network_.state_dict())
    assert np.allclose(answers_by_batches(fitted, X, 0), fitted.predict_targets(X), atol=1e-6)


def test_a_table_is_checked_as_when_it_predicts():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    fitted = trained(x=frame)
    assert answers_by_batches(fitted, frame, 0).tobytes() == answers_by_batches(trained(), X, 0).tobytes()
    with pytest.raises(ValueError, match="feature names"):
        answers_by_batches(fitted, frame[["b", "a", "c"]], 0)
    with pytest.raises(ValueError, match="2 features"):
        answers_by_batches(trained(), X[:, :2], 0)


@pytest.fixture(scope="module")
def of_pictures():
    small, y = coloured(12, side=8)
    large = V.resize(torch.from_numpy(small).permute(0, 3, 1, 2), [12, 12], antialias=True).permute(0, 2, 3, 1).numpy()
    network = TorchClassifier(
        "small_cnn", network_options={"width": 4}, epochs=2, batch_size=8, device="cpu", random_state=0
    )
    return small, large, network.fit(large, y)


def test_pictures_of_another_size_are_brought_to_its_own(of_pictures):
    small, large, fitted = of_pictures
    assert of_another_size(fitted, small)
    assert not of_another_size(fitted, large)
    assert np.allclose(answers_resized(fitted, small), fitted.predict_targets(large), atol=2e-3)
    assert np.allclose(answers_by_batches(fitted, small, 3), answers_by_batches(fitted, large, 3), atol=5e-3)
    assert np.abs(answers_by_batches(fitted, small, 3) - answers_resized(fitted, small)).max() > 0.01


def test_a_network_of_a_size_of_its_own_resizes_as_when_it_predicts(of_pictures):
    small, _, fitted = of_pictures
    own = TorchClassifier("small_cnn", epochs=1, batch_size=8, image_size=16, random_state=0).fit(
        small, np.arange(24) % 2
    )
    assert not of_another_size(own, small)
    assert np.allclose(answers_resized(own, small), own.predict_targets(small), atol=1e-6)


def test_pictures_that_it_cannot_read(of_pictures, fitted):
    small, _, of_these = of_pictures
    assert not of_another_size(of_these, X)
    assert not of_another_size(fitted, small)
    for X_other in (small[..., :1], X):
        with pytest.raises(
            InputError, match=r"^rows have the shape .*, and those of the training had \(3, 12, 12\); give"
        ):
            answers_by_batches(of_these, X_other, 0)
